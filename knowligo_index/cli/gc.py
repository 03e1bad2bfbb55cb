"""`gc`."""

import click

from knowligo_index.cli.options import common_options, settings_from_flags
from knowligo_index.cli.output import having_done, print_json, print_text
from knowligo_index.cli.text.versions import garbage_text


@click.command(epilog="Example: knowligo-index gc --keep 5 --dry-run")
@click.option(
    "--keep",
    type=click.IntRange(min=1),
    default=3,
    show_default=True,
    help="Number of the newest versions to keep, in addition to the live one and the one before it.",
)
@click.option(
    "--cache-mib",
    type=click.IntRange(min=0),
    default=512,
    show_default=True,
    help="Maximum size of the cached results, in MiB; the least recently used are removed.",
)
@click.option("--dry-run", is_flag=True, help="Only print what would be removed.")
@common_options
def gc(keep: int, cache_mib: int, dry_run: bool, as_json: bool, **flags: object) -> None:
    """Remove old versions and other files that are not needed.

    Removes old versions that no reader has open, encoders that no remaining version needs, what killed builds left
    behind, and the least recently used cached results.
    """
    from knowligo_index.store import Store
    from knowligo_index.store.garbage import collect_garbage
    from knowligo_index.store.publishing import writing

    store = Store(settings_from_flags(**flags).index)
    if dry_run:
        garbage = collect_garbage(store, keep, cache_bytes=cache_mib * 2**20)
    else:
        with writing(store, "gc") as writer:
            garbage = collect_garbage(store, keep, writer, cache_mib * 2**20)
    with having_done(lambda: f"gc {'would remove' if dry_run else 'removed'} {garbage.bytes / 1e6:,.1f} MB"):
        if as_json:
            print_json(garbage)
        else:
            print_text(garbage_text(garbage, dry_run=dry_run))
