"""The command line: one module per command or pair of commands. Each parses its options, calls the package, and prints
the result.

A command imports what it runs only when it runs: `--help` is fast because it does not load numpy, and the thread limits
are set before the numeric libraries are loaded.
"""

import sys
from typing import NoReturn

import click

from knowligo_index.cli.build import build, export_encoder
from knowligo_index.cli.diff import diff
from knowligo_index.cli.evaluate import evaluate
from knowligo_index.cli.gc import gc
from knowligo_index.cli.output import print_error
from knowligo_index.cli.rollback import rollback
from knowligo_index.cli.search import search
from knowligo_index.cli.serve import serve
from knowligo_index.cli.show import list_versions, show
from knowligo_index.cli.sign import sign
from knowligo_index.cli.verify import verify
from knowligo_index.system.os_errors import reason_of
from knowligo_index.system.package_version import __version__
from knowligo_index.system.standard_streams import give_up

_PROGRAM = "knowligo-index"


def main() -> NoReturn:
    """Entry point of `knowligo-index` and of `python -m knowligo_index`."""
    try:
        cli(prog_name=_PROGRAM)
    except OSError as error:
        # Commands report their own errors: this one comes from printing a help text.
        if error.filename is not None or "--debug" in sys.argv:
            raise
        give_up(sys.stdout)
        print_error(f"Error: this cannot be written to standard output ({reason_of(error)}).")
        sys.exit(1)
    sys.exit(0)


@click.group(context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 110})
@click.version_option(__version__, prog_name=_PROGRAM)
def cli() -> None:
    """Build and search versioned passage indexes, offline.

    Settings come from flags, then from environment variables (KNOWLIGO_CHUNK_TOKENS=180), then from knowligo.toml
    (chunk_tokens = 180) in the working directory, then from the defaults.
    """


for _command in (build, export_encoder, search, evaluate, list_versions, show, diff, verify, sign, rollback, gc, serve):
    cli.add_command(_command)
