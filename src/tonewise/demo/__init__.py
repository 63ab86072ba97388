"""The demo: a synthetic four-language corpus whose tone is known, spoken by espeak-ng (extra `demo`)."""

from tonewise.demo.corpus import DemoCorpus, make_corpus

__all__ = ["DemoCorpus", "make_corpus"]
