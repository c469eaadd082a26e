"""Attempts to get out of a cage: each a function that does what a captured decoder would try.

Each works where nothing hinders it and then returns what it got; ``attempt`` tells what stopped one. Run as a program
(``python -m tests.support.escapes inside|outside``) it makes the attempts that it reads.
"""

import ctypes
import errno
import importlib
import io
import json
import mmap
import os
import resource
import signal
import socket
import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import av
import av.logging

from core.api import JsonValue
from core.cage import RENDER, Cage, Policy
from core.cage.kernel import prctl, system_call
from tests.support.caged import make_film

PTRACE_SEIZE = 0x4206
CALLS: Mapping[str, tuple[int, int]] = {
    # x86-64, aarch64
    "add_key": (248, 217),
    "bpf": (321, 280),
    "clone": (56, 220),
    "io_uring_setup": (425, 425),
    "pidfd_open": (434, 434),
    "process_vm_readv": (310, 270),
    "ptrace": (101, 117),
    "userfaultfd": (323, 282),
}
PR_SET_PDEATHSIG = 1
ENTRY_IS_SHUT = ("Failed to open segment", "Impossible to open", "Failed to open")
"""What FFmpeg logs when a playlist's entry can't be opened: it does not say why, and goes on without."""
MANY_FILES = 200
MUCH_MEMORY = 64 * 2**30

_libc = ctypes.CDLL(None, use_errno=True)


@dataclass(frozen=True, slots=True, kw_only=True)
class World:
    """What there is to reach outside: files by their paths, ports on loopback, a process of the same user."""

    folder: str
    given: str
    """A file that the job may read."""
    secret: str
    """Another tenant's video."""
    elsewhere: str
    """A folder that the user may write to."""
    link: str
    """A symbolic link in the job's folder to another tenant's video."""
    http_port: int
    rtp_port: int
    unix_socket: str
    peer: int


def read_the_systems_users(world: World) -> JsonValue:
    return Path("/etc/passwd").read_text()[:20]


def read_another_tenants_video(world: World) -> JsonValue:
    return len(Path(world.secret).read_bytes())


def read_through_a_planted_link(world: World) -> JsonValue:
    return len(Path(world.link).read_bytes())


def list_the_root(world: World) -> JsonValue:
    return len(list(Path("/").iterdir()))


def list_another_tenants_folder(world: World) -> JsonValue:
    return [path.name for path in Path(world.secret).parent.iterdir()]


def write_elsewhere(world: World) -> JsonValue:
    return (Path(world.elsewhere) / "written").write_text("here")


def overwrite_what_was_given_to_read(world: World) -> JsonValue:
    with Path(world.given).open("r+b") as file:
        return file.write(b"here")


def truncate_what_was_given_to_read(world: World) -> JsonValue:
    os.truncate(world.given, 1)
    return True


def delete_what_was_given_to_read(world: World) -> JsonValue:
    Path(world.given).unlink()
    return True


def change_the_mode_of_what_was_given(world: World) -> JsonValue:
    Path(world.given).chmod(0o600)
    return True


def change_times_of_what_was_given(world: World) -> JsonValue:
    os.utime(world.given, (1, 1))
    return True


def move_a_file_out(world: World) -> JsonValue:
    mine = Path(world.folder) / "mine"
    mine.write_text("mine")
    mine.rename(Path(world.elsewhere) / "moved")
    return True


def make_a_symbolic_link(world: World) -> JsonValue:
    (Path(world.folder) / "made").symlink_to(world.secret)
    return True


def make_a_hard_link(world: World) -> JsonValue:
    os.link(world.given, Path(world.folder) / "linked")
    return True


def make_a_pipe_for_the_host_to_hang_on(world: World) -> JsonValue:
    os.mkfifo(Path(world.folder) / "pipe")
    return True


def read_the_parents_environment(world: World) -> JsonValue:
    return len(Path(f"/proc/{os.getppid()}/environ").read_bytes()) >= 0


def read_a_processs_memory_map(world: World) -> JsonValue:
    return len(Path(f"/proc/{world.peer}/maps").read_text()) > 0


def open_by_concat_protocol(world: World) -> JsonValue:
    return _first_packet(f"concat:{world.secret}")


def open_by_subfile_protocol(world: World) -> JsonValue:
    return _first_packet(f"subfile,,start,0,end,0,,:{world.secret}")


