#!/bin/sh
# Says that a unit failed, with the last lines that it logged: into the journal, and to ALERT_WEBHOOK_URL if there is
# one. Called by knowligo-index-alert@.service with the name of the unit.
set -eu

unit=${1:?"give the name of the unit that failed"}
# systemd tells what triggered the alert; by hand there is nothing to tell.
status=${MONITOR_EXIT_STATUS:-unknown}
case $status in
  3) what="was refused by the gate; the version before it is still live" ;;
  *) what="failed with exit status $status" ;;
esac
logged=$(journalctl --unit "$unit" --lines 5 --output cat --no-pager 2>/dev/null || true)
text=$(printf '%s on %s %s.\n%s' "$unit" "$(uname -n)" "$what" "$logged")

# Priority "error", as journald reads it from a line's beginning.
printf '%s\n' "$text" | sed 's/^/<3>/' >&2
if [ -n "${ALERT_WEBHOOK_URL:-}" ]; then
  # Python, which is there, knows how text is quoted in JSON. The address stays out of the list of processes.
  printf '%s' "$text" |
    "${PYTHON:-/opt/knowligo-index/.venv/bin/python}" -c '
import json, os, sys, urllib.request
body = json.dumps({"text": sys.stdin.read()}).encode()
request = urllib.request.Request(os.environ["ALERT_WEBHOOK_URL"], body, {"Content-Type": "application/json"})
urllib.request.urlopen(request, timeout=30).close()
'
fi
