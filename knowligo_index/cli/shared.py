"""What every command has: --index, --json, --debug, settings from four places, errors as one sentence."""

import contextlib
import os
import sys
from collections.abc import Callable, Iterator
from functools import wraps
from typing import Any, TypeVar, get_args

import click
import msgspec

from knowligo_index.errors import KnowligoError, MissingExtraError
from knowligo_index.settings import Settings, as_flag, known_settings, load_settings
from knowligo_index.system.cpu import default_threads, limit_threads

Command = TypeVar("Command", bound=Callable[..., None])


def setting(name: str) -> Callable[[Command], Command]:
    """The flag of a setting; its value is checked by the settings, which know the other places it may come from."""
    setting = known_settings()[name]
    default = f" [default: {setting.default}]" if setting.default is not None else ""
    if bool in (setting.type, *get_args(setting.type)):
        return click.option(as_flag(name), name, is_flag=True, default=None, help=setting.description)
    return click.option(as_flag(name), name, metavar=setting.metavar, help=setting.description + default)


def common(command: Command) -> Command:
    """--index, --json and --debug; errors become one sentence and an exit code."""

    @wraps(command)
    def run(*arguments: Any, debug: bool, **options: Any) -> None:
        try:
            with needing("build"):
                command(*arguments, **options)
        except KnowligoError as error:
            if debug:
                raise
            click.echo(f"Error: {error}", err=True)
            sys.exit(error.exit_code)
        except OSError as error:
            if debug or error.strerror is None:
                raise
            where = f" {error.filename}" if error.filename else ""
            click.echo(
                f"Error: the system refused{where} ({error.strerror.lower()}): see to it and try again.", err=True
            )
            sys.exit(1)

    decorated = click.option("--debug", is_flag=True, help="On an error show the traceback.")(run)
    decorated = click.option("--json", "as_json", is_flag=True, help="One JSON document on standard output.")(decorated)
    return setting("index")(decorated)  # type: ignore[return-value]


@contextlib.contextmanager
def needing(extra: str) -> Iterator[None]:
    """Raises MissingExtraError where a package of this extra of the installation is missed."""
    try:
        yield
    except ModuleNotFoundError as error:
        if (error.name or "").startswith("knowligo_index"):
            raise
        raise MissingExtraError.for_package("this", error.name, extra) from error


def say(text: str) -> None:
    """On standard output. Where nobody reads that any more, what the command did is done all the same."""
    try:
        click.echo(text)
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def print_json(value: object) -> None:
    """One document; dataclasses as objects, tuples as lists."""
    say(msgspec.json.format(msgspec.json.encode(value), indent=2).decode())


def settings_from(**flags: object) -> Settings:
    settings = load_settings(flags)
    limit_threads(settings.threads or default_threads())
    return settings
