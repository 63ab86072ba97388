"""Classifiers of feature vectors, under the scikit-learn contract, and their ONNX form."""

from tonewise.models.classifiers import create, fit, libraries, names
from tonewise.models.export import OnnxClassifier, to_onnx

__all__ = ["OnnxClassifier", "create", "fit", "libraries", "names", "to_onnx"]
