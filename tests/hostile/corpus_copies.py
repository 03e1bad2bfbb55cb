"""The same text more than once, and texts that nobody may publish.

What becomes of a copy depends on what else is in the folder: of equal texts the first by name is indexed.
"""

from corpus_case import PROSE, Case, case

# Enough different words that one of them more or less is less than a twentieth of the whole.
_SYLLABLES = ("ba", "ce", "di", "fo", "gu", "la", "me", "ni", "po", "ru", "sa", "te")
LONG = " ".join(a + b + c for a in _SYLLABLES for b in _SYLLABLES for c in _SYLLABLES[:5])
SHORT = "La impresora del segundo piso no imprime en color. Apague y encienda, y avise a soporte si sigue igual."
CODES = "Si aparece el error E-7001, cambie el cable. "

COPIES = [
    case("copies/a-first.md", SHORT, "indexed", why="the first by name of several copies", needle=SHORT),
    case("copies/b-same.md", SHORT, "duplicate", why="the same bytes"),
    case("copies/c-same.txt", SHORT, "duplicate", why="the same text in another format"),
    case("copies/d-spaces.md", f"\n\n{SHORT.replace(' ', '  ')}\r\n", "duplicate", why="other white space"),
    case("copies/e-utf-16.txt", SHORT.encode("utf-16"), "duplicate", why="another encoding"),
    case("copies/f-bom.txt", SHORT.encode("utf-8-sig"), "duplicate", why="a byte order mark"),
    case("copies/g-page.html", f"<p>{SHORT}</p>", "duplicate", why="the same text once the tags are gone"),
    case("copies/sub folder/a-first.md", SHORT, "duplicate", why="the same name in another folder"),
    case("copies/l-first.md", LONG, "indexed", why="the first by name of a long text", needle="bababa"),
    case("copies/m-near.md", LONG.replace("fodiba", "otra"), "near-duplicate", why="one word of it is another one"),
    case("copies/n-near.txt", f"{LONG} y algo más", "near-duplicate", why="a few words more"),
    case("copies/o-number.md", LONG.replace("fodiba", "E-7001"), "indexed", why="a code tells it from the others"),
    case("copies/p-number.md", LONG.replace("fodiba", "E-7002"), "indexed", why="another code: another article"),
    case("copies/q-half.md", LONG[: len(LONG) // 2], "indexed", why="half of a text is another text"),
    case("copies/r-short.md", CODES, "indexed", why="a short text"),
    case("copies/s-short.md", CODES.replace("cable", "router"), "indexed", why="short texts are no near duplicates"),
    case("copies/t-reversed.md", " ".join(reversed(LONG.split())), "indexed", why="the same words in another order"),
]

# Put together here, so that no scanner takes this file for a leak. None of them ever opened anything.
_DIGITS = "0123456789"
_MIXED = "a1B2c3D4e5F6g7H8"
SECRETS = {
    "private-key": "-----BEGIN " + "RSA PRIVATE" + " KEY-----",
    "openssh-key": "-----BEGIN " + "OPENSSH PRIVATE" + " KEY-----",
    "pgp-key": "-----BEGIN " + "PGP PRIVATE" + " KEY BLOCK-----",
    "putty-key": "PuTTY-User-Key" + "-File-2: ssh-rsa",
    "aws": "AKIA" + "QWERTYUIOPASDFGH",
    "github": "ghp_" + "a1B2c3D4e5" * 3 + "f6G7h8",
    "gitlab": "glpat-" + _MIXED + "i9J0",
    "slack": "xoxb-" + "123456789012-" * 2 + _MIXED[:12],
    "slack-hook": "https://hooks." + "slack.com/services/" + "T" + "A1B2C3D4E/B" + "A1B2C3D4E/" + _MIXED + "i9J0k1L2",
    "stripe": "sk_" + "live_" + _MIXED + "i9J0k1L2",
    "jwt": "eyJhbGciOiJIUzI1NiJ9" + ".eyJzdWIiOiJhbmEifQ" + ".c2lnbmF0dXJh",
    "npm": "//registry.npmjs.org/:_authToken=" + "npm_" + _MIXED + _MIXED + "i9J0",
    "sendgrid": "SG." + _MIXED + "i9J0k1" + "." + _MIXED * 2 + "i9J0k1L2m3N",
    "mailchimp": "0123456789abcdef" * 2 + "-us" + "12",
    "telegram": "1234567890:" + "AA" + _MIXED * 2 + "i",
    "twilio": "SK" + "0123456789abcdef" * 2,
    "azure": "AccountKey=" + (_MIXED * 6)[:86] + "==",
    "pypi": "pypi-" + "AgEIcHlwaS5vcmc" + _MIXED * 5,
    "openai": "sk-" + _MIXED + "i9J0" + "T3Blbk" + "FJ" + _MIXED + "i9J0",
    "square": "sq0" + "csp-" + "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQ",
}


def _leak(name: str, secret: str) -> Case:
    return case(
        f"secrets/{name}.md",
        lambda said: f"# Acceso\n\n{PROSE[:60]}\n\nUse esto: {secret}\n\n{said}\n",
        "indexed",
        why="gives access to something",
        secret=True,
    )


LEAKS = [
    *(_leak(name, secret) for name, secret in SECRETS.items()),
    case(
        "secrets/in-code.md",
        lambda said: f"```\nexport KEY={SECRETS['aws']}\n```\n\n{said}\n",
        "indexed",
        why="in a code block",
        secret=True,
    ),
    case(
        "secrets/page.html",
        lambda said: f"<p>{said}<table><tr><td>a<td>{SECRETS['github']}<tr><td>b<td>c</table>",
        "indexed",
        why="in a table of a page",
        secret=True,
    ),
    case("secrets/table.csv", lambda said: f"a,b\n{said},{SECRETS['jwt']}\n", "indexed", why="in a cell", secret=True),
    case(
        "secrets/text.rst",
        lambda said: f"{said}\n\n::\n\n   {SECRETS['stripe']}\n",
        "indexed",
        why="literal",
        secret=True,
    ),
    case(
        "secrets/wide.txt",
        lambda said: f"{said} {SECRETS['slack']}".encode("utf-16"),
        "indexed",
        why="in UTF-16, where no scanner of bytes sees it",
        secret=True,
    ),
]

CASES = [*COPIES, *LEAKS]
