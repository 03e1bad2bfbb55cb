import contextlib
import json
import re
import socket
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from support.groq_server import DONE, KEY, LAST, Script, chunk, groq_server
from support.serving import ROOT, RunningService, running, wait_until

SEARCH = b"GET /search?q=red HTTP/1.1\r\nHost: localhost\r\n\r\n"


def connect(service: RunningService, host: str = "127.0.0.1") -> socket.socket:
    return socket.create_connection(service.host_and_port, timeout=10, source_address=(host, 0))


def is_open(connection: socket.socket) -> bool:
    """Whether the service has not closed a connection over which it has sent nothing."""
    connection.settimeout(0.3)
    try:
        return connection.recv(1) != b""
    except TimeoutError:
        return True
    except OSError:
        return False


def answers(connection: socket.socket, request: bytes = SEARCH) -> bool:
    connection.settimeout(10)
    try:
        connection.sendall(request)
        return connection.recv(65_536).startswith(b"HTTP/1.1 200 ")
    except OSError:
        return False


def test_a_client_has_half_of_the_connections_and_its_oldest_waiting_one_is_closed(built_once: Path) -> None:
    with running(built_once, "--max-connections", 6) as service:
        first, second, third = (connect(service) for _ in range(3))
        assert [is_open(each) for each in (first, second, third)] == [True, True, True]
        fourth = connect(service)
        assert [is_open(each) for each in (first, second, third, fourth)] == [False, True, True, True]
        # A request makes a connection the newest one.
        assert answers(second)
        fifth = connect(service)
        assert [is_open(each) for each in (second, third, fourth, fifth)] == [True, False, True, True]
        other = connect(service, "127.0.0.2")
        assert answers(other)
        assert [is_open(each) for each in (second, fourth, fifth)] == [True, True, True]
        for connection in (first, second, third, fourth, fifth, other):
            connection.close()


def test_a_trusted_proxy_may_have_all_connections(built_once: Path) -> None:
    with running(built_once, "--max-connections", 4, "--trusted-proxies", "127.0.0.1") as service:
        opened = [connect(service) for _ in range(4)]
        assert [is_open(each) for each in opened] == [True] * 4
        opened.append(connect(service))
        assert [is_open(each) for each in opened] == [False, True, True, True, True]
        for connection in opened:
            connection.close()


def test_a_connection_with_a_request_in_progress_is_never_closed_for_another(built_once: Path) -> None:
    with groq_server() as groq:
        groq.script = Script([chunk("a"), 2.0, chunk("b"), LAST, DONE])
        flags = ["--answer-url", groq.url, "--max-connections", 4]
        with running(built_once, *flags, environment={"GROQ_API_KEY": KEY}) as service, ThreadPoolExecutor(2) as pool:
            asked = [pool.submit(service.ask, "red") for _ in range(2)]
            for _ in wait_until("both answers in progress"):
                if len(groq.asked) == 2:
                    break
            over = connect(service)
            assert not is_open(over)
            other = connect(service, "127.0.0.2")
            assert answers(other)
            assert [each.result()[-1].name for each in asked] == ["done", "done"]
            again = connect(service)
            assert answers(again)
            for connection in (over, other, again):
                connection.close()


def test_what_is_in_use_for_longer_than_the_limits_is_not_closed(built_once: Path) -> None:
    with groq_server() as groq:
        groq.script = Script([part for number in range(12) for part in (chunk(f"{number} "), 1.0)] + [LAST, DONE])
        flags = ["--answer-url", groq.url]
        with running(built_once, *flags, environment={"GROQ_API_KEY": KEY}) as service, ThreadPoolExecutor(1) as pool:
            answer = pool.submit(service.ask, "red")
            with contextlib.closing(service.connection()) as connection:
                connection.connect()
                used = connection.sock
                for _ in range(5):
                    connection.request("GET", "/search?q=red")
                    assert len(json.loads(connection.getresponse().read())["hits"]) == 3
                    assert connection.sock is used
                    time.sleep(2.5)
            assert answer.result()[-1].name == "done"


def test_requests_may_be_sent_before_the_responses(built_once: Path) -> None:
    with running(built_once) as service, connect(service) as connection:
        connection.sendall(SEARCH * 3)
        received = b""
        while received.count(b'"hits":') < 3:
            received += connection.recv(65_536)
        assert received.count(b"HTTP/1.1 200 OK") == 3
        assert answers(connection)


def test_a_client_may_wait_for_leave_to_send_its_body(built_once: Path) -> None:
    with running(built_once) as service, connect(service) as connection:
        body = json.dumps({"q": "red"}).encode()
        head = "POST /search HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nExpect: 100-continue\r\n"
        connection.sendall(f"{head}Content-Length: {len(body)}\r\n\r\n".encode())
        assert connection.recv(100).startswith(b"HTTP/1.1 100 Continue\r\n")
        assert answers(connection, body)


def test_with_few_descriptors_there_are_fewer_connections_and_the_log_says_so(built_once: Path) -> None:
    with running(built_once, max_files=100) as service:
        assert re.fullmatch(
            r"\S+ \S+ WARNING At most \d\d connections at once, instead of 2,048, because this process may open only "
            r"100 files: raise the limit with `ulimit -n`, or lower max_connections\.\n",
            service.logged(),
        )


def test_the_soft_limit_of_descriptors_is_raised(built_once: Path) -> None:
    script = (
        "import resource\n"
        "from knowligo_index.service.descriptors import connections_that_fit\n"
        "resource.setrlimit(resource.RLIMIT_NOFILE, (50, 900))\n"
        "print(connections_that_fit(100), resource.getrlimit(resource.RLIMIT_NOFILE)[0] > 200)\n"
        "resource.setrlimit(resource.RLIMIT_NOFILE, (20, 20))\n"
        "connections_that_fit(100)\n"
    )
    run = subprocess.run([sys.executable, "-c", script], cwd=ROOT, capture_output=True, text=True, check=False)
    assert run.stdout == "100 True\n"
    assert run.stderr.splitlines()[-1] == (
        "knowligo_index.errors.ServiceError: this process may open only 20 files, which is not enough for a "
        "connection: raise the limit with `ulimit -n`."
    )
