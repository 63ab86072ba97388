"""A trained model on disk: a folder of ONNX, JSON and Markdown, or a zip of it. Loading it runs no code that it brings.

::

    MODEL/
      manifest.json     what it is: features and their identity, label policy, figures, versions, checksums
      classifier.onnx   features (n, d) → probability of a positive tone
      baseline.npy      how everybody sounds, where voices are judged against their own baseline: float64 (2, d)
      README.md         the model card
      origin.json       where it was pulled from, if it was

`contents` reads files, `manifest` with `schema` and `migrations` says what they may hold, `loading` puts them together, and
`writing` makes them.
"""

from tonewise.bundle.contents import Contents, read_contents
from tonewise.bundle.loading import Bundle, Verified, from_contents, load, verify
from tonewise.bundle.names import LIMITS, MANIFEST, ORIGIN
from tonewise.bundle.writing import check_target, export, fingerprints, parts, save, write_folder

__all__ = [
    "LIMITS",
    "MANIFEST",
    "ORIGIN",
    "Bundle",
    "Contents",
    "Verified",
    "check_target",
    "export",
    "fingerprints",
    "from_contents",
    "load",
    "parts",
    "read_contents",
    "save",
    "verify",
    "write_folder",
]
