from dataclasses import replace

from knowligo_index.pseudo_questions import Sample, SampledChunk, pseudo_questions
from knowligo_index.types import Chunk

TEXT = (
    "## Cierre de caja\n\nEl cierre se hace una vez por día. Después se imprime el comprobante y se guarda en la "
    "carpeta de la sucursal, junto con los recibos del turno."
)


def chunk(text: str, headings: tuple[str, ...] = (), breadcrumb: str = "Manual") -> Chunk:
    return Chunk(text, 0, len(text), headings, breadcrumb, None, None, None, None, 10)


def sampled(*chunks: Chunk) -> list[SampledChunk]:
    return [SampledChunk(row, each, "es") for row, each in enumerate(chunks)]


def test_a_sentence_is_asked_for_in_the_passage_without_it() -> None:
    (question,) = pseudo_questions(sampled(chunk(TEXT, ("Cierre de caja",))))
    assert question.question == "El cierre se hace una vez por día."
    assert question.row == 0
    assert "El cierre se hace" not in question.passage.text
    assert "comprobante" in question.passage.text
    assert question.passage.breadcrumb == "Manual"


def test_every_other_passage_is_asked_for_by_its_heading_which_is_nowhere_in_it() -> None:
    under = chunk(TEXT.split("\n\n", 1)[1], ("Cierre de caja",), "Manual > Cierre de caja")
    first, second, third = pseudo_questions(sampled(under, under, chunk(TEXT, ("Cierre de caja",))))
    assert first.question == "El cierre se hace una vez por día."
    assert second.question == "Cierre de caja"
    assert second.passage.breadcrumb == "Manual >  "
    assert second.passage.text == under.text
    assert third.question == "El cierre se hace una vez por día."
    (_, fourth) = pseudo_questions(sampled(chunk("x"), chunk(TEXT, ("Cierre de caja",)), under))
    assert "Cierre de caja" not in fourth.passage.text or fourth.question != "Cierre de caja"


def test_what_leaves_nothing_to_be_found_is_no_question() -> None:
    assert pseudo_questions(sampled(chunk("Una frase de seis palabras sola."))) == []
    assert pseudo_questions(sampled(chunk("| a | b |\n| --- | --- |\n| 1 | 2 |"))) == []
    assert pseudo_questions(sampled(chunk("x = 1\ny = 2"))) == []
    # A heading of one word says too little.
    assert pseudo_questions(sampled(chunk("x = 1\ny = 2", ("Código",)))) == []


def test_only_as_many_as_wanted() -> None:
    many = sampled(*[chunk(f"{TEXT} {number}") for number in range(10)])
    assert len(pseudo_questions(many, 3)) == 3


def test_the_sample_is_the_same_in_any_order() -> None:
    every = [SampledChunk(row, chunk(f"{TEXT} {row}")) for row in range(40)]
    forwards, backwards, whole = Sample(10), Sample(10), Sample(40)
    for each in every:
        forwards.offer(each)
        whole.offer(each)
    for each in reversed(every):
        backwards.offer(each)
    assert forwards.chunks() == backwards.chunks() == whole.chunks()[:10]
    assert len({each.row for each in whole.chunks()}) == 40


def test_of_two_equal_passages_the_first_comes_first() -> None:
    sample = Sample(2)
    for row in (5, 3, 4):
        sample.offer(SampledChunk(row, chunk(TEXT)))
    assert [each.row for each in sample.chunks()] == [3, 4]


def test_most_of_a_sample_stays_when_a_passage_changes() -> None:
    before, after = Sample(10), Sample(10)
    for row in range(40):
        each = chunk(f"{TEXT} {row}")
        before.offer(SampledChunk(row, each))
        after.offer(SampledChunk(row, replace(each, text="otra cosa") if row == 7 else each))
    common = {each.chunk.text for each in before.chunks()} & {each.chunk.text for each in after.chunks()}
    assert len(common) >= 9
