"""What a version is made from, found without parsing a document or loading a model: a build of an unchanged folder
does no more, so nothing here imports numpy, FAISS, torch or a parser."""

import os
import time
from dataclasses import dataclass
from pathlib import Path

from knowligo_index import parsers
from knowligo_index.build.digest import content_digest
from knowligo_index.encoders import EncoderModel, find_encoder
from knowligo_index.errors import SettingError
from knowligo_index.evaluation.golden_questions import GoldenQuestion, read_golden_questions
from knowligo_index.settings import Settings
from knowligo_index.sources.inventory import Inventory, take_inventory
from knowligo_index.system.hash_memo import HashMemo
from knowligo_index.system.timestamps import utc_timestamp


@dataclass(frozen=True, slots=True)
class BuildInputs:
    """What a version is made from: known before anything is written, and before the index is locked."""

    inventory: Inventory
    model: EncoderModel
    digest: str
    created_at: str
    questions: tuple[GoldenQuestion, ...] = ()
    """golden questions, if there are any"""


def take_inputs(settings: Settings, memo: HashMemo) -> BuildInputs:
    """Look at every source, at the golden questions and at the model.

    Raises SettingError, KnowledgeError or EncoderError.
    """
    created_at = _now()
    _check_folders(settings)
    questions: tuple[GoldenQuestion, ...] = ()
    if settings.questions is not None or settings.golden_questions.exists():
        questions = tuple(read_golden_questions(settings.golden_questions))
    inventory = take_inventory(
        settings.knowledge, parsers.suffixes(), settings.golden_questions, settings.sources, memo
    )
    model = find_encoder(settings.encoder, memo)
    _check_budget(settings, model)
    return BuildInputs(inventory, model, content_digest(inventory, settings, model, questions), created_at, questions)


def _check_folders(settings: Settings) -> None:
    # Unlike Path.resolve, this raises no error for a link that leads to itself.
    knowledge, index = Path(os.path.realpath(settings.knowledge)), Path(os.path.realpath(settings.index))
    if index.exists() and not index.is_dir():
        raise SettingError(f"--index {settings.index} is a file: name a folder.")
    if index.is_relative_to(knowledge):
        raise SettingError(
            f"--index {settings.index} lies inside the knowledge folder {settings.knowledge}, which would index it: "
            "name a folder elsewhere."
        )


def _check_budget(settings: Settings, model: EncoderModel) -> None:
    options = settings.chunking
    limit = model.description.max_tokens
    budget = options.budget(limit)
    if budget > limit:
        raise SettingError(
            f"--chunk-tokens {budget} is more than encoder {model.description.id} reads: set it to {limit} or less."
        )
    if options.overlap_tokens > budget // 2:
        raise SettingError(
            f"--overlap-tokens {options.overlap_tokens} is more than half of --chunk-tokens {budget}: "
            f"set it to {budget // 2} or less."
        )


def _now() -> str:
    epoch = os.environ.get("SOURCE_DATE_EPOCH")
    try:
        seconds = int(epoch) if epoch is not None else int(time.time())
        return utc_timestamp(seconds)
    except (ValueError, OverflowError, OSError) as error:
        raise SettingError(f"SOURCE_DATE_EPOCH is {epoch!r}: set it to seconds since 1970, or unset it.") from error
