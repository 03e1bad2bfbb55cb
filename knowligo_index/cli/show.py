"""`list` and `show`."""

import click

from knowligo_index.cli.options import common_options, settings_from_flags
from knowligo_index.cli.output import print_json, print_text
from knowligo_index.cli.text.ledger import ledger_lines
from knowligo_index.cli.text.versions import document_line, manifest_text, version_line


@click.command("list", epilog="Example: knowligo-index list --index indexes")
@common_options
def list_versions(as_json: bool, **flags: object) -> None:
    """List the versions of the index, oldest first.

    The live version is marked with *. Exits with 1 if CURRENT, which names it, is damaged.
    """
    from knowligo_index.store import Store

    store = Store(settings_from_flags(**flags).index)
    versions = store.summaries()
    if as_json:
        pointer = store.readable_pointer()
        print_json({"current": pointer.version if pointer else None, "versions": versions})
    else:
        print_text("\n".join(map(version_line, versions)) or f"No version was published in {store.root} yet.")
    # Raises an error if CURRENT is damaged: only now, because the list is needed to repair it.
    store.pointer()


@click.command(epilog="Example: knowligo-index show 3-0f1e2d3c4b5a")
@click.argument("version", metavar="[ID]", required=False)
@common_options
def show(version: str | None, as_json: bool, **flags: object) -> None:
    """Show what a version contains, and how it was built.

    Prints the documents, settings and encoder of version ID, or of the live one, and which sources are not indexed and
    why.
    """
    settings = settings_from_flags(**flags)
    from knowligo_index.search.reader import IndexReader

    with IndexReader(settings.index, version) as reader:
        documents, ledger = reader.documents(), reader.ledger()
        not_indexed = [entry for entry in ledger if entry.status != "indexed"]
        if as_json:
            print_json({"manifest": reader.manifest, "documents": documents, "not_indexed": not_indexed})
            return
        print_text(manifest_text(reader.manifest))
        print_text("\n".join(document_line(document) for document in documents))
        print_text("\n".join(ledger_lines(ledger, verbose=True)))
