"""The commands that show, check, change and tidy up the versions of an index."""

import sys

import click

from knowligo_index.cli.shared import common, print_json, say, setting, settings_from
from knowligo_index.cli.text.results import (
    document_line,
    garbage_text,
    ledger_lines,
    manifest_text,
    verdict_text,
    version_line,
)
from knowligo_index.errors import SettingError


@click.command("list", epilog="Example: knowligo-index list --index indexes")
@common
def list_versions(as_json: bool, **flags: object) -> None:
    """List the versions of the index, oldest first; * marks the live one. Exits with 1 where CURRENT is damaged."""
    from knowligo_index.store import Store

    store = Store(settings_from(**flags).index)
    versions = store.summaries()
    if as_json:
        pointer = store.readable_pointer()
        print_json({"current": pointer.version if pointer else None, "versions": versions})
    else:
        say("\n".join(map(version_line, versions)) or f"No version was published in {store.root} yet.")
    # Which versions there are is what one needs to know to mend it.
    store.pointer()


@click.command(epilog="Example: knowligo-index show 3-0f1e2d3c4b5a")
@click.argument("version", metavar="[ID]", required=False)
@common
def show(version: str | None, as_json: bool, **flags: object) -> None:
    """Show what is in version ID, or in the live one: documents, settings, encoder, and what is missing and why."""
    settings = settings_from(**flags)
    from knowligo_index.search.reader import IndexReader

    with IndexReader(settings.index, version) as reader:
        documents, ledger = reader.documents(), reader.ledger()
        missing = [entry for entry in ledger if entry.status != "indexed"]
        if as_json:
            print_json({"manifest": reader.manifest, "documents": documents, "not_indexed": missing})
            return
        say(manifest_text(reader.manifest))
        say("\n".join(document_line(document) for document in documents))
        say("\n".join(ledger_lines(ledger, verbose=True)))


@click.command(epilog="Example: knowligo-index diff 3-0f1e2d3c4b5a 4-9a8b7c6d5e4f")
@click.argument("old", metavar="[OLD]", required=False)
@click.argument("new", metavar="[NEW]", required=False)
@click.option(
    "--format",
    "form",
    type=click.Choice(["text", "markdown"]),
    default="text",
    show_default=True,
    help="For a terminal, or for a commit or a chat.",
)
@setting("questions")
@common
def diff(old: str | None, new: str | None, form: str, as_json: bool, **flags: object) -> None:
    """Show what version NEW, or the live one, has that OLD, or the one before it, has not: documents, passages, what
    they were made with and, of the golden questions named with --questions, those whose answers moved."""
    settings = settings_from(**flags)
    from knowligo_index.cli.text.version_diff import version_diff_markdown, version_diff_text
    from knowligo_index.evaluation.golden_questions import read_golden_questions
    from knowligo_index.evaluation.version_diff import diff_versions
    from knowligo_index.store import Store

    questions = read_golden_questions(settings.questions) if settings.questions is not None else []
    version_diff = diff_versions(Store(settings.index), old, new, questions)
    if as_json:
        print_json(version_diff)
    else:
        say(version_diff_text(version_diff) if form == "text" else version_diff_markdown(version_diff))


@click.command(epilog="Example: knowligo-index verify --all")
@click.argument("version", metavar="[ID]", required=False)
@click.option("--all", "every", is_flag=True, help="Verify every version.")
@common
def verify(version: str | None, every: bool, as_json: bool, **flags: object) -> None:
    """Read every file of version ID, or of the live one, and compare it with its manifest. Exits with 1 where
    something is damaged."""
    if every and version is not None:
        raise SettingError(f"--all and the version {version} exclude each other: give one of them.")
    from knowligo_index.store import Store
    from knowligo_index.store.verification import verify_all, verify_version

    store = Store(settings_from(**flags).index)
    verdicts = verify_all(store) if every else [verify_version(store, version)]
    if as_json:
        print_json({"versions": verdicts})
    else:
        say("\n".join(verdict_text(verdict) for verdict in verdicts))
    if not all(verdict.ok for verdict in verdicts):
        sys.exit(1)


@click.command(epilog="Example: knowligo-index rollback")
@click.argument("version", metavar="[ID]", required=False)
@common
def rollback(version: str | None, as_json: bool, **flags: object) -> None:
    """Make version ID the live one, or the one that was live before; its files are verified first."""
    from knowligo_index.store import Store
    from knowligo_index.store.writer import writing

    store = Store(settings_from(**flags).index)
    with writing(store, "rollback") as writer:
        result = writer.rollback(version)
    if as_json:
        print_json(result)
    elif result.status == "unchanged":
        say(f"Version {result.version} is the live one already.")
    else:
        say(f"Version {result.version} is the live one now; it was {result.previous or 'none'}.")


@click.command(epilog="Example: knowligo-index gc --keep 5 --dry-run")
@click.option(
    "--keep",
    type=click.IntRange(min=1),
    default=3,
    show_default=True,
    help="How many of the newest versions stay, besides the live one and the one before it.",
)
@click.option(
    "--cache-mib",
    type=click.IntRange(min=0),
    default=512,
    show_default=True,
    help="MiB of cached results that stay, those used last.",
)
@click.option("--dry-run", is_flag=True, help="Only say what would be removed.")
@common
def gc(keep: int, cache_mib: int, dry_run: bool, as_json: bool, **flags: object) -> None:
    """Remove old versions that nobody is reading, encoders that no version left needs, what a build that died left
    behind, and the cached results that were used the longest ago."""
    from knowligo_index.store import Store
    from knowligo_index.store.garbage import collect_garbage
    from knowligo_index.store.writer import writing

    store = Store(settings_from(**flags).index)
    if dry_run:
        garbage = collect_garbage(store, keep, cache_bytes=cache_mib * 2**20)
    else:
        with writing(store, "gc") as writer:
            garbage = collect_garbage(store, keep, writer, cache_mib * 2**20)
    if as_json:
        print_json(garbage)
    else:
        say(garbage_text(garbage, dry_run=dry_run))
