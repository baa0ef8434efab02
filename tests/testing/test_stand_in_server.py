"""The stand-in on loopback: keep-alive, framing, malformed requests, many clients, a clean stop."""

import http.client
import json
import re
import socket
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import httpx
import pytest

from contract_tests.model import good
from modellix.testing import StandIn
from modellix.testing.framing import MAX_BODY
from modellix.testing.server import IDLE_SECONDS
from tests.support.timing import LONG, SOON, wait_until

KEY = {"Authorization": "Bearer test-key"}
GENERATE = "/api/v1/openai/gpt-image-2/async"
SIZE = good.options(good.SIZE)[0]
GOOD = {**good.body(), good.SIZE: SIZE}
TEXT = json.dumps(good.body())
HEAD = f"POST {GENERATE} HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer test-key\r\n"


@pytest.fixture
def origin(stand_in: StandIn) -> Iterator[str]:
    with stand_in.serve() as url:
        yield url


@pytest.fixture
def client(origin: str) -> Iterator[httpx.Client]:
    with connect(base_url=origin) as client:
        yield client


@pytest.fixture
def raw(origin: str) -> Iterator[socket.socket]:
    """A bare connection to the server."""
    with socket.create_connection(("127.0.0.1", port_of(origin)), timeout=LONG) as connection:
        yield connection


def connect(**options: Any) -> httpx.Client:
    """A client with a good key that goes straight to the server."""
    return httpx.Client(headers=KEY, trust_env=False, verify=False, **options)


def port_of(origin: str) -> int:
    return int(origin.rpartition(":")[2])


def threads_of(origin: str) -> list[str]:
    """Those of the server there, which carry its name; others end when they like."""
    name = f"stand-in, port {port_of(origin)}"
    return [thread.name for thread in threading.enumerate() if thread.name.partition(":")[0] == name]


def answers(connection: socket.socket) -> list[tuple[int, Any]]:
    """Status and JSON of every answer until the server closes; the client has said all it has to say."""
    connection.shutdown(socket.SHUT_WR)
    received = b"".join(iter(lambda: connection.recv(65536), b""))
    found = []
    while received:
        head, _, rest = received.partition(b"\r\n\r\n")
        length = int(re.search(rb"Content-Length: (\d+)", head)[1])  # type: ignore[index]
        found.append((int(head.split()[1]), json.loads(rest[:length]) if length else None))
        received = rest[length:]
    return found


def statuses(connection: socket.socket, request: str | bytes) -> list[int]:
    connection.sendall(request if isinstance(request, bytes) else request.encode())
    found = answers(connection)
    for status, body in found:
        assert status == 200 or body["code"] == status
    return [status for status, _ in found]


class TestTalking:
    def test_prompt_to_picture(self, origin: str, client: httpx.Client) -> None:
        reply = client.post(GENERATE, json=GOOD).json()
        assert reply["data"]["get_result"]["url"] == f"{origin}/api/v1/tasks/{reply['data']['task_id']}"
        told = [client.get(reply["data"]["get_result"]["url"]).json()["data"] for _ in range(3)]
        assert [data["status"] for data in told] == ["pending", "processing", "success"]
        (resource,) = told[-1]["result"]["resources"]
        picture = httpx.get(resource["url"], trust_env=False, verify=False)
        assert resource["url"].startswith(origin + "/results/")
        assert picture.headers["Content-Type"] == "image/png"
        assert picture.content[16:24] == b"".join(int(side).to_bytes(4, "big") for side in SIZE.split("x"))

    def test_result_urls_follow_the_host_header(self, client: httpx.Client) -> None:
        headers = {"Host": "pictures.example:99"}
        url = client.post(GENERATE, json=GOOD, headers=headers).json()["data"]["get_result"]["url"]
        assert url.startswith("http://pictures.example:99/api/v1/tasks/")

    @pytest.mark.parametrize("method", ["HEAD", "OPTIONS", "PUT", "DELETE", "PATCH", "TRACE", "BREW", "post"])
    def test_other_methods_are_405(self, origin: str, method: str) -> None:
        connection = http.client.HTTPConnection("127.0.0.1", port_of(origin), timeout=LONG)
        for _ in range(2):  # the second one shows that the connection is still in step
            connection.request(method, GENERATE, body=b"x" * 10)
            response = connection.getresponse()
            assert response.status == 405
            assert response.headers["Allow"] == "POST"
            assert (response.read() == b"") == (method == "HEAD")
        connection.close()

    def test_one_connection_carries_many_requests(self, client: httpx.Client, origin: str) -> None:
        connection = http.client.HTTPConnection("127.0.0.1", port_of(origin), timeout=LONG)
        connection.connect()
        used = connection.sock
        for _ in range(20):
            connection.request("GET", "/api/v1/tasks/x", headers=KEY)
            assert connection.getresponse().read()
            assert connection.sock is used
        connection.close()

    def test_small_replies_are_not_delayed(self, client: httpx.Client) -> None:
        """Without TCP_NODELAY a reply in two writes takes 40 ms, 300 of them more than SOON."""
        client.get("/api/v1/tasks/x")
        started = time.monotonic()
        for _ in range(300):
            client.get("/api/v1/tasks/x")
        assert time.monotonic() - started < SOON

    def test_chunked_bodies_are_read(self, client: httpx.Client, stand_in: StandIn) -> None:
        assert client.post(GENERATE, content=iter([TEXT[:9].encode(), TEXT[9:].encode()])).status_code == 200
        assert client.post(GENERATE, json=GOOD).status_code == 200
        assert [s.body for s in stand_in.submissions] == [good.body(), GOOD]

    def test_a_script_can_cut_a_reply_short(self, client: httpx.Client, stand_in: StandIn) -> None:
        stand_in.answer_next(200, {"content-length": "100"}, b"{")
        with pytest.raises(httpx.RemoteProtocolError):
            client.get("/api/v1/tasks/x")
        assert client.get("/api/v1/tasks/x").status_code == 404

    @pytest.mark.parametrize("status", [204, 304])
    def test_a_scripted_status_without_body_stays_in_step(
        self, client: httpx.Client, stand_in: StandIn, status: int
    ) -> None:
        stand_in.answer_next(status)
        assert client.get("/api/v1/tasks/x").status_code == status
        assert client.get("/api/v1/tasks/x").status_code == 404


