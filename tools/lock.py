"""Write locks/*.txt from pyproject.toml. Run it with `make lock`.

pip-compile resolves the requirements. This script adds what pip-compile cannot do:

* It resolves dev.txt first, and the other locks start from its pins, so that all locks agree.
* lowest.txt has each package that pyproject.toml names for users at its lower bound, which must be a release that
  exists.
* It pins torch as its plain release, with the hashes of CPU builds only. The CPU build for Linux has the local version
  "+cpu", which pip-compile would write into the lock, and which no build for macOS has.
* It writes no lock that contains a CUDA package, a URL, or a path of this machine.

Packages keep their pins, unless pyproject.toml no longer allows them; `--upgrade` takes the newest releases.
"""

import argparse
import json
import os
import platform
import re
import subprocess
import sys
import tempfile
import tomllib
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
PYTHON_VERSION = (3, 11)
SELF = "knowligo-index"

LOCKS = ("dev", "build", "reader", "serve", "serve-sign", "lowest", "peers", "stack", "lock", "audit")
"""The first is resolved first, and the others take its pins. A name is that of an extra, or of several with a hyphen
between them."""
LOWEST = "lowest"
FOR_USERS = ("build", "minilm", "serve", "sign")
"""Extras that others than developers install."""
FOR_TESTS = ("hypothesis", "pytest", "pytest-timeout", "reportlab")
"""Of the extra `dev`, what most tests need. Its other packages are left out of lowest.txt: the lower bounds of what
users install must not be raised for a linter."""
GROUPS = ("peers", "stack", "lock", "audit")
"""Locks resolved from the dependency group of the same name, without this package and its dependencies."""

OTHER_TORCH_PLATFORMS = ("macosx_14_0_arm64",)
"""Platforms other than this one whose torch in the package index is a CPU build. Both Linux builds there, for x86_64
and for aarch64, need CUDA."""

TORCH_PIN = re.compile(r"^torch==(?P<release>[0-9.]+)(?P<local>\+\w+)?(?P<hashes>(?: \\\n +--hash=\S+)+)", re.MULTILINE)
LOWER_BOUND = re.compile(r">=(?P<release>[0-9.]+)(?:,<[0-9.]+)?")
FORBIDDEN = re.compile(
    r"^(?:nvidia|cuda|triton)[\w.-]*==|://|--(?:extra-)?index-url|--find-links|file:/| @ ", re.MULTILINE
)


def main() -> None:
    parser = argparse.ArgumentParser(description="Write the lock files from pyproject.toml.")
    parser.add_argument("--upgrade", action="store_true", help="take the newest release of every package")
    parser.add_argument("--extra-index-url", default="", help="an index that has the CPU build of torch")
    arguments = parser.parse_args()
    if sys.version_info[:2] != PYTHON_VERSION or (sys.platform, platform.machine()) != ("linux", "x86_64"):
        sys.exit("The locks can only be written on Linux x86_64 with Python 3.11: run `make lock` there.")

    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    locks = ROOT / "locks"
    seed = "" if arguments.upgrade else _text_or_empty(locks / "dev.txt")
    written: dict[str, str] = {}
    for name in LOCKS:
        compiled = _compile(name, _requirements(project, name), seed, arguments.extra_index_url)
        seed = compiled if name == "dev" else seed
        written[name] = compiled
    release = _torch_release(written["dev"])
    other_digests = [_torch_digest(release, platform_tag) for platform_tag in OTHER_TORCH_PLATFORMS]
    for name, text in written.items():
        finished = _pin_torch(text, other_digests)
        forbidden = FORBIDDEN.search(finished)
        if forbidden:
            sys.exit(
                f"locks/{name}.txt would contain {forbidden.group()!r}: name a package index that has the CPU build "
                "of torch, with --extra-index-url."
            )
        written[name] = finished
    # The files are only replaced after all locks have been checked.
    for name, text in written.items():
        (locks / f"{name}.txt").write_text(text, encoding="utf-8", newline="\n")
        print(f"locks/{name}.txt: {len(re.findall('^[A-Za-z0-9]', text, re.MULTILINE))} packages")


