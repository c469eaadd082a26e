"""A captured decoder gets nowhere: what it would try works outside the cage, and fails inside, where films are made."""

import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import asdict
from errno import EACCES, ENETUNREACH, EPERM, EXDEV
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from core.cage import RENDER, Cage, ForbiddenCall
from core.media.probe import probe
from tests.support.caged import lay_out
from tests.support.escapes import ESCAPES, World, attempt, attempt_in_a_cage
from tests.support.unprivileged import REPOSITORY, folder_of_ordinary_user, give, run_module

IS_ROOT = os.geteuid() == 0
NAMES = tuple(name for name, escape in ESCAPES.items() if IS_ROOT or not escape.needs_root)
FATAL = tuple(name for name in NAMES if ESCAPES[name].is_fatal)


class QuietHandler(SimpleHTTPRequestHandler):
    def log_message(self, format: str, *arguments: object) -> None:  # noqa: A002 - http.server's name
        """Say nothing."""


@contextmanager
def serving(folder: Path) -> Iterator[int]:
    with ThreadingHTTPServer(("127.0.0.1", 0), partial(QuietHandler, directory=folder)) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        yield server.server_port
        server.shutdown()
        thread.join()


@contextmanager
def sending_rtp() -> Iterator[int]:
    """Send sound by RTP (RFC 3550, µ-law) to a free port of this machine, a packet every few milliseconds."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as found:
        found.bind(("127.0.0.1", 0))
        port = found.getsockname()[1]
    is_over = threading.Event()

    def send() -> None:
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as there:
            number = 0
            while not is_over.wait(0.005):
                header = bytes((0x80, 0)) + number.to_bytes(2) + (number * 160).to_bytes(4) + bytes(4)
                there.sendto(header + bytes(160), ("127.0.0.1", port))
                number += 1

    thread = threading.Thread(target=send)
    thread.start()
    yield port
    is_over.set()
    thread.join()


@contextmanager
def listening(path: Path) -> Iterator[None]:
    with socket.socket(socket.AF_UNIX) as listener:
        listener.bind(str(path))
        listener.listen()
        yield


@contextmanager
def peer_process() -> Iterator[int]:
    """Run a process that anyone may trace, as far as the kernel's settings let it say so."""
    let_anyone_trace = "import ctypes, sys; ctypes.CDLL(None).prctl(0x59616D61, ctypes.c_ulong(-1))"  # PR_SET_PTRACER
    code = f"{let_anyone_trace}; print(flush=True); sys.stdin.read()"
    with subprocess.Popen([sys.executable, "-c", code], stdin=subprocess.PIPE, stdout=subprocess.PIPE) as peer:
        assert peer.stdout is not None
        peer.stdout.readline()
        yield peer.pid
        assert peer.stdin is not None
        peer.stdin.close()


@contextmanager
def laid_out(tmp_path: Path) -> Iterator[World]:
    mine, theirs, elsewhere = (tmp_path / name for name in ("mine", "theirs", "elsewhere"))
    lay_out(mine)
    lay_out(theirs)
    elsewhere.mkdir()
    shutil.copy(theirs / "clip.mp4", theirs / "secret.mp4")
    shutil.copy(theirs / "clip.mp4", tmp_path / "given.mp4")
    (mine / "link").symlink_to(theirs / "secret.mp4")
    with (
        serving(theirs) as http_port,
        sending_rtp() as rtp_port,
        peer_process() as peer,
        listening(tmp_path / "socket"),
    ):
        yield World(
            folder=str(mine),
            given=str(tmp_path / "given.mp4"),
            secret=str(theirs / "secret.mp4"),
            elsewhere=str(elsewhere),
            link=str(mine / "link"),
            http_port=http_port,
            rtp_port=rtp_port,
            unix_socket=str(tmp_path / "socket"),
            peer=peer,
        )


@pytest.fixture
def world(tmp_path: Path) -> Iterator[World]:
    with laid_out(tmp_path) as world:
        yield world


