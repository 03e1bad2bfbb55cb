"""Settings: flag > environment (KNOWLIGO_*) > knowligo.toml > default. An unknown key is an error.

One name serves everywhere: `--chunk-tokens`, `KNOWLIGO_CHUNK_TOKENS`, `chunk_tokens = 200`. The options of each
stage are a dataclass beside it; those of its fields that carry a description are settings.
"""

import difflib
import os
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field, fields, is_dataclass
from pathlib import Path
from typing import Annotated, Any, get_args, get_type_hints

import msgspec
from msgspec import Meta

from knowligo_index.chunking import ChunkingOptions
from knowligo_index.encoders import EncoderOptions
from knowligo_index.errors import SettingError

CONFIG_FILE = "knowligo.toml"
PREFIX = "KNOWLIGO_"


@dataclass(frozen=True, slots=True)
class Settings:
    """All settings of a build or a search."""

    knowledge: Annotated[Path, Meta(description="Folder with the documents.")] = Path("knowledge")
    index: Annotated[Path, Meta(description="Index folder.")] = Path("indexes")
    questions: Annotated[
        Path | None,
        Meta(description="Golden questions (JSON Lines); default: questions.jsonl in the knowledge folder."),
    ] = None
    threads: Annotated[
        Annotated[int, Meta(ge=1)] | None,
        Meta(description="CPU threads; default: OMP_NUM_THREADS, else the CPUs this process may use."),
    ] = None
    encoder: EncoderOptions = field(default_factory=EncoderOptions)
    chunking: ChunkingOptions = field(default_factory=ChunkingOptions)

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
    default: object


def known_settings() -> dict[str, Setting]:
    """Every setting by name."""
    found = _settings_of(Settings(), None)
    for part in fields(Settings):
        options = getattr(Settings(), part.name)
        if is_dataclass(options):
            found += _settings_of(options, part.name)
    return {setting.name: setting for setting in found}


def load_settings(
    flags: Mapping[str, object], environment: Mapping[str, str] = os.environ, folder: Path = Path()
) -> Settings:
    """Settings from `flags` (None: not given), the environment, knowligo.toml in `folder`, and the defaults.

    Raises SettingError, naming the key and where it stands, for an unknown key or a value of the wrong kind.
    """
    known = known_settings()
    values: dict[str, Any] = {}
    for name, value, origin, text in _given(flags, environment, folder):
        if name not in known:
            close = difflib.get_close_matches(name, known, n=1)
            hint = f"did you mean {close[0]!r}?" if close else f"settings are {', '.join(sorted(known))}."
            raise SettingError(f"{origin} is not a setting: {hint}")
        try:
            # Text (a flag, a variable) may stand for a number; in TOML a number is written as one.
            values[name] = msgspec.convert(value, known[name].type, strict=not text, dec_hook=_to_path)
        except msgspec.ValidationError as error:
            raise SettingError(f"{origin} is {value!r}: {str(error).lower()}; {known[name].description}") from error
    parts: dict[str | None, dict[str, Any]] = {}
    for name, value in values.items():
        parts.setdefault(known[name].owner, {})[known[name].field] = value
    return Settings(
        **parts.get(None, {}),
        encoder=EncoderOptions(**parts.get("encoder", {})),
        chunking=ChunkingOptions(**parts.get("chunking", {})),
    )


def _given(
    flags: Mapping[str, object], environment: Mapping[str, str], folder: Path
) -> list[tuple[str, object, str, bool]]:
    """Name, value, origin and whether the value is text, in ascending order of precedence."""
    path = folder / CONFIG_FILE
    table: dict[str, object] = {}
    if path.is_file():
        try:
            table = tomllib.loads(path.read_text(encoding="utf-8"))
        except (OSError, ValueError) as error:
            raise SettingError(f"{path} cannot be read as TOML ({error}): mend it or remove it.") from error
    return [
        *((key, value, f"{key} in {path}", False) for key, value in table.items()),
        *(
            (key.removeprefix(PREFIX).lower(), value, f"the environment variable {key}", True)
            for key, value in environment.items()
            if key.startswith(PREFIX)
        ),
        *((key, value, f"--{key.replace('_', '-')}", True) for key, value in flags.items() if value is not None),
    ]


def _settings_of(options: Any, owner: str | None) -> list[Setting]:
    hints = get_type_hints(type(options), include_extras=True)
    found: list[Setting] = []
    for part in fields(options):
        metas = [item for item in get_args(hints[part.name])[1:] if isinstance(item, Meta) and item.description]
        for meta in metas:
            name = (meta.extra or {}).get("name", part.name)
            default = getattr(options, part.name)
            found.append(Setting(name, owner, part.name, hints[part.name], meta.description or "", default))
    return found


def _to_path(kind: type, value: object) -> Path:
    if kind is Path and isinstance(value, str):
        return Path(value).expanduser()
    raise ValueError(f"expected a path, got {value!r}")