class TestFraming:
    CHUNKED = HEAD + "Transfer-Encoding: chunked\r\n\r\n"
    SIZED = HEAD + "Content-Length: {}\r\n\r\n"
    GOOD_HEAD = SIZED.format(len(TEXT))

    @pytest.mark.parametrize(
        "request_text",
        [
            GOOD_HEAD + TEXT,
            CHUNKED + f"{len(TEXT):x}\r\n{TEXT}\r\n0\r\n\r\n",
            CHUNKED + f'5;name="v"\r\n{TEXT[:5]}\r\n{len(TEXT) - 5:X}\r\n{TEXT[5:]}\r\n0\r\nA: 1\r\nB: 2\r\n\r\n',
            GOOD_HEAD.replace("HTTP/1.1", "HTTP/1.0") + TEXT,
            GOOD_HEAD.replace("Authorization", "aUTHORIZATION").replace("Bearer", "bearer") + TEXT,
            GOOD_HEAD.replace(GENERATE, "http://elsewhere" + GENERATE) + TEXT,
        ],
    )
    def test_good_requests(self, raw: socket.socket, request_text: str) -> None:
        assert statuses(raw, request_text) == [200]

    @pytest.mark.parametrize(
        ("request_text", "status"),
        [
            ("\x16\x03\x01\r\n\r\n", 400),
            ("hello\r\n\r\n", 400),
            ("GET /" + "a" * 70_000 + " HTTP/1.1\r\n\r\n", 414),
            ("GET / HTTP/1.1\r\nA: " + "b" * 70_000 + "\r\n\r\n", 431),
            ("GET / HTTP/1.1\r\n" + "A: b\r\n" * 200 + "\r\n", 431),
            ("GET / HTTP/1.1\r\nno colon\r\n\r\n", 400),
            (SIZED.format("abc"), 400),
            (SIZED.format("-1"), 400),
            (SIZED.format("+5"), 400),
            (SIZED.format("1_0"), 400),
            (SIZED.format("²"), 400),
            (SIZED.format(""), 400),
            (HEAD + "Content-Length: 1\r\nContent-Length: 2\r\n\r\nab", 400),
            (HEAD + "Content-Length: 2\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n", 400),
            (HEAD + "Transfer-Encoding: gzip\r\n\r\n", 501),
            (CHUNKED + "x\r\n", 400),
            (CHUNKED + "-1\r\n", 400),
            (CHUNKED + "\r\n", 400),
            (CHUNKED + "2\r\nabc\r\n0\r\n\r\n", 400),
            (CHUNKED + "0\r\n" + "A: b\r\n" * 200 + "\r\n", 400),
            (CHUNKED + "0\r\nA: " + "b" * 20_000, 400),
            (CHUNKED + "5\r\nab", 400),
            (SIZED.format(100) + '{"prompt"', 400),
            (SIZED.format(MAX_BODY + 1) + "abc", 413),
            (SIZED.format("9" * 5000) + "abc", 413),
            (CHUNKED + "FFFFFFFF\r\nabc", 413),
            (CHUNKED + f"{MAX_BODY:x}\r\n" + "a" * MAX_BODY + "\r\n1\r\na\r\n0\r\n\r\n", 413),
        ],
        ids=lambda value: repr(value[-50:]) if isinstance(value, str) else str(value),
    )
    def test_malformed_requests_are_answered(
        self, raw: socket.socket, stand_in: StandIn, request_text: str, status: int
    ) -> None:
        assert statuses(raw, request_text.encode("latin-1")) == [status]
        assert stand_in.submissions == []

    @pytest.mark.parametrize(
        ("line", "status"),
        [
            ("GET /", 505),
            ("GET /api/v1/tasks/x", 505),
            ("GET / HTTP/0.9", 505),
            ("GET / HTTP/2.0", 505),
            ("GET / HTTP/9.9", 505),
            ("GET / HTTP/12.1", 505),
            ("GET / HTTP/" + "9" * 400 + ".1", 505),
            ("PRI * HTTP/2.0\r\n\r\nSM\r\n", 505),
            ("GET", 400),
            ("GET HTTP/1.1", 400),
            ("POST /", 400),
            ("HEAD /", 400),
            ("get /", 400),
            (" ", 400),
            ("\t \t", 400),
            ("\0", 400),
            ("\xff\xfe \xa0 \x85", 400),
            ("GET / http/1.1", 400),
            ("GET / HTTPS/1.1", 400),
            ("GET / HTTP/", 400),
            ("GET / HTTP/1", 400),
            ("GET / HTTP/x", 400),
            ("GET / HTTP/1.x", 400),
            ("GET / HTTP/1.1.1", 400),
            ("GET / HTTP/-1.1", 400),
            ("GET / HTTP/\xb2.1", 400),
            ("GET / a HTTP/1.1", 400),
            ("GET / HTTP/1.1 a", 400),
            ("\r\n" * 20 + "GET / HTTP/1.1", 400),
            ("GET /" + "a" * 200_000, 414),
            ("a" * 200_000, 414),
        ],
        ids=lambda value: repr(value[-30:]) if isinstance(value, str) else str(value),
    )
    @pytest.mark.parametrize("rest", ["", "\r\n", "Host: x\r\n\r\n"], ids=["the line alone", "no header", "header"])
    def test_odd_request_lines_are_answered(
        self, raw: socket.socket, capfd: pytest.CaptureFixture[str], line: str, status: int, rest: str
    ) -> None:
        assert statuses(raw, f"{line}\r\n{rest}".encode("latin-1")) == [status]
        assert capfd.readouterr() == ("", "")

    @pytest.mark.parametrize("text", ["", "\r\n", "\n\r\n", "\r\n" * 8])
    def test_nothing_is_answered_with_nothing(
        self, raw: socket.socket, capfd: pytest.CaptureFixture[str], text: str
    ) -> None:
        assert statuses(raw, text) == []
        assert capfd.readouterr() == ("", "")

    @pytest.mark.parametrize("text", ["GET / HTTP/1.1", "GET /", "G"])
    def test_a_line_cut_short_is_no_request(self, raw: socket.socket, text: str) -> None:
        assert statuses(raw, text) == [505 if text == "GET /" else 400]

    def test_empty_lines_before_a_request_are_skipped(self, raw: socket.socket) -> None:
        """Some old clients end a body with a line break that they do not count."""
        assert statuses(raw, 2 * ("\r\n\n" + self.GOOD_HEAD + TEXT)) == [200, 200]

    def test_a_long_body_is_refused_after_the_client_has_sent_it_all(self, client: httpx.Client) -> None:
        """The answer is not lost to a reset, although nobody read the body."""
        assert client.post(GENERATE, content=b" " * (MAX_BODY + 1)).status_code == 413
        assert client.post(GENERATE, json=GOOD).status_code == 200

    def test_pipelined_requests_are_answered_in_order(self, raw: socket.socket) -> None:
        requests = self.GOOD_HEAD + TEXT + self.SIZED.format(2) + "{}" + self.GOOD_HEAD + TEXT
        assert statuses(raw, requests) == [200, 400, 200]

    def test_expect_is_answered_before_the_body(self, raw: socket.socket) -> None:
        raw.sendall((HEAD + f"Expect: 100-continue\r\nContent-Length: {len(TEXT)}\r\n\r\n").encode())
        assert raw.recv(1000) == b"HTTP/1.1 100 Continue\r\n\r\n"
        assert statuses(raw, TEXT) == [200]

    def test_expect_spares_a_body_that_is_too_long(self, raw: socket.socket) -> None:
        assert statuses(raw, HEAD + f"Expect: 100-continue\r\nContent-Length: {MAX_BODY + 1}\r\n\r\n") == [413]

    @pytest.mark.parametrize(
        ("version", "header", "said"),
        [
            ("1.1", "", "keep-alive"),
            ("1.1", "Connection: close\r\n", "close"),
            ("1.0", "", "close"),
            ("1.0", "Connection: keep-alive\r\n", "keep-alive"),
        ],
    )
    def test_the_answer_says_whether_the_connection_stays(
        self, raw: socket.socket, version: str, header: str, said: str
    ) -> None:
        raw.sendall(f"GET / HTTP/{version}\r\n{header}\r\n".encode())
        assert f"\r\nConnection: {said}\r\n".encode() in raw.recv(65536)
        if said == "close":
            assert raw.recv(1) == b""

    def test_a_client_that_goes_away_leaves_no_trace(
        self, raw: socket.socket, client: httpx.Client, capfd: pytest.CaptureFixture[str]
    ) -> None:
        raw.sendall((HEAD + "Content-Length: 100\r\n\r\nabc").encode())
        raw.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\1\0\0\0\0\0\0\0")  # close with a reset
        raw.close()
        assert client.get("/api/v1/tasks/x").status_code == 404
        assert capfd.readouterr() == ("", "")


