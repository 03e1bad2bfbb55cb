"""Health check of a running service, for containers: `python -m knowligo_index.healthcheck [HOST:PORT]`.

Exits with 0 if GET /health answers with status 200, otherwise with 1 and an error message. Without an argument it uses
the address in KNOWLIGO_HOST and KNOWLIGO_PORT. It imports nothing but the standard library, because a container runs it
every few seconds.
"""

import http.client
import os
import sys

_TIMEOUT_SECONDS = 3.0

# The same values as in `service.options`, which imports more than this module should.
DEFAULT_HOST = "127.0.0.1"
DEFAULT_PORT = 8000

# A service that listens on all addresses is reached on the loopback address.
_LOOPBACK = {"0.0.0.0": "127.0.0.1", "::": "::1"}


def main(arguments: list[str]) -> int:
    """Check the service and return the exit code."""
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
        print(f"The service on {host}:{port} does not answer ({error}): check that it is running.", file=sys.stderr)
        return 1
    if response.status != 200:
        print(f"The service on {host}:{port} is not healthy (status {response.status}): {body}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
