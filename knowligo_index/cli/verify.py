"""`verify`."""

import sys
from pathlib import Path

import click

from knowligo_index.cli.options import common_options, settings_from_flags
from knowligo_index.cli.output import print_json, print_text
from knowligo_index.cli.text.versions import verdict_text
from knowligo_index.errors import SettingError


@click.command(epilog="Example: knowligo-index verify --all")
@click.argument("version", metavar="[ID]", required=False)
@click.option("--all", "all_versions", is_flag=True, help="Verify every version.")
@click.option(
    "--key",
    metavar="FILE",
    type=click.Path(path_type=Path),
    help="Also require a signature by one of the public keys in this file.",
)
@common_options
def verify(version: str | None, all_versions: bool, key: Path | None, as_json: bool, **flags: object) -> None:
    """Compare the files of a version with its manifest.

    Reads every file of version ID, or of the live one. Exits with 1 if a file is damaged or, with --key, if a version
    is not signed.
    """
    if all_versions and version is not None:
        raise SettingError(f"--all and the version {version} exclude each other: give one of them.")
    from knowligo_index.store import Store
    from knowligo_index.store.signatures import PublicKeys
    from knowligo_index.store.verification import verify_all, verify_version

    store = Store(settings_from_flags(**flags).index)
    public_keys = PublicKeys.read(key, store.root) if key else None
    verdicts = verify_all(store, public_keys) if all_versions else [verify_version(store, version, public_keys)]
    if as_json:
        print_json({"versions": verdicts})
    else:
        print_text("\n".join(verdict_text(verdict) for verdict in verdicts))
    if not all(verdict.ok for verdict in verdicts):
        sys.exit(1)
