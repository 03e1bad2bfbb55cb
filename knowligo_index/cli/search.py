"""`search`."""

from typing import Any

import click

from knowligo_index.cli.options import common_options, mode_option, setting_option, settings_from_flags
from knowligo_index.cli.output import print_json, print_text
from knowligo_index.cli.text.hits import hit_text
from knowligo_index.system.cpu import default_threads
from knowligo_index.system.utf8 import utf8_text


@click.command(epilog="Example: knowligo-index search '¿Qué incluye el plan profesional?' -k 3")
@click.argument("query")
@click.option("-k", "k", type=int, default=5, show_default=True, help="Number of passages.")
@mode_option
@click.option("--version", "version", metavar="ID", help="Search this version instead of the live one.")
@setting_option("threads")
@common_options
def search(query: str, k: int, mode: Any, version: str | None, as_json: bool, **flags: object) -> None:
    """Print the passages that answer QUERY best."""
    settings = settings_from_flags(**flags)
    from knowligo_index.search.reader import IndexReader

    with IndexReader(settings.index, version, settings.threads or default_threads()) as reader:
        hits = reader.search(query, k, mode)
        fusion = reader.manifest.fusion
        answered = reader.is_answered(hits, mode)
        if as_json:
            # What a terminal that isn't UTF-8 hands over may hold lone surrogates, which JSON cannot.
            query = utf8_text(query)
            print_json({"version": reader.version, "query": query, "mode": mode, "answered": answered, "hits": hits})
        else:
            if hits and answered is False:
                scores = (
                    f"the best passage has a score of {hits[0].score:.3f}, below the threshold of {fusion.answered}"
                )
                print_text(f"The documents do not seem to answer this: {scores}.\n")
            print_text("\n".join(hit_text(hit) for hit in hits) or "Nothing found.")
