"""Write the table of packages in THIRD_PARTY_NOTICES.md from the locks and from what the installed packages say of
themselves. Run it with `make notices`; without `--write` it only says whether the table is up to date.

The rest of that page is written by people: models, data and the libraries inside wheels have no metadata. A package
that states no licence in a form that can be compared is read by people, too, and entered in `READ_BY_HAND` here.
"""

import argparse
import re
import sys
from importlib.metadata import Distribution, distribution
from pathlib import Path

from packaging.licenses import canonicalize_license_expression

ROOT = Path(__file__).resolve().parent.parent
PAGE = ROOT / "THIRD_PARTY_NOTICES.md"
BEGIN, END = "<!-- packages: written by tools/notices.py -->\n", "<!-- end of packages -->\n"

IMAGES = {"service": "serve", "builder": "build"}
"""the lock of each image"""

ACCEPTED = {
    "0BSD",
    "Apache-2.0",
    "Apache-2.0 WITH LLVM-exception",
    "BSD-2-Clause",
    "BSD-3-Clause",
    "BSL-1.0",
    "CC0-1.0",
    "CNRI-Python",
    "ISC",
    "LicenseRef-Public-Domain",
    "MIT",
    "MIT-0",
    # For the files of the package itself, which images hold unchanged.
    "MPL-2.0",
    "PSF-2.0",
    "Zlib",
}
"""Licences that allow what this project does: use, and redistribution in images. Another one must be read first."""

NAMES = {
    "Apache 2.0 License": "Apache-2.0",
    "Apache License, Version 2.0": "Apache-2.0",
    "ISC License": "ISC",
    "MIT License": "MIT",
    "OSI Approved :: Apache Software License": "Apache-2.0",
}
"""Of the field `License`, names that mean one licence and are no SPDX expression."""

READ_BY_HAND = {
    "cronsim": "BSD-3-Clause",
    "detect-secrets": "Apache-2.0",
    # Python files that the wheel has: public domain, but for those that licenses/COPYING.rst lists. The file under the
    # GPL that it names, for an editor, is not in the wheel.
    "docutils": "LicenseRef-Public-Domain AND BSD-2-Clause AND BSD-3-Clause",
    "ir-measures": "Apache-2.0",
    "jinja2": "BSD-3-Clause",
    "markdown-it-py": "MIT",
    "mdit-py-plugins": "MIT",
    "mdurl": "MIT",
    "mpmath": "BSD-3-Clause",
    "pypdfium2": "BSD-3-Clause AND Apache-2.0",
    "pytrec-eval-terrier": "MIT",
    "robust-downloader": "Apache-2.0",
    "safetensors": "Apache-2.0",
    "scipy": "BSD-3-Clause",
    "sympy": "BSD-3-Clause",
    "tinycss2": "BSD-3-Clause",
    "tokenizers": "Apache-2.0",
    "webencodings": "BSD-3-Clause",
}
"""Licences of packages whose metadata names none, or names it in words: as their licence files say, or, where the wheel
has none, the classifiers in their metadata."""


def main() -> None:
    parser = argparse.ArgumentParser(description="Write the table of packages in THIRD_PARTY_NOTICES.md.")
    parser.add_argument("--write", action="store_true", help="write the page instead of comparing it")
    arguments = parser.parse_args()
    text = PAGE.read_text(encoding="utf-8")
    try:
        expected = with_table(text)
    except ValueError as error:
        sys.exit(str(error))
    if arguments.write:
        PAGE.write_text(expected, encoding="utf-8", newline="\n")
    elif text != expected:
        sys.exit(f"{PAGE.name} is not up to date with the locks: run `make notices`.")


def with_table(text: str) -> str:
    """The page `text` with the table as the locks and the installed packages give it. Raises ValueError if a package
    has a licence that nobody has accepted, or no licence file and no place in the page."""
    before, _, rest = text.partition(BEGIN)
    _, found, after = rest.partition(END)
    if not found:
        raise ValueError(f"{PAGE.name} must have the two comments between which the table of packages is.")
    names = {image: locked(lock) for image, lock in IMAGES.items()}
    lines = ["| package | licence | service | builder |", "| --- | --- | --- | --- |"]
    for name in sorted(set().union(*names.values())):
        package = distribution(name)
        licence = licence_of(name, package)
        if not has_licence_file(package) and f"`{name}`" not in before:
            raise ValueError(
                f"The wheel of {name} has no licence file: read its licence at its source, and enter it in "
                f"{PAGE.name}, Texts that wheels lack."
            )
        marks = ["yes" if name in names[image] else "no" for image in IMAGES]
        lines.append(f"| [{name}](https://pypi.org/project/{name}/) | {licence} | {' | '.join(marks)} |")
    return before + BEGIN + "\n" + "\n".join(lines) + "\n\n" + END + after


def locked(lock: str) -> set[str]:
    """The names of the packages in a lock."""
    text = (ROOT / "locks" / f"{lock}.txt").read_text(encoding="utf-8")
    return set(re.findall(r"^([a-z0-9][a-z0-9._-]*)==", text, re.MULTILINE))


def licence_of(name: str, package: Distribution) -> str:
    """The licence of a package as an SPDX expression. Raises ValueError if it is not among those that are accepted."""
    metadata = package.metadata
    stated = metadata["License"].strip() if "License" in metadata else ""
    if "License-Expression" in metadata:
        licence = metadata["License-Expression"]
    else:
        licence = READ_BY_HAND.get(name) or NAMES.get(stated, stated)
    try:
        licence = canonicalize_license_expression(licence)
    except ValueError as error:
        raise ValueError(
            f"{name} states its licence as {stated[:60]!r}: read it, and enter it in READ_BY_HAND in tools/notices.py."
        ) from error
    unknown = set(re.split(r" AND | OR |[()]", licence)) - ACCEPTED - {""}
    if unknown:
        raise ValueError(
            f"{name} is under {', '.join(sorted(unknown))}: read whether this licence allows the images to be "
            "distributed, and enter it in ACCEPTED in tools/notices.py, or do without the package."
        )
    return licence


def has_licence_file(package: Distribution) -> bool:
    """Whether the installed package has the text of its licence in its metadata folder."""
    pattern = re.compile(r"\.dist-info/(?:licenses/.+|(?i:licen[cs]e|copying)[^/]*)$")
    return any(pattern.search(str(file)) for file in package.files or [])


if __name__ == "__main__":
    main()