def open_by_http(world: World) -> JsonValue:
    return _first_packet(f"http://127.0.0.1:{world.http_port}/secret.mp4")


def listen_by_an_sdp_file(world: World) -> JsonValue:
    """An SDP document makes FFmpeg open UDP ports, even when it is read from memory."""
    text = f"v=0\no=- 0 0 IN IP4 127.0.0.1\ns=x\nc=IN IP4 127.0.0.1\nt=0 0\nm=audio {world.rtp_port} RTP/AVP 0\n"
    options = {"protocol_whitelist": "file,udp,rtp", "analyzeduration": "100000", "reorder_queue_size": "0"}
    with av.open(io.BytesIO(text.encode()), format="sdp", options=options, timeout=10) as container:
        return len(bytes(next(container.demux())))


def read_by_an_hls_playlist(world: World) -> JsonValue:
    playlist = Path(world.folder) / "trick.m3u8"
    playlist.write_text(f"#EXTM3U\n#EXT-X-TARGETDURATION:9\n#EXTINF:9,\n{world.secret}\n#EXT-X-ENDLIST\n")
    return _first_packet(str(playlist), {"allowed_extensions": "ALL", "extension_picky": "0"})


def read_by_a_concat_playlist(world: World) -> JsonValue:
    playlist = Path(world.folder) / "trick.ffconcat"
    playlist.write_text(f"ffconcat version 1.0\nfile '{world.secret}'\n")
    return _first_packet(str(playlist), {"safe": "0"})


def connect_by_tcp(world: World) -> JsonValue:
    with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as there:
        there.connect(("127.0.0.1", world.http_port))
    return True


def make_an_ipv6_socket(world: World) -> JsonValue:
    socket.socket(socket.AF_INET6, socket.SOCK_STREAM).close()
    return True


def send_by_udp(world: World) -> JsonValue:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as there:
        return there.sendto(b"here", ("127.0.0.1", world.rtp_port))


def connect_by_unix_socket(world: World) -> JsonValue:
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as there:
        there.connect(world.unix_socket)
    return True


def ask_the_kernel_by_netlink(world: World) -> JsonValue:
    with socket.socket(socket.AF_NETLINK, socket.SOCK_RAW) as there:
        there.bind((0, 0))
    return True


def fork(world: World) -> JsonValue:
    child = os.fork()
    if child == 0:
        os._exit(0)
    return os.waitpid(child, 0)[1]


def fork_by_the_raw_call(world: World) -> JsonValue:
    child = _call("clone", signal.SIGCHLD, 0, 0, 0, 0)
    if child == 0:
        os._exit(0)
    return os.waitpid(child, 0)[1]


def run_a_program(world: World) -> JsonValue:
    os.execv("/bin/echo", ["echo", json.dumps({"got": "a program"})])


def kill_a_process(world: World) -> JsonValue:
    os.kill(world.peer, signal.SIGCONT)
    return True


def get_hold_of_a_process(world: World) -> JsonValue:
    os.close(_call("pidfd_open", world.peer, 0))
    return True


def trace_a_process(world: World) -> JsonValue:
    _call("ptrace", PTRACE_SEIZE, world.peer, 0, 0)
    return True


def read_a_processs_memory(world: World) -> JsonValue:
    """Fails with EFAULT where it may be read: nothing lies at address 1."""
    into = ctypes.create_string_buffer(8)
    local = (ctypes.c_size_t * 2)(ctypes.addressof(into), 8)
    remote = (ctypes.c_size_t * 2)(1, 8)
    try:
        _call("process_vm_readv", world.peer, ctypes.addressof(local), 1, ctypes.addressof(remote), 1, 0)
    except OSError as err:
        if err.errno != errno.EFAULT:
            raise
    return True


def change_another_processs_limits(world: World) -> JsonValue:
    return list(resource.prlimit(world.peer, resource.RLIMIT_CORE, (0, 0)))


def change_its_own_limits(world: World) -> JsonValue:
    """Set a limit to what it is: the call is what counts. Python makes a ``ValueError`` of its EPERM."""
    try:
        resource.setrlimit(resource.RLIMIT_CORE, resource.getrlimit(resource.RLIMIT_CORE))
    except ValueError as err:
        raise PermissionError(errno.EPERM, "setrlimit") from err
    return True


def outlive_the_host(world: World) -> JsonValue:
    prctl(PR_SET_PDEATHSIG, 0)
    return True


