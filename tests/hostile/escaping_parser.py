"""Parsers that try to get out before they parse: for the folder of a `sitecustomize.py` that the processes of parsers
import when they start."""

import json
from pathlib import Path

from support.bad_parser import BAD_PARSER

# These end the process that tries them, there and then.
_DEADLY = {"a system call of 32 bits"}

_CODE = """
import json
from pathlib import Path
import knowligo_index.parsers
from knowligo_index.errors import ParseError
from knowligo_index.sources.sandbox import restrictions

# ESCAPES is beside this file; it is read before a process is restricted.
ESCAPES = {
    name: compile(code, name, "exec")
    for name, code in json.loads((Path(__file__).parent / "escapes.json").read_text()).items()
}
BAD = {}
exec((Path(__file__).parent / "bad.txt").read_text(), BAD)
parse, apply = knowligo_index.parsers.parse, restrictions.Restrictions.apply
restricted = False

def restrict(self):
    global restricted
    missing = apply(self)
    restricted = True
    return missing

def escape_and_parse(source, data):
    if not restricted:
        return parse(source, data)
    succeeded = [name for name, code in ESCAPES.items() if succeeds(code)]
    if succeeded:
        raise ParseError("crashed", f"succeeded: {succeeded}")
    try:
        document = parse(source, data)
    except ParseError as error:
        raise ParseError(error.reason, f"{error.detail} [{len(ESCAPES)} escapes]") from error
    object.__setattr__(document, "warnings", (*document.warnings, f"[{len(ESCAPES)} escapes]"))
    return document

def succeeds(code):
    try:
        exec(code, dict(BAD))
    except BaseException:
        return False
    return True

knowligo_index.parsers.parse = escape_and_parse
restrictions.Restrictions.apply = restrict
"""


def write_escaping_parser(folder: Path, codes: dict[str, str]) -> int:
    """Write it into `folder`, to try these escapes. Returns their number."""
    tried = {name: code for name, code in codes.items() if name not in _DEADLY}
    (folder / "sitecustomize.py").write_text(_CODE)
    (folder / "escapes.json").write_text(json.dumps(tried))
    (folder / "bad.txt").write_text(BAD_PARSER)
    return len(tried)
