"""What lies in a folder besides documents, and names that no program expects."""

import os
import stat
from collections.abc import Callable
from functools import partial
from pathlib import Path

from corpus_case import SAID, Case, Outcome, case
from support.sockets import make_socket

PAGE = f"# Red\n\n{SAID}\n"


def _special(name: str, make: Callable[[Path], None], expect: Outcome, why: str, needle: str | None = None) -> Case:
    return Case(name, make, frozenset({expect}), why, needle)


def _link(target: str, path: Path) -> None:
    path.symlink_to(target)


def _device(path: Path) -> None:
    """What reads as nothing without end; a pipe, where one may not make devices."""
    try:
        os.mknod(path, stat.S_IFCHR | 0o644, os.makedev(1, 5))
    except PermissionError:
        os.mkfifo(path)


def _forbidden(path: Path) -> None:
    path.write_text("# Red\n\nSolo para root.\n")
    path.chmod(0)


def _sparse(mebibytes: int, path: Path) -> None:
    with path.open("wb") as file:
        file.truncate(mebibytes * 2**20)


def _empty_folder(path: Path) -> None:
    path.mkdir()


# The path of the innermost folder is longer than the system takes, wherever the corpus lies; the one before is not.
_DEEP = [*("d" * 240 for _ in range(16)), "e" * 255]


def _deep_folder(path: Path) -> None:
    """The folder, and a file in it that nobody comes to see."""
    around = os.open(path.parent, os.O_RDONLY)
    os.mkdir(path.name, dir_fd=around)
    folder = os.open(path.name, os.O_RDONLY, dir_fd=around)
    os.close(os.open("unseen.md", os.O_WRONLY | os.O_CREAT, 0o644, dir_fd=folder))
    os.close(folder)
    os.close(around)


KINDS = [
    _special("pipe.md", os.mkfifo, "not-a-regular-file", "reading it would wait for a writer for ever"),
    _special("pipe.pdf", os.mkfifo, "not-a-regular-file", "reading it would wait for a writer for ever"),
    _special("socket.txt", make_socket, "not-a-regular-file", "it cannot be opened"),
    _special("device.csv", _device, "not-a-regular-file", "reading it never ends"),
    _special("/".join(_DEEP), _deep_folder, "not-a-regular-file", "its path is longer than the system takes"),
    _special(
        "forbidden.md",
        _forbidden,
        "indexed" if os.geteuid() == 0 else "unreadable",
        "nobody may read it, apart from root",
    ),
    _special("link-to-file.md", partial(_link, "names/plain.md"), "symlink", "its target is there by itself"),
    _special("link-to-folder", partial(_link, "names"), "symlink", "what is below it would be there twice"),
    _special("link-to-folder.md", partial(_link, "names"), "symlink", "a folder by a document's name"),
    _special("link-to-parent", partial(_link, ".."), "symlink", "following it leaves the folder"),
    _special("link-to-itself.md", partial(_link, "link-to-itself.md"), "symlink", "following it never ends"),
    _special("link-loop-1.md", partial(_link, "link-loop-2.md"), "symlink", "following it never ends"),
    _special("link-loop-2.md", partial(_link, "link-loop-1.md"), "symlink", "following it never ends"),
    _special("link-to-here", partial(_link, "."), "symlink", "a walk that follows it never ends"),
    _special("link-outside.txt", partial(_link, "/etc/passwd"), "symlink", "what is outside is nobody's document"),
    _special("link-to-nothing.pdf", partial(_link, "gone.pdf"), "symlink", "its target is gone"),
    _special("link-to-device.txt", partial(_link, "/dev/zero"), "symlink", "following it never ends"),
    _special("link-to-proc.txt", partial(_link, "/proc/self/environ"), "symlink", "following it tells secrets"),
    _special("link-through-link.md", partial(_link, "link-to-folder/plain.md"), "symlink", "its parent is a link"),
    _special(".hidden-folder", _empty_folder, "hidden", "a hidden folder is one entry and is not walked"),
    case(".hidden.md", PAGE, "hidden", why="programs hide their own files so"),
    case("._plain.md", b"\x00\x05\x16\x07\x00\x02\x00\x00Mac OS X", "hidden", why="what macOS leaves on other disks"),
    case("~$report.docx", b"\x05Redac\x00", "hidden", why="the lock file that Word leaves beside a document"),
    case("folder.pdf/inside.md", PAGE, "indexed", why="a folder by a document's name is a folder"),
    case("folder.md/README", PAGE, "unsupported-format", why="a file without a suffix"),
    _special("over-the-cap.txt", partial(_sparse, 65), "too-large", "larger than the cap, and nothing on the disk"),
    _special("over-the-cap.pdf", partial(_sparse, 65), "too-large", "larger than the cap, and nothing on the disk"),
    _special("over-4-gib.docx", partial(_sparse, 5 * 1024), "too-large", "its size does not fit in 32 bits"),
    _special("under-the-cap.txt", partial(_sparse, 63), "nul-characters", "zeros, just under the cap"),
]


