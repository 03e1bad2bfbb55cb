"""A whole build over documents of every kind: what becomes of each, and what the gate makes of it."""

import os
from dataclasses import replace
from pathlib import Path

import pytest
from support.random_words import random_words

from knowligo_index import open_index
from knowligo_index.build import build
from knowligo_index.gate.options import GateOptions
from knowligo_index.settings import Settings
from knowligo_index.sources.ledger import of_sources
from knowligo_index.sources.sandbox import SandboxOptions

SECRET = "AKIA" + "QWERTYUIOPASDFGH"


def outcome(settings: Settings) -> dict[str, str | None]:
    """The reason of each source that is in the knowledge folder now, None for one that is indexed."""
    result = build(settings)
    entries = of_sources(result.ledger)
    counts = result.documents
    assert len(entries) == counts.indexed + counts.skipped + counts.quarantined
    return {entry.source: entry.reason for entry in entries}


@pytest.fixture
def folder(settings: Settings) -> Path:
    """The knowledge folder, with the one good document it always has."""
    for path in sorted(settings.knowledge.rglob("*"), reverse=True):
        path.rmdir() if path.is_dir() else path.unlink()
    (settings.knowledge / "plan.md").write_text("# Plan\n\nEl plan profesional incluye soporte.\n")
    return settings.knowledge


def test_every_format_is_found_again(settings: Settings, folder: Path) -> None:
    (folder / "vpn.html").write_text("<title>VPN</title><nav>Inicio</nav><h1>Túnel</h1><p>La llave vence en marzo.</p>")
    (folder / "red.rst").write_text("Router\n======\n\nReinicie el router azul.\n")
    (folder / "errores.csv").write_text("código,causa\nE-4012,cable\n")
    (folder / "notas.txt").write_bytes("La contraseña del teléfono se cambia en mañana próxima.".encode("cp1252"))
    os.mkfifo(folder / "tubo.md")
    assert outcome(settings) == {
        **dict.fromkeys(("errores.csv", "notas.txt", "plan.md", "red.rst", "vpn.html")),
        "tubo.md": "not-a-regular-file",
    }
    with open_index(settings.index) as index:
        for question, source, headings in (
            ("llave marzo", "vpn.html", ("Túnel",)),
            ("router azul", "red.rst", ("Router",)),
            ("E-4012", "errores.csv", ()),
            ("contraseña teléfono", "notas.txt", ()),
        ):
            hit = index.search(question, 1, "lexical")[0]
            assert (hit.source, hit.headings) == (source, headings)


def test_a_text_is_indexed_once(settings: Settings, folder: Path) -> None:
    text = " ".join(random_words(1))
    (folder / "a.txt").write_text(text)
    (folder / "b.txt").write_text(f"{text} fin")
    (folder / "c.txt").write_text(f"\ufeff{text}\n")
    result = build(settings)
    entries = {entry.source: entry for entry in result.ledger}
    assert [(entries[name].reason, entries[name].duplicate_of) for name in ("a.txt", "b.txt", "c.txt")] == [
        (None, None),
        ("near-duplicate", "a.txt"),
        ("duplicate", "a.txt"),
    ]
    assert entries["b.txt"].detail == "99.7% the same as a.txt"


def test_a_secret_stops_the_publish_unless_it_is_allowed(settings: Settings, folder: Path) -> None:
    (folder / "acceso.md").write_text(f"# Acceso\n\nUse {SECRET}.\n")
    refused = build(settings)
    assert (refused.status, refused.made, settings.index.joinpath("CURRENT").exists()) == ("refused", None, False)
    assert [refusal.code for refusal in refused.refusals] == ["secrets-found"]
    assert refused.refusals[0].sentence == (
        "a secret in the documents: remove and replace it, or allow it with --allow-secrets "
        "(acceso.md, line 3: AWS Access Key)."
    )
    assert SECRET not in repr(refused)
    assert [path for path in settings.index.rglob("*") if path.is_file() and SECRET.encode() in path.read_bytes()] == []
    allowed = build(replace(settings, gate=GateOptions(allow_secrets=True)))
    assert allowed.status == "published"


def test_a_file_that_takes_too_long_is_tried_again_by_the_next_build(settings: Settings, folder: Path) -> None:
    (folder / "lento.html").write_text("<p hidden>" + "<b>nota</b> " * 300_000 + "</p><p>fin</p>")
    hasty = replace(settings, sandbox=SandboxOptions(parse_seconds=1))
    first = build(hasty)
    assert {entry.source: entry.reason for entry in first.ledger} == {"lento.html": "timed-out", "plan.md": None}
    assert build(hasty).status == "unchanged"
    patient = build(settings)
    assert (patient.status, patient.documents.indexed) == ("published", 2)
    assert build(settings).status == "unchanged"