class TestMany:
    def test_eight_threads_of_fifty_submissions(self, origin: str, stand_in: StandIn) -> None:
        def submit(number: int) -> list[str]:
            with connect(base_url=origin) as client:
                bodies = [good.body(text=f"{number}-{count}") for count in range(50)]
                return [client.post(GENERATE, json=body).json()["data"]["task_id"] for body in bodies]

        with ThreadPoolExecutor(8) as pool:
            ids = [task_id for found in pool.map(submit, range(8)) for task_id in found]
        assert len(set(ids)) == 400
        assert {s.task_id: s.body[good.TEXT] for s in stand_in.submissions} == {
            task_id: good.prompt(f"{place // 50}-{place % 50}", good.GENERATE) for place, task_id in enumerate(ids)
        }
        assert len(stand_in.submissions) == 400

    def test_the_same_without_a_server(self, stand_in: StandIn) -> None:
        def submit(number: int) -> None:
            for _ in range(50):
                stand_in.handle("POST", GENERATE, KEY, TEXT.encode())
                stand_in.handle("POST", GENERATE, KEY, b"{}")

        with ThreadPoolExecutor(8) as pool:
            list(pool.map(submit, range(8)))
        assert len({s.task_id for s in stand_in.submissions if s.accepted}) == 400
        assert len(stand_in.submissions) == 800

    def test_reads_from_many_threads_count_each(self, sender_to: Any) -> None:
        stand_in = StandIn(reads=101)
        send = sender_to(stand_in)
        task_id = send("POST", "/openai/gpt-image-2/async", GOOD).json()["data"]["task_id"]
        with ThreadPoolExecutor(8) as pool:
            replies = list(pool.map(lambda _: send("GET", f"/tasks/{task_id}").json(), range(101)))
        told = [reply["data"]["status"] for reply in replies]
        assert [told.count(status) for status in ("pending", "processing", "success")] == [50, 50, 1]


