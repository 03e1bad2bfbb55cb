"""Which settings there are, and what each of them means."""

from dataclasses import dataclass, field, fields, is_dataclass
from pathlib import Path
from typing import Annotated, Any, get_args, get_type_hints

from msgspec import Meta

from knowligo_index.chunking.options import ChunkingOptions
from knowligo_index.encoders import EncoderOptions
from knowligo_index.gate.options import GateOptions
from knowligo_index.service.options import ServiceOptions
from knowligo_index.sources import SourceOptions
from knowligo_index.sources.duplicates import DuplicateOptions
from knowligo_index.sources.sandbox import SandboxOptions

# Settings of the service that neither open it nor lead a key elsewhere. A new one is not among them by itself.
_SERVICE_SETTINGS_IN_FILE = frozenset(
    {
        "answer_model",
        "answer_seconds",
        "answer_tokens",
        "answers_per_minute",
        "max_concurrent",
        "max_connections",
        "max_question",
        "port",
        "refresh_seconds",
        "searches_per_minute",
    }
)


@dataclass(frozen=True, slots=True)
class Settings:
    """All settings of a build, a search or the service."""

    knowledge: Annotated[Path, Meta(description="Folder with the documents.", extra={"metavar": "DIR"})] = Path(
        "knowledge"
    )
    index: Annotated[Path, Meta(description="Index folder.", extra={"metavar": "DIR"})] = Path("indexes")
    questions: Annotated[
        Path | None,
        Meta(
            description="File of golden questions (JSON Lines); default: questions.jsonl in the knowledge folder.",
            extra={"metavar": "FILE"},
        ),
    ] = None
    threads: Annotated[
        Annotated[int, Meta(ge=1)] | None,
        Meta(
            description="Number of CPU threads; default: OMP_NUM_THREADS, or the number of CPUs that this process may "
            "use."
        ),
    ] = None
    sources: SourceOptions = field(default_factory=SourceOptions)
    sandbox: SandboxOptions = field(default_factory=SandboxOptions)
    duplicates: DuplicateOptions = field(default_factory=DuplicateOptions)
    gate: GateOptions = field(default_factory=GateOptions)
    encoder: EncoderOptions = field(default_factory=EncoderOptions)
    chunking: ChunkingOptions = field(default_factory=ChunkingOptions)
    service: ServiceOptions = field(default_factory=ServiceOptions)

    @property
    def golden_questions(self) -> Path:
        return self.questions or self.knowledge / "questions.jsonl"


@dataclass(frozen=True, slots=True)
class Setting:
    """One setting: where its value is kept, its type, and its description."""

    name: str
    owner: str | None
    """field of Settings that holds the options it belongs to; None for a field of Settings itself"""
    field: str
    """field of those options that holds its value"""
    type: Any
    description: str
    metavar: str
    """what stands for the value in a help text"""
    default: object

    @property
    def may_be_in_file(self) -> bool:
        """Whether knowligo.toml may set it. The file is read from the working directory, which may be a folder of
        documents that others write: it must not decide where keys are sent, who reaches the service, and whom that
        trusts."""
        return self.owner != "service" or self.name in _SERVICE_SETTINGS_IN_FILE


def known_settings() -> dict[str, Setting]:
    """Every setting by name."""
    settings = _settings_of(Settings(), None)
    for part in fields(Settings):
        options = getattr(Settings(), part.name)
        if is_dataclass(options):
            settings += _settings_of(options, part.name)
    return {setting.name: setting for setting in settings}


def settings_in_force(settings: Settings) -> dict[str, object]:
    """The value of every setting of a build by its name; None if it was not set and has no fixed default."""
    return {
        name: getattr(getattr(settings, setting.owner) if setting.owner else settings, setting.field)
        for name, setting in known_settings().items()
        if setting.owner != "service"
    }


def _settings_of(options: Any, owner: str | None) -> list[Setting]:
    hints = get_type_hints(type(options), include_extras=True)
    settings: list[Setting] = []
    for part in fields(options):
        metas = [item for item in get_args(hints[part.name])[1:] if isinstance(item, Meta) and item.description]
        for meta in metas:
            extra = meta.extra or {}
            settings.append(
                Setting(
                    name=extra.get("name", part.name),
                    owner=owner,
                    field=part.name,
                    type=hints[part.name],
                    description=meta.description or "",
                    metavar=extra.get("metavar", "N"),
                    default=getattr(options, part.name),
                )
            )
    return settings
