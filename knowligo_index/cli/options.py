"""Options that commands share: settings, --index, --json, --debug; and how every command reports an error."""

import contextlib
import logging
import sys
from collections.abc import Callable, Iterator
from functools import wraps
from typing import Any, TypeVar, get_args

import click

from knowligo_index.cli.output import PrintableFormatter, print_error
from knowligo_index.errors import KnowligoError, MissingExtraError
from knowligo_index.settings import Settings, as_flag, known_settings, load_settings
from knowligo_index.system.cpu import default_threads, limit_threads
from knowligo_index.system.os_errors import reason_of

Command = TypeVar("Command", bound=Callable[..., None])


def setting_option(name: str) -> Callable[[Command], Command]:
    """The flag of a setting. It takes any text: `load_settings` checks the value, wherever it was set."""
    setting = known_settings()[name]
    default = f" [default: {setting.default}]" if setting.default not in (None, "") else ""
    if bool in (setting.type, *get_args(setting.type)):
        return click.option(as_flag(name), name, is_flag=True, default=None, help=setting.description)
    return click.option(as_flag(name), name, metavar=setting.metavar, help=setting.description + default)


def mode_option(command: Command) -> Command:
    """--mode."""
    return click.option(
        "--mode",
        type=click.Choice(["hybrid", "dense", "lexical"]),
        default="hybrid",
        show_default=True,
        help="Search by meaning (dense), by words (lexical), or by both.",
    )(command)


def common_options(command: Command) -> Command:
    """--index, --json and --debug. An error becomes one sentence on standard error and an exit code."""

    @wraps(command)
    def run(*arguments: Any, debug: bool, **options: Any) -> None:
        # What a command logs goes to this handler, unless it sets up others.
        if logging.lastResort is not None:
            logging.lastResort.setFormatter(PrintableFormatter())
        try:
            with needing("build"):
                command(*arguments, **options)
        except KnowligoError as error:
            if debug:
                raise
            print_error(f"Error: {error}")
            sys.exit(error.exit_code)
        except OSError as error:
            if debug or error.strerror is None:
                raise
            where = f" {error.filename}" if error.filename else ""
            print_error(f"Error: the system refused{where} ({reason_of(error)}): correct that and try again.")
            sys.exit(1)

    decorated = click.option("--debug", is_flag=True, help="Show the traceback of an error.")(run)
    decorated = click.option("--json", "as_json", is_flag=True, help="Print one JSON document on standard output.")(
        decorated
    )
    return setting_option("index")(decorated)  # type: ignore[return-value]


@contextlib.contextmanager
def needing(extra: str) -> Iterator[None]:
    """Raises MissingExtraError if a package of this extra of the installation is missing."""
    try:
        yield
    except ModuleNotFoundError as error:
        if (error.name or "").startswith("knowligo_index"):
            raise
        raise MissingExtraError.for_package("this", error.name, extra) from error


def settings_from_flags(**flags: object) -> Settings:
    """Load the settings, and limit the threads of numeric libraries that are imported from now on."""
    settings = load_settings(flags)
    limit_threads(settings.threads or default_threads())
    return settings