def _requirements(project: dict[str, Any], name: str) -> list[str]:
    """The requirements that the lock `name` is resolved from; extras of this package are replaced by their
    requirements."""
    if name in GROUPS:
        return list(project["dependency-groups"][name])
    extras: dict[str, list[str]] = project["project"]["optional-dependencies"]
    requirements: list[str] = list(project["project"]["dependencies"])
    if name == "reader":
        return requirements
    if name == LOWEST:
        requirements += project["build-system"]["requires"]
        for extra in FOR_USERS:
            requirements += extras[extra]
        requirements += [requirement for requirement in extras["dev"] if requirement.split(">=")[0] in FOR_TESTS]
        return [LOWER_BOUND.sub(r"==\g<release>", requirement) for requirement in requirements]
    # The package is built without build isolation, so the build backend is locked too, except for the image of the
    # service, which gets a wheel.
    if not name.startswith("serve"):
        requirements += project["build-system"]["requires"]
    remaining_extras = name.split("-")
    while remaining_extras:
        for requirement in extras[remaining_extras.pop()]:
            if requirement.startswith(f"{SELF}["):
                remaining_extras += requirement.removeprefix(f"{SELF}[").removesuffix("]").split(",")
            else:
                requirements.append(requirement)
    return requirements


def _compile(name: str, requirements: list[str], seed: str, extra_index_url: str) -> str:
    """The lock that pip-compile writes for these requirements. `seed` is a lock whose pins it keeps where it can."""
    with tempfile.TemporaryDirectory() as folder:
        source = Path(folder, f"{name}.in")
        source.write_text("\n".join(requirements) + "\n", encoding="utf-8")
        target = Path(folder, f"{name}.txt")
        if seed:
            target.write_text(seed, encoding="utf-8")
        command = [sys.executable, "-m", "piptools", "compile", "--quiet", "--generate-hashes"]
        command += ["--allow-unsafe", "--strip-extras", "--annotation-style=line"]
        command += ["--no-emit-index-url", "--no-emit-find-links", "--no-emit-trusted-host"]
        command += [f"--output-file={target.name}", source.name]
        if extra_index_url:
            command.append(f"--extra-index-url={extra_index_url}")
        # Run inside the folder: the annotations then name "dev.in" instead of a path of this machine.
        environment = os.environ | {"CUSTOM_COMPILE_COMMAND": "make lock"}
        subprocess.run(command, cwd=folder, env=environment, check=True)
        return target.read_text(encoding="utf-8").replace(f"-r {source.name}", "pyproject.toml")


def _torch_release(text: str) -> str:
    pin = TORCH_PIN.search(text)
    if pin is None:
        sys.exit("locks/dev.txt would not pin torch: the extra `build` in pyproject.toml must require it.")
    return pin["release"]


def _torch_digest(release: str, platform_tag: str) -> str:
    """The SHA-256 of torch's wheel for another platform, as the package index states it. Nothing is installed."""
    with tempfile.TemporaryDirectory() as folder:
        command = [sys.executable, "-m", "pip", "install", "--quiet", "--dry-run", "--ignore-installed"]
        command += ["--no-deps", "--only-binary=:all:", f"--target={folder}", f"--platform={platform_tag}"]
        command += ["--python-version=3.11", "--report=-", f"torch=={release}"]
        process = subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True)
    report = json.loads(process.stdout)
    return str(report["install"][0]["download_info"]["archive_info"]["hashes"]["sha256"])


def _pin_torch(text: str, other_digests: list[str]) -> str:
    """The lock `text` with torch pinned as its plain release, with the hashes of its CPU builds: those in `text`, and
    `other_digests`."""
    pin = TORCH_PIN.search(text)
    if pin is None:
        return text
    digests = sorted({*re.findall(r"--hash=sha256:(\w+)", pin["hashes"]), *other_digests})
    lines = [f"torch=={pin['release']}", *(f"    --hash=sha256:{digest}" for digest in digests)]
    return text[: pin.start()] + " \\\n".join(lines) + text[pin.end() :]


def _text_or_empty(path: Path) -> str:
    return path.read_text(encoding="utf-8") if path.exists() else ""


if __name__ == "__main__":
    main()
