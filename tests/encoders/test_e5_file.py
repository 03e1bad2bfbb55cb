"""The reader of the embedded encoder's file, on small files of that format."""

import struct
from pathlib import Path

import numpy as np
import pytest
from support.e5_files import HEADS, HIDDEN, INTERMEDIATE, POSITIONS, SPECIAL, q4_0, tensors_of, write_e5_file

from knowligo_index.encoders.e5_file import from_q4_0, read_e5_file
from knowligo_index.encoders.e5_folder import write_model_folder
from knowligo_index.errors import EncoderError

PIECES = ("▁gato", "ñ", "▁🔑", "日本")
SCORES = (-8.5, -9.25, -10.0, -11.0)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return write_e5_file(tmp_path / "model.bin", PIECES, SCORES)


def complaint(path: Path) -> str:
    """What is wrong with the file."""
    with pytest.raises(EncoderError) as refused:
        read_e5_file(path)
    begin, end = f"{path} cannot be read as the embedded encoder (", "): reinstall knowligo-index[build]."
    message = str(refused.value)
    assert (message.startswith(begin), message.endswith(end)) == (True, True), message
    return message.removeprefix(begin).removesuffix(end)


def test_sizes_and_vocabulary_are_read(path: Path) -> None:
    file = read_e5_file(path)
    assert (file.hidden, file.layers, file.heads, file.intermediate) == (HIDDEN, 1, HEADS, INTERMEDIATE)
    assert (file.rows, file.positions, file.token_types) == (9, POSITIONS, 2)
    assert file.epsilon == float(np.float32(1e-5))
    assert file.pieces == (*SPECIAL, *PIECES)
    assert file.scores.tolist() == [0.0, 0.0, 0.0, 0.0, *SCORES]


def test_a_block_is_a_scale_and_32_weights_of_four_bits() -> None:
    # The scale is 1.5 (0x3e00). Byte 0 has weight 0 in its low bits and weight 16 in its high ones, each plus 8.
    block = bytes([0x00, 0x3E, 0x90, *[0x88] * 14, 0x0F])
    expected = [0.0] * 32
    expected[0], expected[16], expected[15], expected[31] = -12.0, 1.5, 10.5, -12.0
    assert from_q4_0(np.frombuffer(block, np.uint8).reshape(1, 1, 18)).tolist() == [expected]


def test_blocks_stand_row_by_row() -> None:
    rows = [([*range(-8, 8)], [*range(7, -9, -1)]), ([3] * 16, [-4] * 16)]
    blocks = [q4_0(scale, [*first, *second]) for first, second in rows for scale in (0.5, -2.0)]
    found = from_q4_0(np.frombuffer(b"".join(blocks), np.uint8).reshape(2, 2, 18))
    expected = [[scale * weight for scale in (0.5, -2.0) for half in row for weight in half] for row in rows]
    assert found.tolist() == expected


def test_tensors_are_found_by_their_names(path: Path) -> None:
    file, written = read_e5_file(path), tensors_of(9)
    kind, _, data = written["emb.pos"]
    assert kind == 0
    assert file.array("emb.pos", POSITIONS, HIDDEN).tobytes() == data
    assert file.array("emb.pos", POSITIONS, HIDDEN).shape == (POSITIONS, HIDDEN)
    assert file.blocks("l0.fo.w", HIDDEN, INTERMEDIATE).tobytes() == written["l0.fo.w"][2]
    assert file.blocks("l0.fo.w", HIDDEN, INTERMEDIATE).shape == (HIDDEN, 2, 18)
    np.testing.assert_array_equal(
        file.matrix("emb.word", 9, HIDDEN), from_q4_0(np.frombuffer(written["emb.word"][2], np.uint8).reshape(9, 1, 18))
    )


@pytest.mark.parametrize("name", ["emb.pos", "l0.q.w", "none"])
def test_a_tensor_of_another_name_kind_or_size_is_reported(path: Path, name: str) -> None:
    file = read_e5_file(path)
    with pytest.raises(EncoderError) as refused:
        file.array(name, 7)
    assert str(refused.value) == (
        f"{path} cannot be read as the embedded encoder (it has no tensor {name} of 7 values): "
        "reinstall knowligo-index[build]."
    )
    with pytest.raises(EncoderError, match=rf"\(it has no tensor {name} of 64 values\)"):
        file.blocks(name, 2, 32)


def test_a_file_that_is_cut_anywhere_is_refused(path: Path, tmp_path: Path) -> None:
    whole, cut = path.read_bytes(), tmp_path / "cut.bin"
    directory = whole.index(b"l0.fo.w") + len(b"l0.fo.w") + struct.calcsize("<BIQQ")
    # Every byte of what is parsed; of the tensors, each of which the directory describes, one in 97.
    for size in [*range(directory + 2), *range(directory + 2, len(whole), 97), len(whole) - 1]:
        cut.write_bytes(whole[:size])
        assert complaint(cut)


def test_no_bit_of_what_is_parsed_makes_another_error(path: Path, tmp_path: Path) -> None:
    """A flipped bit is found by the file's hash; here it must not end the program."""
    whole, flipped = path.read_bytes(), tmp_path / "flipped.bin"
    end = whole.index(b"l0.fo.w") + len(b"l0.fo.w") + struct.calcsize("<BIQQ")
    refused = 0
    for place in range(end):
        for bit in (0, 7):
            flipped.write_bytes(whole[:place] + bytes([whole[place] ^ 1 << bit]) + whole[place + 1 :])
            try:
                read_e5_file(flipped)
            except EncoderError:
                refused += 1
    assert refused > end


def test_what_is_wrong_is_said(path: Path, tmp_path: Path) -> None:
    bad = tmp_path / "bad.bin"
    assert complaint(bad) == f"[Errno 2] No such file or directory: '{bad}'"
    bad.write_bytes(b"")
    assert complaint(bad) == "cannot mmap an empty file"
    for begin in (b"GGUF\x01\0\0\0", b"E5S1\x02\0\0\0"):
        write_e5_file(bad, PIECES, SCORES, begin=begin)
        assert complaint(bad) == "it does not begin with the signature of version 1"
    write_e5_file(bad, PIECES, SCORES, block=64)
    assert complaint(bad) == "its blocks have 64 weights instead of 32"
    for hidden, rows in ((0, 9), (-32, 9), (33, 9), (32, 7)):
        write_e5_file(bad, PIECES, SCORES, hidden=hidden, rows=rows)
        assert complaint(bad) == "its sizes are inconsistent"
    bad.write_bytes(path.read_bytes()[:-1])
    assert complaint(bad) == "its tensor l0.fo.w is incomplete or of an unknown type"
    for tensor in ((2, 4, b"\0" * 16), (0, 4, b"\0" * 12), (1, 64, b"\0" * 18)):
        write_e5_file(bad, PIECES, SCORES, tensors={"emb.pos": tensor})
        assert complaint(bad) == "its tensor emb.pos is incomplete or of an unknown type"


def test_a_file_without_a_tensor_of_the_model_makes_no_folder(tmp_path: Path) -> None:
    tensors = tensors_of(9)
    del tensors["l0.aln.b"]
    path = write_e5_file(tmp_path / "model.bin", PIECES, SCORES, tensors=tensors)
    (tmp_path / "folder").mkdir()
    with pytest.raises(EncoderError, match=r"\(it has no tensor l0\.aln\.b of 32 values\): reinstall"):
        write_model_folder(path, tmp_path / "folder")
