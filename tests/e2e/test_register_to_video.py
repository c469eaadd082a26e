"""The whole way over a real host: from registration to a video; and renders that outlive their host."""

import asyncio
import json
import os
import shutil
import signal
import urllib.request
from pathlib import Path
from typing import Any

import av
import pytest

from tests.support.hosts import Host, serving
from tests.support.letters import letters, secret_in

SCRIPT = Path(__file__).parents[2] / "docs" / "register-to-video.sh"
LONG = {
    "version": 1,
    "output": {"width": 1280, "height": 720, "fps": 25},
    "tracks": [
        {
            "clips": [
                {
                    "start": 0,
                    "duration": 60,
                    "asset": {"type": "color", "color": "#d2691e"},
                    "scale": {"keys": [{"t": 0, "v": 0.2}, {"t": 60, "v": 1.0}]},
                }
            ]
        }
    ],
}


async def test_the_script_of_the_docs_goes_from_registration_to_a_video_with_curl_alone(tmp_path: Path) -> None:
    assert shutil.which("curl")
    made = tmp_path / "made.mp4"
    async with serving(tmp_path / "home") as host:
        environment = {**os.environ, "TMPDIR": str(tmp_path)}
        arguments = [f"http://localhost:{host.port}", str(tmp_path / "home" / "mail"), str(made)]
        script = await asyncio.create_subprocess_exec(
            "sh", str(SCRIPT), *arguments, env=environment,
            stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.STDOUT,
        )  # fmt: skip
        said, _ = await script.communicate()
        assert script.returncode == 0, said.decode()
    assert said.decode().splitlines()[-1] == f"Done: {made.stat().st_size} bytes"
    with av.open(made) as video:
        frames = [frame.to_ndarray(format="rgb24") for frame in video.decode(video=0)]
    assert len(frames) == 75
    assert abs(frames[40][180, 320].astype(int) - (0xD2, 0x69, 0x1E)).max() < 12  # the uploaded picture's orange
    with av.open(made) as video:
        heard = max(abs(frame.to_ndarray()).max() for frame in video.decode(audio=0))
    assert heard > 0.01


def call(host: Host, method: str, path: str, sent: Any = None, token: str = "") -> Any:
    """Ask a host's API and return its JSON."""
    headers = {"Content-Type": "application/json", **({"Authorization": f"Bearer {token}"} if token else {})}
    body = None if sent is None else json.dumps(sent).encode()
    url = f"http://127.0.0.1:{host.port}/api/v1{path}"
    with urllib.request.urlopen(urllib.request.Request(url, body, headers, method=method), timeout=30) as answer:
        text = answer.read()
    return json.loads(text) if text else None


def signed_up(host: Host, home: Path) -> None:
    """Register Ada and confirm her address."""
    account = {"email": "ada@example.com", "password": "four words will do", "name": "Ada", "workspace": "Films"}
    call(host, "POST", "/auth/register", account)
    call(host, "POST", "/auth/confirm", {"token": secret_in(letters(home)[-1])})


def token_of(host: Host) -> str:
    """Sign Ada in."""
    sent = {"email": "ada@example.com", "password": "four words will do", "tokens": True}
    return str(call(host, "POST", "/auth/login", sent)["tokens"]["access_token"])


async def standing(host: Host, render: str, token: str, *, until: set[str], least: float = 0.0) -> Any:
    """Return how a render stands once it is in one of some states, and so far."""
    async with asyncio.timeout(120):
        while True:
            found = await asyncio.to_thread(call, host, "GET", f"/renders/{render}", None, token)
            if found["state"] in until and found["progress"] >= least:
                return found
            await asyncio.sleep(0.1)


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGKILL])
async def test_a_render_outlives_its_host_and_is_published_once(tmp_path: Path, number: signal.Signals) -> None:
    async with serving(tmp_path) as host:
        await asyncio.to_thread(signed_up, host, tmp_path)
        token = await asyncio.to_thread(token_of, host)
        render = await asyncio.to_thread(call, host, "POST", "/renders", {"timeline": LONG}, token)
        reader, writer = await asyncio.open_connection("127.0.0.1", host.port)
        writer.write(
            f"GET /api/v1/events HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer {token}\r\n\r\n".encode()
        )
        assert b"200" in await reader.readline()
        await standing(host, render["id"], token, until={"running"}, least=0.1)
        async with asyncio.timeout(30):
            while b"event: job" not in await reader.readline():
                pass
        if number is signal.SIGTERM:
            code, _ = await host.end()
            assert code == 0
        else:
            host.process.send_signal(number)
            await host.process.wait()
        writer.close()
    async with serving(tmp_path) as host:
        token = await asyncio.to_thread(token_of, host)
        done = await standing(host, render["id"], token, until={"done", "failed"})
        assert (done["state"], done["error"]) == ("done", None)
        assert done["attempts"] == 2
        videos = (await asyncio.to_thread(call, host, "GET", "/videos", None, token))["items"]
        assert [(each["id"], each["status"]) for each in videos] == [(render["video"], "ready")]
        told = (await asyncio.to_thread(call, host, "GET", "/notifications", None, token))["items"]
        assert [each["kind"] for each in told] == ["video.ready"]
        usage = await asyncio.to_thread(call, host, "GET", "/usage", None, token)
        assert {each["metric"]: each["used"] for each in usage["items"]}["render_seconds"] == 60
    assert [path for path in (tmp_path / "studio").rglob("*") if path.is_file()] == []
