"""Read settings from the command line, the environment and knowligo.toml, and check them."""

import difflib
import os
import re
import tomllib
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Literal, get_args, get_origin

import msgspec

from knowligo_index.errors import SettingError
from knowligo_index.settings.schema import Setting, Settings, known_settings
from knowligo_index.system.hashing import read_regular
from knowligo_index.system.os_errors import reason_of

CONFIG_FILE = "knowligo.toml"
PREFIX = "KNOWLIGO_"

_MAX_FILE_BYTES = 2**20

_CREDENTIALS = re.compile(r"//[^/\s]*@")


def load_settings(
    flags: Mapping[str, object], environment: Mapping[str, str] = os.environ, folder: Path = Path()
) -> Settings:
    """Settings from `flags` (None: not set), the environment, knowligo.toml in `folder`, and the defaults.

    Raises SettingError, which names the key and where it was set, for an unknown key, an invalid value, and a setting
    that may not be in a file.
    """
    settings_by_name = known_settings()
    values: dict[str, Any] = {}
    for entry in _entries(flags, environment, folder):
        setting = settings_by_name.get(entry.name)
        if setting is None:
            close = difflib.get_close_matches(entry.name, settings_by_name, n=1)
            hint = (
                f"did you mean {entry.spell(close[0])}?"
                if close
                else f"settings are {', '.join(sorted(settings_by_name))}."
            )
            raise SettingError(f"{entry.spell(entry.name)} {entry.origin} is not a setting: {hint}")
        if entry.is_from_file and not setting.may_be_in_file:
            raise SettingError(
                f"{entry.name} {entry.origin} is not taken from a file, which may lie beside documents that others "
                f"write: remove that line, and set {_as_variable(entry.name)} or {as_flag(entry.name)}."
            )
        try:
            # Text (a flag, a variable) may stand for a number; in TOML a number is written as one.
            strict = entry.is_from_file
            values[entry.name] = msgspec.convert(entry.value, setting.type, strict=strict, dec_hook=_to_path)
        except msgspec.ValidationError as error:
            raise SettingError(
                f"{entry.spell(entry.name)} {entry.origin} is {_shown(entry.value)}, which is not valid: "
                f"{_reason(error, setting)}. {setting.description}"
            ) from error
    values_by_owner: dict[str | None, dict[str, Any]] = {}
    for name, value in values.items():
        values_by_owner.setdefault(settings_by_name[name].owner, {})[settings_by_name[name].field] = value
    settings = Settings(**values_by_owner.pop(None, {}))
    return replace(
        settings,
        **{owner: replace(getattr(settings, owner), **own) for owner, own in values_by_owner.items() if owner},
    )


@dataclass(frozen=True, slots=True)
class _Entry:
    """A key that was set somewhere, and its value."""

    name: str
    value: object
    origin: str
    """where it was set, for an error message"""
    spell: Callable[[str], str]
    """how a setting is written there"""
    is_from_file: bool


def _entries(flags: Mapping[str, object], environment: Mapping[str, str], folder: Path) -> list[_Entry]:
    """Every key that was set, in ascending order of precedence."""
    path = folder / CONFIG_FILE
    table: dict[str, object] = {}
    try:
        # A pipe in the working directory, which others may write to, would be waited for.
        table = tomllib.loads(read_regular(Path(os.path.realpath(path)), _MAX_FILE_BYTES).decode("utf-8"))
    except FileNotFoundError:
        pass
    except PermissionError as error:
        raise SettingError(
            f"{path.absolute()} cannot be read (permission denied): run this in a folder that you may read, such as /."
        ) from error
    except (OSError, ValueError) as error:
        reason = reason_of(error) if isinstance(error, OSError) else error
        raise SettingError(f"{path} cannot be read as TOML ({reason}): correct it or remove it.") from error
    return [
        *(_Entry(key, value, f"in {path}", str, is_from_file=True) for key, value in table.items()),
        *(
            _Entry(key.removeprefix(PREFIX).lower(), value, "in the environment", _as_variable, is_from_file=False)
            for key, value in environment.items()
            if key.startswith(PREFIX)
        ),
        *(
            _Entry(key, value, "on the command line", as_flag, is_from_file=False)
            for key, value in flags.items()
            if value is not None
        ),
    ]


def as_flag(name: str) -> str:
    """`chunk_tokens` as it is written on the command line."""
    return f"--{name.replace('_', '-')}"


def _as_variable(name: str) -> str:
    return f"{PREFIX}{name.upper()}"


def _shown(value: object) -> str:
    """A value for an error message, without the user name and password of an address in it."""
    return _CREDENTIALS.sub("//…@", repr(value))


def _reason(error: msgspec.ValidationError, setting: Setting) -> str:
    """Why a value is not valid: the values that are, if there is a list of them, or msgspec's sentence."""
    (kind, *_) = get_args(setting.type)
    if get_origin(kind) is Literal:
        return f"expected one of {', '.join(get_args(kind))}"
    # `null` stands for a setting that was not set.
    return str(error).replace(" | null", "").lower()


def _to_path(kind: type, value: object) -> Path:
    if kind is Path and isinstance(value, str) and value:
        return Path(value).expanduser()
    raise ValueError(f"expected a path, got {value!r}")
