#!/bin/sh
# Reports that a unit failed, with the last lines that it logged: to the journal, and to ALERT_WEBHOOK_URL if it is set.
# Called by knowligo-index-alert@.service with the name of the unit.
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
if [ -n "${ALERT_WEBHOOK_URL:-}" ]; then
  # Python encodes the text as JSON, and reads the address from the environment, so that no list of processes shows it.
  printf '%s' "$text" |
    "${PYTHON:-/opt/knowligo-index/.venv/bin/python}" -c '
import json, os, sys, urllib.request
body = json.dumps({"text": sys.stdin.read()}).encode()
request = urllib.request.Request(os.environ["ALERT_WEBHOOK_URL"], body, {"Content-Type": "application/json"})
urllib.request.urlopen(request, timeout=30).close()
'
fi
