"""`sign`."""

from pathlib import Path

import click

from knowligo_index.cli.options import common_options, settings_from_flags
from knowligo_index.cli.output import print_json, print_text
from knowligo_index.errors import SettingError

_FILE = click.Path(path_type=Path)


@click.command(epilog="Example: knowligo-index sign --key /etc/knowligo-index/index.key")
@click.option("--key", metavar="FILE", type=_FILE, help="Secret key to sign with.")
@click.option(
    "--new-key", metavar="FILE", type=_FILE, help="Make a new secret key, and the public key FILE.pub; sign nothing."
)
@click.option(
    "--password-file", metavar="FILE", type=_FILE, help="File with the password of the secret key in its first line."
)
@common_options
def sign(key: Path | None, new_key: Path | None, password_file: Path | None, as_json: bool, **flags: object) -> None:
    """Sign the live version.

    Verifies the version first. Its signature is valid as long as the version is not changed: also after a rollback to
    it, and in a copy of the index. `verify --key` and `serve --require-signature` check it with the public key.
    """
    if (key is None) == (new_key is None):
        raise SettingError("sign needs either --key or --new-key: give one of them.")
    index = settings_from_flags(**flags).index
    from knowligo_index.store import Store
    from knowligo_index.store.publishing import writing
    from knowligo_index.store.signing import make_key, read_password, secret_key, sign_live_version

    password = read_password(password_file) if password_file else None
    if new_key is not None:
        made = make_key(new_key, index, password)
        if as_json:
            print_json(made)
        else:
            print_text(f"The secret key is in {made.secret_key}; the public key is in {made.public_key}.")
    elif key is not None:
        with secret_key(key, index, password) as opened, writing(Store(index), "sign") as writer:
            signed = sign_live_version(writer, opened)
        if as_json:
            print_json(signed)
        else:
            print_text(f"Version {signed.version} is signed: {signed.signature}")
