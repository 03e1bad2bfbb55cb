"""What commands print on standard output."""

import os
import sys

import click
import msgspec


def print_text(text: str) -> None:
    """Print text. If nobody reads standard output any more, that is no error: the command has done its work."""
    try:
        click.echo(text)
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def print_json(value: object) -> None:
    """Print one JSON document; dataclasses become objects, and tuples lists."""
    print_text(msgspec.json.format(msgspec.json.encode(value), indent=2).decode())
