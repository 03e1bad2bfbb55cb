"""Settings: flag > environment (KNOWLIGO_*) > knowligo.toml > default. An unknown key is an error.

One name serves everywhere: `--chunk-tokens`, `KNOWLIGO_CHUNK_TOKENS`, `chunk_tokens = 200`. The options of each
stage are a dataclass beside it; those of its fields that carry a description are settings.
"""

import difflib
import os
import tomllib
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, fields, is_dataclass
from pathlib import Path
from typing import Annotated, Any, get_args, get_type_hints

import msgspec
from msgspec import Meta

from knowligo_index.chunking.options import ChunkingOptions
from knowligo_index.encoders import EncoderOptions
from knowligo_index.errors import SettingError
from knowligo_index.gate.rules import GateOptions
from knowligo_index.service.options import ServiceOptions
from knowligo_index.sources.duplicates import DuplicateOptions
from knowligo_index.sources.inventory import SourceOptions
from knowligo_index.sources.sandbox import SandboxOptions

CONFIG_FILE = "knowligo.toml"
PREFIX = "KNOWLIGO_"


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
            description="Golden questions (JSON Lines); default: questions.jsonl in the knowledge folder.",
            extra={"metavar": "FILE"},
        ),
    ] = None
    threads: Annotated[
        Annotated[int, Meta(ge=1)] | None,
        Meta(description="CPU threads; default: OMP_NUM_THREADS, else the CPUs this process may use."),
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
    """One key: where its value goes, its type, and what a person reads about it."""

    name: str
    owner: str | None
    """field of Settings that holds the options it belongs to; None for a field of Settings itself"""
    field: str
    type: Any
    description: str
    metavar: str
    """what stands for the value in a help text"""
    default: object


def known_settings() -> dict[str, Setting]:
    """Every setting by name."""
    found = _settings_of(Settings(), None)
    for part in fields(Settings):
        options = getattr(Settings(), part.name)
        if is_dataclass(options):
            found += _settings_of(options, part.name)
    return {setting.name: setting for setting in found}


def settings_in_force(settings: Settings) -> dict[str, object]:
    """The value of every setting of a build by its name; None where none was given and there is no fixed default."""
    return {
        name: getattr(getattr(settings, setting.owner) if setting.owner else settings, setting.field)
        for name, setting in known_settings().items()
        if setting.owner != "service"
    }


def load_settings(
    flags: Mapping[str, object], environment: Mapping[str, str] = os.environ, folder: Path = Path()
) -> Settings:
    """Settings from `flags` (None: not given), the environment, knowligo.toml in `folder`, and the defaults.

    Raises SettingError, naming the key and where it stands, for an unknown key or a value of the wrong kind.
    """
    known = known_settings()
    values: dict[str, Any] = {}
    for given in _given(flags, environment, folder):
        setting = known.get(given.name)
        if setting is None:
            close = difflib.get_close_matches(given.name, known, n=1)
            hint = f"did you mean {given.spell(close[0])}?" if close else f"settings are {', '.join(sorted(known))}."
            raise SettingError(f"{given.spell(given.name)} {given.origin} is not a setting: {hint}")
        try:
            # Text (a flag, a variable) may stand for a number; in TOML a number is written as one.
            strict = not given.is_text
            values[given.name] = msgspec.convert(given.value, setting.type, strict=strict, dec_hook=_to_path)
        except msgspec.ValidationError as error:
            raise SettingError(
                f"{given.spell(given.name)} {given.origin} is {given.value!r}, and that is wrong: "
                f"{_plainly(error)}. {setting.description}"
            ) from error
    parts: dict[str | None, dict[str, Any]] = {}
    for name, value in values.items():
        parts.setdefault(known[name].owner, {})[known[name].field] = value
    return Settings(
        **parts.get(None, {}),
        sources=SourceOptions(**parts.get("sources", {})),
        sandbox=SandboxOptions(**parts.get("sandbox", {})),
        duplicates=DuplicateOptions(**parts.get("duplicates", {})),
        gate=GateOptions(**parts.get("gate", {})),
        encoder=EncoderOptions(**parts.get("encoder", {})),
        chunking=ChunkingOptions(**parts.get("chunking", {})),
        service=ServiceOptions(**parts.get("service", {})),
    )


@dataclass(frozen=True, slots=True)
class _Given:
    """A value that somebody gave."""

    name: str
    value: object
    origin: str
    """where it stands, for the error"""
    spell: Callable[[str], str]
    """how a setting is written there"""
    is_text: bool


def _given(flags: Mapping[str, object], environment: Mapping[str, str], folder: Path) -> list[_Given]:
    """What was given, in ascending order of precedence."""
    path = folder / CONFIG_FILE
    table: dict[str, object] = {}
    try:
        table = tomllib.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        pass
    except PermissionError as error:
        raise SettingError(
            f"{path.absolute()} cannot be looked for (permission denied): run this in a folder that you may read, such "
            "as /."
        ) from error
    except (OSError, ValueError) as error:
        raise SettingError(f"{path} cannot be read as TOML ({error}): mend it or remove it.") from error
    return [
        *(_Given(key, value, f"in {path}", str, is_text=False) for key, value in table.items()),
        *(
            _Given(key.removeprefix(PREFIX).lower(), value, "in the environment", _as_variable, is_text=True)
            for key, value in environment.items()
            if key.startswith(PREFIX)
        ),
        *(
            _Given(key, value, "on the command line", as_flag, is_text=True)
            for key, value in flags.items()
            if value is not None
        ),
    ]


def as_flag(name: str) -> str:
    """`chunk_tokens` as it is written on the command line."""
    return f"--{name.replace('_', '-')}"


def _as_variable(name: str) -> str:
    return f"{PREFIX}{name.upper()}"


def _settings_of(options: Any, owner: str | None) -> list[Setting]:
    hints = get_type_hints(type(options), include_extras=True)
    found: list[Setting] = []
    for part in fields(options):
        metas = [item for item in get_args(hints[part.name])[1:] if isinstance(item, Meta) and item.description]
        for meta in metas:
            extra = meta.extra or {}
            found.append(
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
    return found


def _plainly(error: msgspec.ValidationError) -> str:
    """msgspec's sentence without the null that stands for "not given"."""
    return str(error).replace(" | null", "").lower()


def _to_path(kind: type, value: object) -> Path:
    if kind is Path and isinstance(value, str) and value:
        return Path(value).expanduser()
    raise ValueError(f"expected a path, got {value!r}")