def test_every_attempt_works_outside(world: World) -> None:
    asked = json.dumps({"names": NAMES, "world": asdict(world)})
    done = subprocess.run(
        [sys.executable, "-m", "tests.support.escapes", "outside"],
        input=asked,
        capture_output=True,
        text=True,
        cwd=REPOSITORY,
        check=True,
    )
    answers = json.loads(done.stdout)
    stopped = {name: answer for name, answer in answers.items() if answer is None or "got" not in answer}
    assert stopped == {}
    assert len(answers) == len(NAMES) >= 20


def test_no_attempt_works_inside_and_a_film_is_made_after_them(world: World, tmp_path: Path) -> None:
    before = Path(world.given).read_bytes()
    done = attempt_in_a_cage(NAMES, world, home=tmp_path, warm_up="warm_up")
    assert done["answers"] == {name: {"errno": ESCAPES[name].errno} for name in NAMES}
    assert done["film"] == {"kind": "video", "codec": "h264", "has_audio": True}
    assert probe(Path(world.folder) / "film.mp4").duration == 2
    assert Path(world.given).read_bytes() == before
    assert list(Path(world.elsewhere).iterdir()) == []
    left = {path.name for path in Path(world.folder).iterdir()}
    assert not left & {"made", "linked", "pipe"}


@pytest.mark.parametrize("warm_up", ["warm_up", "warm_up_without_namespaces"])
def test_the_cage_holds_for_an_ordinary_user(warm_up: str) -> None:
    with folder_of_ordinary_user() as folder, laid_out(folder) as world:
        give(folder)
        asked = {"names": NAMES, "world": asdict(world), "home": str(folder / "home"), "warm_up": warm_up}
        done = json.loads(run_module("tests.support.escapes", "inside", text=json.dumps(asked)).stdout)
    assert done["answers"] == {name: {"errno": ESCAPES[name].errno} for name in NAMES}
    assert done["film"] == {"kind": "video", "codec": "h264", "has_audio": True}


LAYERS: Mapping[str, Mapping[str, int]] = {
    "landlock": {
        "read_another_tenants_video": EACCES,
        "read_through_a_planted_link": EACCES,
        "list_the_root": EACCES,
        "write_elsewhere": EACCES,
        "move_a_file_out": EACCES,
        "truncate_what_was_given_to_read": EACCES,
        "make_a_symbolic_link": EACCES,
        "make_a_hard_link": EXDEV,
        "make_a_pipe_for_the_host_to_hang_on": EACCES,
        "run_a_program": EACCES,
        "connect_by_tcp": EACCES,
        "read_the_parents_environment": EACCES,
    },
    "seccomp": {
        "fork": EPERM,
        "run_a_program": EPERM,
        "connect_by_tcp": EPERM,
        "connect_by_unix_socket": EACCES,
        "kill_a_process": EPERM,
        "trace_a_process": EPERM,
        "make_a_symbolic_link": EPERM,
    },
    "namespaces": {"connect_by_tcp": ENETUNREACH, "send_by_udp": ENETUNREACH},
}


@pytest.mark.parametrize("layer", LAYERS)
def test_each_layer_holds_by_itself(layer: str, world: World, tmp_path: Path) -> None:
    names = tuple(LAYERS[layer])
    done = attempt_in_a_cage(names, world, home=tmp_path, warm_up=f"warm_up_with_{layer}_alone")
    assert done["answers"] == {name: {"errno": number} for name, number in LAYERS[layer].items()}
    assert done["film"] == {"kind": "video", "codec": "h264", "has_audio": True}


@pytest.fixture(scope="module")
def killing(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Cage, World]]:
    """A cage as it is by default, and a world for all attempts: none gets as far as to change it."""
    folder = tmp_path_factory.mktemp("killing")
    with laid_out(folder) as world, Cage("tests.support.caged:warm_up", folder) as cage:
        yield cage, world


@pytest.mark.parametrize("name", FATAL)
def test_a_forbidden_attempt_ends_the_job(name: str, killing: tuple[Cage, World]) -> None:
    cage, world = killing
    with pytest.raises(ForbiddenCall) as ended:
        cage.run(attempt, name, world, profile=RENDER, folder=Path(world.folder), read_only=[Path(world.given)])
    assert ended.value.signal == signal.SIGSYS
