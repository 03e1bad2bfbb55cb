#!/bin/sh
# Reports that a unit failed, with the last lines that it logged: to the journal, and to the address in alert.env. Called
# by knowligo-index-alert@.service with the name of the unit.
set -eu

unit=${1:?"give the name of the unit that failed"}
# Set by systemd, and not set if the script is called manually.
status=${MONITOR_EXIT_STATUS:-unknown}
case $status in
  3) what="was refused by the gate; the version before it is still live" ;;
  *) what="failed with exit status $status" ;;
esac
logged=$(journalctl --unit "$unit" --lines 5 --output cat --no-pager 2>/dev/null || true)
text=$(printf '%s on %s %s.\n%s' "$unit" "$(uname -n)" "$what" "$logged")

# journald reads the priority from the beginning of a line: 3 is "error".
printf '%s\n' "$text" | sed 's/^/<3>/' >&2
# Python reads the address itself: no environment and no list of processes shows it.
printf '%s' "$text" | "${PYTHON:-/opt/knowligo-index/.venv/bin/python}" -P -c '
import http.client, json, os, pathlib, sys, urllib.request
file = pathlib.Path(os.environ.get("CREDENTIALS_DIRECTORY", "/etc/knowligo-index"), "alert.env")
try:
    lines = [line.strip().partition("=") for line in file.read_text(encoding="utf-8").splitlines()]
    address = {name: value.strip("\"") for name, _, value in lines}.get("ALERT_WEBHOOK_URL")
    if address:
        body = json.dumps({"text": sys.stdin.read()}).encode()
        request = urllib.request.Request(address, body, {"Content-Type": "application/json"})
        urllib.request.urlopen(request, timeout=30).close()
except (OSError, ValueError, http.client.HTTPException) as error:
    # Without the message, which may repeat the address.
    sys.exit(f"<3>The alert could not be sent to ALERT_WEBHOOK_URL of {file}: {type(error).__name__}.")
'
