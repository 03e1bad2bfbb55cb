"""Ask a running service whether it is well, for containers: `python -m knowligo_index.healthcheck [HOST:PORT]`.

Exits with 0 where /health says so, else with 1 and a sentence. Runs every few seconds beside the service: it imports
little, so that it takes little. Without an argument it asks where KNOWLIGO_HOST and KNOWLIGO_PORT say.
"""

import http.client
import os
import sys

_TIMEOUT_SECONDS = 3.0

# As in `service_options`, which would take what this module is to save.
DEFAULT_HOST = "127.0.0.1"
DEFAULT_PORT = 8000

# Where a service listens on all addresses, it listens on this one.
_LOOPBACK = {"0.0.0.0": "127.0.0.1", "::": "::1"}


def main(arguments: list[str]) -> int:
    """The exit code."""
    host, port = os.environ.get("KNOWLIGO_HOST", DEFAULT_HOST), os.environ.get("KNOWLIGO_PORT", str(DEFAULT_PORT))
    if arguments:
        host, _, port = arguments[0].rpartition(":")
    host = host.strip("[]")
    try:
        connection = http.client.HTTPConnection(_LOOPBACK.get(host, host), int(port), timeout=_TIMEOUT_SECONDS)
        connection.request("GET", "/health")
        response = connection.getresponse()
        body = response.read().decode("utf-8", "replace")
    except (OSError, ValueError, http.client.HTTPException) as error:
        print(f"The service on {host}:{port} gives no answer ({error}): see whether it runs.", file=sys.stderr)
        return 1
    if response.status != 200:
        print(f"The service on {host}:{port} is not well ({response.status}): {body}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
