from pathlib import Path

import pytest

from knowligo_index.errors import KnowledgeError
from knowligo_index.evaluation.golden_questions import GoldenQuestion, read_golden_questions


def test_one_question_a_line_blank_lines_left_out(tmp_path: Path) -> None:
    path = tmp_path / "questions.jsonl"
    path.write_bytes(
        '{"question": "¿Qué incluye?", "source": "plan.md", "contains": "24 horas"}\r\n\n  \n'
        '{"source": "red.md", "question": "uno\u2028dos"}'.encode()
    )
    assert read_golden_questions(path) == [
        GoldenQuestion("¿Qué incluye?", "plan.md", "24 horas"),
        GoldenQuestion("uno\u2028dos", "red.md", None),
    ]


@pytest.mark.parametrize(
    "line",
    [
        b'{"question": "x", "source": null, "contains": "y"}',
        b'{"question": "x", "source": null, "also": ["y.md"]}',
        b"{",
        b"[]",
        b'{"question": "x"}',
        b'{"question": 1, "source": "a.md"}',
        b'{"question": "\xff", "source": "a"}',
    ],
)
def test_a_line_that_is_no_question_is_named(tmp_path: Path, line: bytes) -> None:
    path = tmp_path / "questions.jsonl"
    path.write_bytes(b'{"question": "x", "source": "a.md"}\n\n' + line + b"\n")
    with pytest.raises(KnowledgeError) as refused:
        read_golden_questions(path)
    assert str(refused.value).startswith(f"{path}, line 3, is not a golden question (")
    assert str(refused.value).endswith(
        '): write {"question": ..., "source": ...}, with a source of null if no document answers it.'
    )


def test_a_misspelt_key_is_named(tmp_path: Path) -> None:
    path = tmp_path / "questions.jsonl"
    path.write_text('{"question": "x", "sorce": "a.md"}\n')
    with pytest.raises(KnowledgeError) as refused:
        read_golden_questions(path)
    assert "(Object missing required field `source`; `sorce` is not a key of one): write {" in str(refused.value)


def test_nothing_may_answer_a_question(tmp_path: Path) -> None:
    path = tmp_path / "questions.jsonl"
    path.write_text('{"question": "¿Va a llover?", "source": null}\n')
    (question,) = read_golden_questions(path)
    assert question == GoldenQuestion("¿Va a llover?", None)
    assert question.judged_name("a.md") is None
    assert not question.is_answered_by("a.md", "¿Va a llover?")


def test_what_nothing_answers_has_no_text_that_answers(tmp_path: Path) -> None:
    path = tmp_path / "questions.jsonl"
    path.write_text('{"question": "x", "source": null, "contains": "y"}\n')
    with pytest.raises(
        KnowledgeError, match="`contains` describes an answer, and a source of null says that there is none"
    ):
        read_golden_questions(path)


def test_a_file_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(KnowledgeError) as refused:
        read_golden_questions(tmp_path / "none.jsonl")
    assert str(refused.value) == (
        f"cannot read the golden questions {tmp_path / 'none.jsonl'} (no such file or directory): name another file."
    )
