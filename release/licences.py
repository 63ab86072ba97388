"""Checks that every pinned package may be used in a commercial product: `python release/licences.py requirements/*.txt`.

A licence is read from what a package states of itself, so the packages must be installed (`make test` installs them). What
is allowed is a list; whatever is not on it is an exception with a reason here, or an error.
"""

from __future__ import annotations

import re
import sys
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from importlib import metadata
from pathlib import Path

from packaging.requirements import Requirement

#: Permissive, or (MPL-2.0) binding only those who change the files themselves.
ALLOWED = frozenset(
    {
        "0BSD",
        "Apache-2.0",
        "Apache-2.0 WITH LLVM-exception",
        "BSD-2-Clause",
        "BSD-3-Clause",
        "BSL-1.0",
        "CC0-1.0",
        "CNRI-Python",
        "ISC",
        "MIT",
        "MIT-0",
        "MIT-CMU",
        "MPL-2.0",
        "PSF-2.0",
        "Zlib",
    }
)

#: How packages of before SPDX call them.
SPELLINGS = {
    "3-clause bsd license": "BSD-3-Clause",
    "apache": "Apache-2.0",
    "apache 2.0": "Apache-2.0",
    "apache 2.0 license": "Apache-2.0",
    "apache license": "Apache-2.0",
    "apache license 2.0": "Apache-2.0",
    "apache license v2.0": "Apache-2.0",
    "apache license, version 2.0": "Apache-2.0",
    "apache software license": "Apache-2.0",
    "bsd": "BSD-3-Clause",
    "bsd license": "BSD-3-Clause",
    "isc license (iscl)": "ISC",
    "mit license": "MIT",
    "mozilla public license 2.0 (mpl 2.0)": "MPL-2.0",
    "python software foundation license": "PSF-2.0",
}

#: What is used although its licence is not on the list, or is not told by it; and why that is well.
EXCEPTIONS = {
    "atheris": "Apache-2.0 by its licence file; fuzzing of our own readers only (requirements/fuzz.txt), never shipped",
    "audobject": "MIT by its classifier, though its licence field says otherwise; comes with the extra `egemaps` only",
    "espeakng-loader": "carries espeak-ng, GPL-3.0: the extra `demo` only, in processes of its own, needed by nothing else",
    "namex": "Apache-2.0 by its licence file; comes with the extra `vgg16` only",
    "opensmile": "not for commercial use without a licence of audEERING: the extra `egemaps` only, never by default",
    "psycopg": "LGPL-3.0: the extra `postgres` only, used unchanged through its public interface",
    "psycopg-binary": "LGPL-3.0: the extra `postgres` only, used unchanged through its public interface",
    "soxr": "LGPL-2.1: a library that is loaded, used unchanged through its public interface",
    "textblob-fr": "MIT by the licence file of its source; its metadata hold a copyright line only",
}

#: What wheels carry beside their own code: allowed by what they state, and worth knowing for who passes them on.
CARRIED = {
    "av": "FFmpeg (LGPL-3.0), and on Linux libx264 and libx265 (GPL-2.0), never called: tonewise encodes no video",
    "soundfile": "libsndfile (LGPL-2.1), with LAME and mpg123 (LGPL)",
}


@dataclass(frozen=True, slots=True)
class Finding:
    """What was found of one package; `licence` is "" where it states none, and `reason` is "" where it is simply allowed."""

    package: str
    licence: str
    allowed: bool
    reason: str = ""


def check(files: Iterable[Path]) -> list[Finding]:
    """Judge every package that requirement files pin for this platform and Python, in alphabetical order."""
    names = sorted({requirement.name.lower() for file in files for requirement in pinned(file)})
    return [judge(name, _licence(name)) for name in names]


def _licence(name: str) -> str:
    try:
        return stated(metadata.metadata(name))
    except metadata.PackageNotFoundError:
        return "not installed, so not known"


def pinned(file: Path) -> Iterator[Requirement]:
    """Requirements of a file that hold here."""
    for line in file.read_text(encoding="utf-8").splitlines():
        written = line.partition("#")[0].strip()
        if written and not written.startswith("-"):
            requirement = Requirement(written)
            if requirement.marker is None or requirement.marker.evaluate():
                yield requirement


def judge(package: str, licence: str) -> Finding:
    """Allowed by the list, by an exception with its reason, or not."""
    if package in EXCEPTIONS:
        return Finding(package, licence, True, EXCEPTIONS[package])
    return Finding(package, licence, is_allowed(licence), CARRIED.get(package, ""))


def is_allowed(licence: str) -> bool:
    """Whether an SPDX expression can be met by allowed licences: every part of AND, one of OR."""
    alternatives = [part.strip(" ()") for part in re.split(r"\bOR\b", licence)]
    return any(all(part.strip(" ()") in ALLOWED for part in re.split(r"\bAND\b", each)) for each in alternatives)


def stated(package: metadata.PackageMetadata) -> str:
    """The licence that a package states, as SPDX where that can be told: its expression, classifiers, or free text."""
    fields = dict(package.items())
    if expression := fields.get("License-Expression"):
        return str(expression)
    classifiers = [line.rsplit(" :: ", 1)[-1] for line in package.get_all("Classifier") or [] if line.startswith("Lic")]
    known = [SPELLINGS[name.lower()] for name in classifiers if name.lower() in SPELLINGS]
    if known:
        return " OR ".join(dict.fromkeys(known))
    free = str(fields.get("License", "")).strip()
    first = free.splitlines()[0].strip() if free else ""
    return SPELLINGS.get(first.lower(), first)


def main(files: list[str]) -> int:
    """Print what is not simply allowed; 1 where something may not be used."""
    found = check(map(Path, files))
    for finding in found:
        if finding.reason or not finding.allowed:
            what = finding.reason or "may not be used: not on the list of release/licences.py, and no exception"
            print(f"{finding.package} ({finding.licence or 'no licence stated'}): {what}")
    refused = sum(not finding.allowed for finding in found)
    print(f"{len(found)} packages, {refused} that may not be used")
    return 1 if refused else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
