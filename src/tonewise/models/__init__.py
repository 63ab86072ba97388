"""Classifiers of feature vectors, under the scikit-learn contract, and their ONNX form."""

from tonewise.models.classifiers import create, fit, names
from tonewise.models.export import OnnxClassifier, to_onnx

__all__ = ["OnnxClassifier", "create", "fit", "names", "to_onnx"]
