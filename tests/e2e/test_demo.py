"""``reelhouse serve --demo``: a house to try out, with passwords that stay, and never in a house that others use."""

import asyncio
import json
import stat
import subprocess
import sys
from pathlib import Path

from tests.support.hosts import serving

HELLO = {"version": 1, "name": "Hello", "output": {"width": 160, "height": 90, "fps": 10}, "tracks": [
    {"clips": [{"start": 0, "duration": 1, "asset": {"type": "color", "color": "#336699"}}]}
]}  # fmt: skip


async def curl(url: str, *arguments: str) -> dict[str, object]:
    """Ask with curl and return the JSON that came."""
    process = await asyncio.create_subprocess_exec(
        "curl", "--silent", "--fail-with-body", url, *arguments, stdout=asyncio.subprocess.PIPE
    )
    said, _ = await process.communicate()
    read: dict[str, object] = json.loads(said)
    return read


async def test_the_demo_is_made_once_and_its_video_is_rendered(tmp_path: Path) -> None:
    home, examples = tmp_path / "home", tmp_path / "examples"
    examples.mkdir()
    for name in ("sample", "hello"):
        (examples / f"{name}.json").write_text(json.dumps(HELLO | {"name": name.title()}))
    passwords = []
    for _ in range(2):
        async with serving(home, None, "--demo", str(examples)) as host:
            kept = json.loads((home / "demo.json").read_text())
            passwords.append(kept)
            sent = json.dumps({"email": kept["client"], "password": kept["client_password"], "tokens": True})
            api = f"http://localhost:{host.port}/api/v1"
            json_type = ("--header", "Content-Type: application/json")
            signed_in = await curl(f"{api}/auth/login", *json_type, "--data", sent)
            assert isinstance(signed_in["tokens"], dict)
            bearer = ("--header", f"Authorization: Bearer {signed_in['tokens']['access_token']}")
            projects = await curl(f"{api}/projects", *bearer)
            assert isinstance(projects["items"], list)
            assert sorted(each["name"] for each in projects["items"]) == ["Hello", "Sample"]
            async with asyncio.timeout(60):
                while True:
                    videos = (await curl(f"{api}/videos", *bearer))["items"]
                    assert isinstance(videos, list)
                    if [each["status"] for each in videos] == ["ready"]:
                        break
                    await asyncio.sleep(0.2)
            sent = json.dumps({"email": kept["admin"], "password": kept["admin_password"], "tokens": True})
            signed_in = await curl(f"{api}/auth/login", *json_type, "--data", sent)
            assert isinstance(signed_in["tokens"], dict)
            bearer = ("--header", f"Authorization: Bearer {signed_in['tokens']['access_token']}")
            assert len((await curl(f"{api}/admin/tenants", *bearer))["items"]) == 1
    assert passwords[0] == passwords[1]
    assert stat.S_IMODE((home / "demo.json").stat().st_mode) == 0o600


async def test_a_house_that_others_use_gets_no_demo(tmp_path: Path) -> None:
    examples = tmp_path / "examples"
    examples.mkdir()
    (examples / "hello.json").write_text(json.dumps(HELLO))
    home = tmp_path / "home"
    command = [sys.executable, "-m", "webshell.cli", "user", "create", "ada@example.com"]
    await asyncio.to_thread(subprocess.run, command, env={"REELHOUSE_HOME": str(home)}, check=True)
    async with serving(home, None, "--demo", str(examples)):
        assert not (home / "demo.json").exists()
