"""A cron for one command, in the foreground of a container: `python -m knowligo_index.schedule CRON -- COMMAND`.

- One run at a time. Runs that fall due during a run are skipped and counted in the log. Nothing is missed by that: the
  next build reads all documents.
- Runs that fall due while the machine is suspended, or that a change of its clock jumps over, are made up for by one
  run afterwards. Runs that fell due before this process started are not, unless `--at-start` is given.
- SIGTERM and SIGINT are passed on to the command. This process ends within 10 seconds, even if the command does not.
- A file that is put into the folder of `--requests` starts a run at once.
"""

import os
import sys
from pathlib import Path
from typing import NoReturn
from zoneinfo import ZoneInfo

import click

from knowligo_index.errors import MissingExtraError
from knowligo_index.operations.scheduler import Scheduler
from knowligo_index.system.os_errors import reason_of


@click.command(
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 110},
    epilog="Example: python -m knowligo_index.schedule '15 3 * * *' -- python -m knowligo_index.nightly",
)
@click.argument("cron")
@click.argument("command", nargs=-1, required=True)
@click.option("--at-start", is_flag=True, help="Start with a run, then follow the schedule.")
@click.option(
    "--requests",
    type=click.Path(path_type=Path, file_okay=False),
    help="Folder of requests: a file that is put there starts a run at once.",
)
@click.option(
    "--heartbeat",
    type=click.Path(path_type=Path, dir_okay=False),
    help="File that is touched every 10 seconds, for a health check.",
)
def main(cron: str, command: tuple[str, ...], at_start: bool, requests: Path | None, heartbeat: Path | None) -> None:
    """Run COMMAND by the schedule CRON: minute, hour, day of the month, month, day of the week; with six fields, the
    first is seconds. With an empty CRON the command runs on request only. The time zone is that of TZ, or UTC."""
    try:
        from cronsim import CronSimError
    except ModuleNotFoundError:
        _fail(str(MissingExtraError.for_package("this", "cronsim", "build")))
    name = os.environ.get("TZ") or "UTC"
    try:
        zone = ZoneInfo(name)
    except (ValueError, OSError, LookupError):
        _fail(f"TZ is {name!r}, which is not a known time zone: use a name such as Europe/Madrid.")
    try:
        scheduler = Scheduler(cron.strip(), list(command), zone, requests, heartbeat)
    except CronSimError as error:
        _fail(f"{cron!r} is not a cron expression ({str(error).lower()}): use one such as '15 3 * * *'.")
    try:
        scheduler.run(at_start=at_start)
    except OSError as error:
        click.echo(f"Error: {error.filename} cannot be used ({reason_of(error)}): make it writable.", err=True)
        sys.exit(1)


def _fail(message: str) -> NoReturn:
    click.echo(f"Error: {message}", err=True)
    sys.exit(2)


if __name__ == "__main__":
    main()
