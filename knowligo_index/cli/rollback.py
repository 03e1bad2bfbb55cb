"""`rollback`."""

import click

from knowligo_index.cli.options import common_options, settings_from_flags
from knowligo_index.cli.output import having_done, print_json, print_text


@click.command(epilog="Example: knowligo-index rollback")
@click.argument("version", metavar="[ID]", required=False)
@common_options
def rollback(version: str | None, as_json: bool, **flags: object) -> None:
    """Make an earlier version the live one.

    Without ID, that is the version that was live before. Its files are verified first.
    """
    from knowligo_index.store import Store
    from knowligo_index.store.publishing import writing

    store = Store(settings_from_flags(**flags).index)
    with writing(store, "rollback") as writer:
        result = writer.rollback(version)
    with having_done(lambda: f"version {result.version} is live"):
        if as_json:
            print_json(result)
        elif result.status == "unchanged":
            print_text(f"Version {result.version} is already live.")
        else:
            print_text(f"Version {result.version} is live now; before, it was {result.previous or 'none'}.")
