"""No text makes a regular expression of the package slow: each takes time in proportion to the length of the text."""

import ast
import importlib
import pkgutil
import re
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

import knowligo_index

PACKAGE = Path(knowligo_index.__file__).parent
METHODS = ("search", "match", "fullmatch", "sub", "split", "findall", "finditer")

# At this length a pattern whose time grows with the square of the length takes a second, and the slowest of the others
# some hundredths of one.
LENGTH = 8_000
MAX_SECONDS = 0.3

PIECES = (
    *" \t\n\r\x0b\xa0aAéß1[](){}<>|,;.:-_*+`\\/#=%$&@!?'\"~^†【】",
    *("a ", "1 ", "1,", "1, ", "[1,", "a-", "a.", "1.", "1. ", ". ", "a=", "a_", "a\n", " \n", "- ", "| ", "(1", "&#"),
    *("<a ", "<!", "<!--", "-->", "--", "//", "::", ".. ", "```", "``", "{#a", "{:", "\\x", "\r\n", "http://", "aé-"),
)


@dataclass(frozen=True)
class Used:
    """A pattern, and a method that the package calls with text."""

    place: str
    pattern: re.Pattern[str] | re.Pattern[bytes]
    method: str


def patterns() -> Iterator[Used]:
    sources = {path: path.read_text(encoding="utf-8") for path in PACKAGE.rglob("*.py")}
    everything = "\n".join(sources.values())
    for path, source in sources.items():
        place = path.relative_to(PACKAGE).as_posix()
        for node in ast.walk(ast.parse(source)):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.args:
                owner, pattern = node.func.value, node.args[0]
                is_direct = isinstance(owner, ast.Name) and owner.id == "re" and node.func.attr in METHODS
                if is_direct and isinstance(pattern, ast.Constant) and isinstance(pattern.value, str):
                    yield Used(f"{place}:{node.lineno}", re.compile(pattern.value), node.func.attr)
    for info in pkgutil.walk_packages(knowligo_index.__path__, "knowligo_index."):
        module = importlib.import_module(info.name)
        for name, value in vars(module).items():
            if isinstance(value, re.Pattern):
                # A private name is used in its own module alone.
                source = sources[Path(str(module.__file__))] if name.startswith("_") else everything
                for method in METHODS:
                    if re.search(rf"\b{name}\.{method}\b", source):
                        yield Used(f"{info.name}.{name}", value, method)


def attacks(pattern: str) -> Iterator[str]:
    literals = {character for character in re.sub(r"\\.", "", pattern) if character.isprintable()}
    for piece in {*PIECES, *literals}:
        text = (piece * (LENGTH // len(piece) + 1))[:LENGTH]
        yield text
        yield text + "\0"
        yield "[" + text + "\0"


USED = {(used.pattern, used.method): used for used in patterns()}


@pytest.mark.parametrize("used", USED.values(), ids=lambda used: f"{used.place} {used.method}")
def test_no_text_makes_it_slow(used: Used) -> None:
    is_text = isinstance(used.pattern.pattern, str)
    source = used.pattern.pattern if isinstance(used.pattern.pattern, str) else used.pattern.pattern.decode("latin-1")
    for attack in attacks(source):
        text = attack if is_text else attack.encode("utf-8")
        # Once more, because the interpreter may collect its garbage just then.
        seconds = seconds_of(used, text)
        if seconds >= MAX_SECONDS:
            seconds = seconds_of(used, text)
        assert seconds < MAX_SECONDS, f"{attack[:8]!r} repeated"


def seconds_of(used: Used, text: str | bytes) -> float:
    """CPU time of the method."""
    started = time.process_time()
    call = getattr(used.pattern, used.method)
    result = call("" if isinstance(text, str) else b"", text) if used.method == "sub" else call(text)
    if used.method == "finditer":
        list(result)
    return time.process_time() - started