class TestStarting:
    def test_only_loopback_is_listened_on(self, origin: str) -> None:
        assert re.fullmatch(r"http://127\.0\.0\.1:\d+", origin)

    def test_stopping_ends_open_connections_at_once(self, stand_in: StandIn) -> None:
        with connect() as client:
            with stand_in.serve() as origin:
                idle = socket.create_connection(("127.0.0.1", port_of(origin)), timeout=LONG)
                client.get(f"{origin}/api/v1/tasks/x")
                started = time.monotonic()
            assert time.monotonic() - started < SOON < IDLE_SECONDS
            with idle:
                assert idle.recv(1) == b""
            with pytest.raises(httpx.TransportError):
                client.get(f"{origin}/api/v1/tasks/x")

    def test_no_thread_is_left(self, stand_in: StandIn) -> None:
        with stand_in.serve() as origin, connect() as client:
            client.get(origin)
            assert len(threads_of(origin)) == 2, "one that accepts, one for the connection that is kept"
        wait_until(lambda: threads_of(origin) == [])

    def test_the_same_port_again_and_a_port_in_use(self, stand_in: StandIn, free_port: int) -> None:
        with stand_in.serve(free_port) as origin, pytest.raises(OSError, match="in use"), StandIn().serve(free_port):
            pass
        with stand_in.serve(free_port) as again:
            assert again == origin == f"http://127.0.0.1:{free_port}"

    def test_two_servers_share_one_stand_in(self, stand_in: StandIn) -> None:
        with stand_in.serve() as one, stand_in.serve() as two, connect() as client:
            task_id = client.post(one + GENERATE, json=GOOD).json()["data"]["task_id"]
            assert client.get(f"{two}/api/v1/tasks/{task_id}").status_code == 200
