"""The command line: parse, call, print.

Commands import what they run when they run: `--help` must not wait for numpy, and the numeric libraries must not
load before their thread limits are set.
"""

import sys
from typing import NoReturn

import click

from knowligo_index.cli.making import build, evaluate, export_encoder, search
from knowligo_index.cli.serving import serve
from knowligo_index.cli.versions import diff, gc, list_versions, rollback, show, verify
from knowligo_index.system.release import __version__

_PROGRAM = "knowligo-index"


def main() -> NoReturn:
    """Entry point of `knowligo-index` and of `python -m knowligo_index`."""
    cli(prog_name=_PROGRAM)
    sys.exit(0)


@click.group(context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 110})
@click.version_option(__version__, prog_name=_PROGRAM)
def cli() -> None:
    """Build and search versioned passage indexes, offline.

    Settings come from flags, then from environment variables (KNOWLIGO_CHUNK_TOKENS=180), then from knowligo.toml
    (chunk_tokens = 180) in the working directory, then from the defaults.
    """


for _command in (build, export_encoder, search, evaluate, list_versions, show, diff, verify, rollback, gc, serve):
    cli.add_command(_command)
