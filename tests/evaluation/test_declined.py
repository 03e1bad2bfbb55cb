"""What `evaluate` and `diff` say of questions that nothing answers, asked of real versions."""

import json
from pathlib import Path

import pytest
from click.testing import CliRunner

from knowligo_index.build import build
from knowligo_index.cli import cli
from knowligo_index.settings import Settings

LINES = [
    {"question": "¿Qué incluye el plan profesional?", "source": "plan.md"},
    {"question": "xyzzy xyzzy xyzzy plugh", "source": "red.md"},
    {"question": "¿xyzzy plugh frotz?", "source": None},
    {"question": "E-4012", "source": None},
]


@pytest.fixture
def versions(settings: Settings, tmp_path: Path) -> tuple[str, str]:
    """Two versions, of which the second has a passage for what nothing answers."""
    (tmp_path / "asked.jsonl").write_text("".join(json.dumps(line) + "\n" for line in LINES))
    first = build(settings).manifest.version
    (settings.knowledge / "nueva.md").write_text("# Nueva\n\nxyzzy plugh frotz frotz plugh xyzzy xyzzy frotz plugh\n")
    return first, build(settings).manifest.version


def run(settings: Settings, *arguments: str) -> str:
    result = CliRunner().invoke(cli, [*arguments, "--index", str(settings.index)], prog_name="knowligo-index")
    assert (result.exit_code, result.stderr) == (0, "")
    return result.stdout


def test_evaluate_counts_them_apart(settings: Settings, versions: tuple[str, str], tmp_path: Path) -> None:
    old, _ = versions
    asked = str(tmp_path / "asked.jsonl")
    found = json.loads(run(settings, "evaluate", asked, "--version", old, "--json"))
    assert found["answerable"] == {"questions": 2, "declined": 1}
    assert found["unanswerable"] == {"questions": 2, "declined": 1}
    assert [(each["source"], each["declined"]) for each in found["questions"]] == [
        ("plan.md", False),
        ("red.md", True),
        (None, True),
        (None, False),
    ]
    beside = json.loads(run(settings, "evaluate", asked, "--against", old, "--json"))
    assert (beside["unanswerable"], beside["unanswerable_against"]) == (
        {"questions": 2, "declined": 0},
        {"questions": 2, "declined": 1},
    )
    assert beside["unanswerable_change"] == {"mean": -0.5, "p": 1.0}
    lexical = json.loads(run(settings, "evaluate", asked, "--mode", "lexical", "--json"))
    assert lexical["unanswerable"] == {"questions": 2, "declined": None}
    text = run(settings, "evaluate", asked, "--against", old)
    assert "  declined\n    wrongly, of those with an answer: 0 of 2  (1 by" in text
    assert f"    rightly, of those without: 0 of 2  -0.500 compared with {old} (p = 1.000, not significant)\n" in text
    assert "¿xyzzy plugh frotz?  (no document answers it; first is nueva.md)\n" in text


def test_evaluate_with_nothing_else_has_no_measures(
    settings: Settings, versions: tuple[str, str], tmp_path: Path
) -> None:
    (tmp_path / "asked.jsonl").write_text(json.dumps(LINES[2]) + "\n")
    asked = str(tmp_path / "asked.jsonl")
    found = json.loads(run(settings, "evaluate", asked, "--against", versions[0], "--json"))
    assert found["measures"] == found["changes"] == {"document": {}, "answer": {}}
    assert run(settings, "evaluate", asked, "--version", versions[0]).splitlines()[1:] == [
        "  declined",
        "    rightly, of those without: 1 of 1",
        "  document answer  question",
        "         -      -  ¿xyzzy plugh frotz?  (no document answers it; declined)",
    ]
    diff = run(settings, "diff", "--questions", asked)
    (line,) = [line for line in diff.splitlines() if line.startswith("  questions  ")]
    assert line.removeprefix("  questions  ") == (
        "1 asked, the rank of the answer changed for 0; rightly declined 1 -> 0 of 1 that no document answers"
    )


def test_diff_counts_them_too(settings: Settings, versions: tuple[str, str], tmp_path: Path) -> None:
    asked = str(tmp_path / "asked.jsonl")
    markdown = run(settings, "diff", "--questions", asked, "--format", "markdown")
    (line,) = [line for line in markdown.splitlines() if line.startswith("Questions: ")]
    assert line.startswith("Questions: 4 asked, ")
    assert line.endswith("; wrongly declined 1 -> 0 of 2; rightly declined 1 -> 0 of 2 that no document answers")
    found = json.loads(run(settings, "diff", "--questions", asked, "--json"))["questions"]
    assert (found["unanswerable_before"], found["unanswerable_after"]) == (
        {"questions": 2, "declined": 1},
        {"questions": 2, "declined": 0},
    )
