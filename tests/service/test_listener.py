import contextlib
import socket
import subprocess
import sys

from support.serving import ROOT

# A server that knows of no connection that could be closed, and has fewer descriptors than connections come.
SCRIPT = """
import asyncio, resource, sys, time
from knowligo_index.service.connections import Connections
from knowligo_index.service.listener import Listener

async def main():
    errors = []
    asyncio.get_running_loop().set_exception_handler(lambda loop, context: errors.append(context["message"]))
    listener = Listener()
    listener.bind(("127.0.0.1", 0))
    listener.limit(Connections(1_000, lambda address: True))
    resource.setrlimit(resource.RLIMIT_NOFILE, (30, 30))
    server = await asyncio.get_running_loop().create_server(asyncio.Protocol, sock=listener, backlog=512)
    print(listener.getsockname()[1], flush=True)
    await asyncio.to_thread(sys.stdin.readline)
    print(len(errors), round(time.process_time()), flush=True)

asyncio.run(main())
"""


def test_without_descriptors_connections_are_closed_at_once() -> None:
    with subprocess.Popen(
        [sys.executable, "-c", SCRIPT], cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as process:
        assert process.stdin is not None
        assert process.stdout is not None
        port = int(process.stdout.readline())
        with contextlib.ExitStack() as stack:
            opened = [stack.enter_context(socket.create_connection(("127.0.0.1", port), 5)) for _ in range(60)]
            closed = 0
            for connection in opened:
                connection.settimeout(0.05)
                try:
                    closed += connection.recv(1) == b""
                except ConnectionResetError:
                    closed += 1
                except TimeoutError:
                    pass
            process.stdin.write("\n")
            process.stdin.flush()
            errors, seconds = map(int, process.stdout.readline().split())
        process.kill()
    assert errors == 0
    assert 30 < closed < 60
    # A connection that stays in the queue would wake the event loop again and again.
    assert seconds <= 2