def make_a_user_namespace(world: World) -> JsonValue:
    os.unshare(os.CLONE_NEWUSER)
    return True


def mount_a_file_system(world: World) -> JsonValue:
    if _libc.mount(b"none", world.elsewhere.encode(), b"tmpfs", 0, None) < 0:
        raise OSError(ctypes.get_errno(), "mount")
    return True


def load_a_kernel_program(world: World) -> JsonValue:
    """Ask for the first map's id; there may be none, which only who may ask is told."""
    attributes = (ctypes.c_uint32 * 4)(0, 0, 0, 0)
    try:
        _call("bpf", 12, ctypes.addressof(attributes), 16)
    except OSError as err:
        if err.errno != errno.ENOENT:
            raise
    return True


def submit_by_io_uring(world: World) -> JsonValue:
    parameters = ctypes.create_string_buffer(120)
    os.close(_call("io_uring_setup", 1, ctypes.addressof(parameters)))
    return True


def handle_page_faults(world: World) -> JsonValue:
    os.close(_call("userfaultfd", 1))  # UFFD_USER_MODE_ONLY
    return True


def keep_a_key_in_the_kernel(world: World) -> JsonValue:
    key, description, payload = (ctypes.create_string_buffer(each) for each in (b"user", b"reelhouse-test", b"x"))
    _call("add_key", *(ctypes.addressof(each) for each in (key, description, payload)), 1, -2)  # the process's keyring
    return True


def write_and_run_memory(world: World) -> JsonValue:
    mmap.mmap(-1, 4096, prot=mmap.PROT_READ | mmap.PROT_WRITE | mmap.PROT_EXEC).close()
    return True


def take_much_memory(world: World) -> JsonValue:
    flags = mmap.MAP_PRIVATE | mmap.MAP_ANONYMOUS | mmap.MAP_NORESERVE
    try:
        mmap.mmap(-1, MUCH_MEMORY, flags=flags).close()
    except MemoryError as err:
        raise OSError(errno.ENOMEM, "mmap") from err
    return True


def take_many_descriptors(world: World) -> JsonValue:
    taken = []
    try:
        taken.extend(os.open("/dev/null", os.O_RDONLY) for _ in range(MANY_FILES))
    finally:
        for fd in taken:
            os.close(fd)
    return True


INVALID_DATA = 0x41444E49
"""``AVERROR_INVALIDDATA``, without its sign."""
LANDLOCK, SECCOMP = errno.EACCES, errno.EPERM


@dataclass(frozen=True, slots=True, kw_only=True)
class Escape:
    """An attempt with the ``errno`` that stops it in a cage that does not kill.

    ``is_fatal`` when a cage that kills ends the job for it; ``needs_root`` when only root may do it outside.
    """

    attempt: Callable[[World], JsonValue]
    errno: int
    is_fatal: bool = False
    needs_root: bool = False


def _refused(errno_: int, *attempts: Callable[[World], JsonValue]) -> dict[str, Escape]:
    return {each.__name__: Escape(attempt=each, errno=errno_) for each in attempts}


def _forbidden(*attempts: Callable[[World], JsonValue], needs_root: bool = False) -> dict[str, Escape]:
    return {
        each.__name__: Escape(attempt=each, errno=SECCOMP, is_fatal=True, needs_root=needs_root) for each in attempts
    }


ESCAPES: Mapping[str, Escape] = {
    **_refused(
        LANDLOCK,
        read_the_systems_users,
        read_another_tenants_video,
        read_through_a_planted_link,
        list_the_root,
        list_another_tenants_folder,
        write_elsewhere,
        move_a_file_out,
        overwrite_what_was_given_to_read,
        read_the_parents_environment,
        read_a_processs_memory_map,
        open_by_concat_protocol,
        open_by_subfile_protocol,
        read_by_an_hls_playlist,
        read_by_a_concat_playlist,
        connect_by_unix_socket,  # refused by the filter with the same errno
    ),
    **_refused(
        SECCOMP,
        change_the_mode_of_what_was_given,
        change_times_of_what_was_given,
        change_another_processs_limits,
        change_its_own_limits,
        outlive_the_host,
        write_and_run_memory,
    ),
    **_refused(errno.ENOMEM, take_much_memory),
    **_refused(errno.EMFILE, take_many_descriptors),
    **_forbidden(
        truncate_what_was_given_to_read,
        make_a_symbolic_link,
        make_a_hard_link,
        make_a_pipe_for_the_host_to_hang_on,
        open_by_http,
        connect_by_tcp,
        make_an_ipv6_socket,
        send_by_udp,
        ask_the_kernel_by_netlink,
        fork,
        fork_by_the_raw_call,
        run_a_program,
        kill_a_process,
        get_hold_of_a_process,
        trace_a_process,
        read_a_processs_memory,
        make_a_user_namespace,
        mount_a_file_system,
        submit_by_io_uring,
        handle_page_faults,
        keep_a_key_in_the_kernel,
    ),
    # FFmpeg tells no more than this of an SDP document's ports; that a call was forbidden, a killing cage tells.
    listen_by_an_sdp_file.__name__: Escape(attempt=listen_by_an_sdp_file, errno=INVALID_DATA, is_fatal=True),
    **_forbidden(load_a_kernel_program, needs_root=True),
    **_refused(LANDLOCK, delete_what_was_given_to_read),  # last: outside it is gone then
}


