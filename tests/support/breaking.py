"""A proxy that breaks connections on request: between a client and a server, over HTTP, on loopback."""

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.client import HTTPConnection
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import urlsplit

type Rule = Callable[[str, str], int | None]
"""Given a method and a path: how many bytes of the answer's body to pass before the connection breaks, None for all,
-1 to break it before the server is asked. A rule may also wait."""


class BreakingProxy:
    """The running proxy. ``rule`` may be replaced at any time; ``asked`` lists the requests that came."""

    def __init__(self, server_url: str) -> None:
        self._target = urlsplit(server_url).netloc
        self.rule: Rule = lambda method, path: None
        self.asked: list[str] = []
        self.url = ""

    def handler(self) -> type[BaseHTTPRequestHandler]:
        """Return what answers the requests."""
        proxy = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_GET(self) -> None:
                proxy.pass_on(self)

            do_PUT = do_POST = do_DELETE = do_HEAD = do_GET  # noqa: N815 - http.server's names

            def log_message(self, format: str, *arguments: object) -> None:  # noqa: A002 - likewise
                """Say nothing."""

        return Handler

    def pass_on(self, request: BaseHTTPRequestHandler) -> None:
        """Ask the server what the client asked, and pass on the answer as far as the rule lets it."""
        body = request.rfile.read(int(request.headers.get("Content-Length") or 0))
        self.asked.append(f"{request.command} {request.path}")
        most = self.rule(request.command, request.path)
        request.close_connection = True
        if most == -1:
            return
        connection = HTTPConnection(self._target)
        try:
            # The client has signed the proxy's own host name: it is passed on as it came.
            connection.putrequest(request.command, request.path, skip_host=True, skip_accept_encoding=True)
            for name, value in request.headers.items():
                if name.lower() != "expect":
                    connection.putheader(name, value)
            connection.endheaders(body)
            answer = connection.getresponse()
            request.send_response_only(answer.status, answer.reason)
            content = answer.read()
            for name, value in answer.getheaders():
                if name.lower() not in ("transfer-encoding", "connection", "content-length"):
                    request.send_header(name, value)
            length = answer.getheader("Content-Length") if request.command == "HEAD" else str(len(content))
            request.send_header("Content-Length", length or "0")
            request.send_header("Connection", "close")
            request.end_headers()
            request.wfile.write(content if most is None else content[:most])
        finally:
            connection.close()


@contextmanager
def breaking_proxy(server_url: str) -> Iterator[BreakingProxy]:
    """Run a proxy before a server."""
    proxy = BreakingProxy(server_url)
    with ThreadingHTTPServer(("127.0.0.1", 0), proxy.handler()) as server:
        server.daemon_threads = True
        proxy.url = f"http://127.0.0.1:{server.server_port}"
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
        thread.start()
        try:
            yield proxy
        finally:
            server.shutdown()
            thread.join()