def _named(name: str, why: str, expect: Outcome = "indexed") -> Case:
    return case(f"names/{name}", PAGE, expect, why=why)


NAMES = [
    _named("plain.md", "nothing odd about it; links lead here"),
    _named("two\nlines.md", "a line end ends the entry of a list of files"),
    _named("carriage\rreturn.md", "a terminal writes over what it has written"),
    _named("tab\there.md", "a tab ends a column"),
    _named("escape\x1b[2J\x1b[31m.md", "a terminal takes it for a command"),
    _named("bell\x07\x08\x7f.md", "control characters"),
    _named("c1\x9b31m.md", "a control character above 127, which some terminals obey"),
    _named("not-utf8-\udcff\udcfe.md", "bytes that are not UTF-8"),
    _named("latin1-a\udcf1o.md", "a name in Latin-1"),
    _named("surrogate-\udced\udca0\udc80.md", "a surrogate written as UTF-8, which is not allowed"),
    _named("\\xff.md", "looks like an escaped byte, and is four characters"),
    _named("\udcff.md", "the byte that the one above looks like"),
    _named("back\\slash.md", "a backslash is no separator here"),
    _named("..\\..\\windows.md", "a way up on other systems, and a hidden name on this one", "hidden"),
    _named("\\", "a backslash alone, and no suffix", "unsupported-format"),
    _named("-rf.md", "looks like an option"),
    _named("--help.txt", "looks like an option"),
    _named("-", "means the standard input to many programs", "unsupported-format"),
    _named("ñ" * 126 + ".md", "255 bytes, the longest there is"),
    _named("m" * 252 + ".md", "255 letters"),
    _named("right-to-left-\u202edm.exe.md", "shows its end reversed"),
    _named("isolate-\u2067\u2069\u200f.md", "other marks of direction"),
    _named("zero\u200bwidth\ufeff.md", "characters that nobody sees"),
    _named("tags-\U000e0068\U000e0069.md", "characters that spell a text nobody sees"),
    _named("emoji-👩‍👩‍👧‍👦🏳️‍🌈.md", "one picture of many code points"),
    _named("combining-a" + "\u0301" * 60 + ".md", "sixty accents on a letter"),
    _named("composed-\u00f1.md", "ñ as one code point"),
    _named("composed-n\u0303.md", "ñ as two: the same name to a person, another one to Linux"),
    _named("Twin.md", "differs from the next in case alone"),
    _named("twin.md", "the other one"),
    _named("TWIN.MD", "and a third, its suffix in capitals"),
    _named("space-before .md", "a space before the suffix"),
    _named("space-after.md ", "its suffix is not .md", "unsupported-format"),
    _named("dot-after.md.", "it ends with a dot, so that it has no suffix", "unsupported-format"),
    _named(" leading-space.md", "a space at the beginning"),
    _named(" ", "nothing but a space", "unsupported-format"),
    _named("\u3000\u00a0.md", "white space that is not ASCII"),
    _named("line\u2028separator\u2029.md", "line ends to some programs"),
    _named("next\u0085line.md", "a line end to some programs"),
    _named("quotes'\"`.md", "quotes of every shell"),
    _named("$(touch owned);`id`|&.md", "runs a command where a shell sees it"),
    _named("%n%s%x{0}{source}.md", "fills in a value where it is a format"),
    _named("<script>alert(1)<!--.md", "is run where it is put into a page"),
    _named("'; DROP TABLE chunks; --.md", "is run where it is put into a query"),
    _named("=cmd|calc!A1.md", "is run where a list of sources becomes a sheet"),
    _named("%2e%2e%2fetc%2fpasswd.md", "a way up, to what decodes it"),
    _named("*?[a-z]{b,c}~.md", "matches others where it is a pattern"),
    _named("#anchor?query=1&x.md", "is cut where it is put into an address"),
    _named("file:C:.md", "a drive, a stream, a scheme"),
    _named("NUL.txt", "a device on other systems"),
    _named("a,b;c.md", "separators of lists"),
    _named("CURRENT", "the index's own file is called so", "unsupported-format"),
    _named("manifest.json", "the index's own file is called so", "unsupported-format"),
    _named("double.pdf.md", "the last suffix counts"),
    _named("double.md.exe", "the last suffix counts", "unsupported-format"),
    _named("…/inside\nfolder/\udc80/deep.md", "folders may have such names too"),
]

CASES = [*KINDS, *NAMES]
