"""S3 servers of three makers on loopback, for the storage tests: moto, s3rver and ministack.

moto comes with the tools of development; s3rver (Node) and ministack (it pins an old botocore) are installed.
"""

import os
import socket
import subprocess
import threading
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

import boto3
import urllib3
from botocore.config import Config
from moto.server import ThreadedMotoServer
from urllib3.util import Retry

from tests.support.installing import NODE, node_peer, python_peer

if TYPE_CHECKING:
    from types_boto3_s3.client import S3Client

REGION = "us-east-1"


@dataclass(frozen=True, slots=True, kw_only=True)
class Peer:
    """A running server. ``checks_keys``: it refuses wrong ones; ``aborts_uploads``: it can drop parts."""

    name: str
    endpoint_url: str
    access_key: str
    secret_key: str
    checks_keys: bool
    aborts_uploads: bool


@cache
def client_of(peer: Peer) -> "S3Client":
    """Return a client of boto3's own, to prepare and to look."""
    return boto3.client(
        "s3",
        endpoint_url=peer.endpoint_url,
        aws_access_key_id=peer.access_key,
        aws_secret_access_key=peer.secret_key,
        region_name=REGION,
        config=Config(
            s3={"addressing_style": "path"},
            request_checksum_calculation="when_required",
            response_checksum_validation="when_required",
        ),
    )


@contextmanager
def moto() -> Iterator[Peer]:
    """Run moto in this process."""
    server = ThreadedMotoServer("127.0.0.1", port=0, verbose=False)
    server.start()
    try:
        host, port = server.get_host_and_port()
        yield Peer(
            name="moto",
            endpoint_url=f"http://{host}:{port}",
            access_key="moto",
            secret_key="moto",
            checks_keys=False,
            aborts_uploads=True,
        )
    finally:
        server.stop()


@contextmanager
def s3rver(folder: Path) -> Iterator[Peer]:
    """Run s3rver, its objects in ``folder``."""
    program = node_peer("s3rver") / "node_modules" / "s3rver" / "bin" / "s3rver.js"
    command = [NODE, program, "-d", folder, "-a", "127.0.0.1", "-p", "0", "--no-vhost-buckets"]
    with _running(command, dict(os.environ), "listening on") as line:
        yield Peer(
            name="s3rver",
            endpoint_url=f"http://{line.rsplit(' ', 1)[-1].strip()}",
            access_key="S3RVER",
            secret_key="S3RVER",
            checks_keys=True,
            aborts_uploads=False,
        )


@contextmanager
def ministack(folder: Path) -> Iterator[Peer]:
    """Run ministack, with nothing but S3, and with credentials looked at."""
    port = _free_port()
    environment = os.environ | {
        "AUTH": "true",
        "BIND_HOST": "127.0.0.1",
        "GATEWAY_PORT": str(port),
        "S3_DATA_DIR": str(folder),
        "SERVICES": "s3",
        "TMPDIR": str(folder),
    }
    with _running([python_peer("ministack") / "bin" / "ministack"], environment, "Ready"):
        # It says so a moment before it listens.
        urllib3.request("GET", f"http://127.0.0.1:{port}/", retries=Retry(connect=20, backoff_factor=0.02))
        yield Peer(
            name="ministack",
            endpoint_url=f"http://127.0.0.1:{port}",
            access_key="test",
            secret_key="test",
            checks_keys=True,
            aborts_uploads=True,
        )


@contextmanager
def _running(command: list[str | Path], environment: dict[str, str], mark: str) -> Iterator[str]:
    """Run a server; give the line of its output that holds ``mark``."""
    with ExitStack() as stack:
        server = stack.enter_context(
            subprocess.Popen(
                [str(part) for part in command],
                env=environment,
                stdout=subprocess.PIPE,
                stderr=subprocess.STDOUT,
                text=True,
            )
        )
        stack.callback(server.terminate)
        assert server.stdout is not None
        said = []
        for line in server.stdout:
            said.append(line)
            if mark in line:
                break
        else:
            raise RuntimeError(f"{command[0]} ended: {''.join(said)}")
        drain = threading.Thread(target=server.stdout.read)
        drain.start()
        try:
            yield line
        finally:
            server.terminate()
            drain.join()


def _free_port() -> int:
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        return int(found.getsockname()[1])