def attempt(name: str, world: World) -> dict[str, JsonValue]:
    """Make an attempt; tell what was got, or the errno that stopped it. Any other failure is a wrong reason."""
    try:
        return {"got": ESCAPES[name].attempt(world)}
    except (OSError, av.FFmpegError) as err:
        return {"errno": err.errno}


def attempt_outside(names: Sequence[str], world: World) -> dict[str, dict[str, JsonValue]]:
    """Make attempts each in a process of its own, outside any cage."""
    answers = {}
    for name in names:
        outlet, inlet = os.pipe()
        child = os.fork()
        if child == 0:
            os.dup2(inlet, 1)
            if name == mount_a_file_system.__name__:
                os.unshare(os.CLONE_NEWUSER | os.CLONE_NEWNS)  # so that it is seen nowhere else
            os.write(1, json.dumps(attempt(name, world)).encode())
            os._exit(0)
        os.close(inlet)
        with os.fdopen(outlet) as told:
            answers[name] = json.loads(told.read() or "null")
        os.waitpid(child, 0)
    return answers


def attempt_in_a_cage(names: Sequence[str], world: World, *, home: Path, warm_up: str) -> dict[str, Any]:
    """Make all attempts in one caged process that refuses and does not kill, and then a film; tell of both.

    The cage takes any kernel: what the warm-up leaves of it.
    """
    policy = Policy(kills_offenders=False, accepts_weak=True)
    folder = Path(world.folder)
    with Cage(f"tests.support.caged:{warm_up}", home, policy=policy) as cage:
        done = cage.run(
            attempt_and_make_a_film, names, world, profile=RENDER, folder=folder, read_only=[Path(world.given)]
        )
    assert isinstance(done, dict)
    return done


def attempt_and_make_a_film(names: Sequence[str], world: World) -> JsonValue:
    answers: dict[str, JsonValue] = {name: attempt(name, world) for name in names}
    return {"answers": answers, "film": make_film("mp4-h264", Path(world.folder))}


def _first_packet(name: str, options: dict[str, str] | None = None) -> JsonValue:
    """Return the size of a file's first packet. A playlist's entry that is shut counts as refused."""
    av.logging.set_level(av.logging.WARNING)
    with av.logging.Capture() as log:
        try:
            with av.open(name, options=options or {}, timeout=10) as container:
                return len(bytes(next(container.demux())))
        except av.InvalidDataError as err:
            if any(message.startswith(ENTRY_IS_SHUT) for _, _, message in log):
                raise PermissionError(errno.EACCES, name) from err
            raise
        finally:
            av.logging.set_level(None)


def _call(name: str, *arguments: int) -> int:
    x86_64, aarch64 = CALLS[name]
    return system_call(x86_64 if os.uname().machine == "x86_64" else aarch64, *arguments)


def main(where: str, asked: dict[str, Any]) -> dict[str, Any]:
    """Make the attempts that are asked for ``inside`` a cage or ``outside``."""
    # By its own name: what a cage runs is found by the name of its module.
    escapes = importlib.import_module("tests.support.escapes")
    world = escapes.World(**asked["world"])
    if where == "inside":
        home, warm_up = Path(asked["home"]), asked["warm_up"]
        return escapes.attempt_in_a_cage(asked["names"], world, home=home, warm_up=warm_up)
    return escapes.attempt_outside(asked["names"], world)


if __name__ == "__main__":
    sys.stdout.write(json.dumps(main(sys.argv[1], json.load(sys.stdin))))
