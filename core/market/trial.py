"""The trial of a plugin: it is imported and put to its contract in a process of its own, before it is used here.

``python -m core.market.trial FOLDER ID HOME`` prints what was found, as JSON.
"""

import json
import resource
import subprocess
import sys
import tempfile
from dataclasses import asdict
from pathlib import Path

from core.host.checking import Finding, check_installed
from core.host.discovery import discover
from core.host.host import PluginHost
from core.host.settings import Settings
from core.market.failures import Unhealthy

TIMEOUT_S = 180
CPU_S = 120
MEMORY_BYTES = 4 * 2**30


def try_out(folder: Path, plugin_id: str) -> tuple[Finding, ...]:
    """Try a plugin that lies in a folder with all that it brought; raise ``Unhealthy`` unless it passes."""
    with tempfile.TemporaryDirectory(prefix="reelhouse-trial-") as home:
        command = [sys.executable, "-m", "core.market.trial", str(folder), plugin_id, home]
        environment = {"PATH": "/usr/bin:/bin", "HOME": home, "LANG": "C.UTF-8", "PYTHONPATH": str(_source())}
        try:
            done = subprocess.run(
                command,
                env=environment,
                cwd=home,
                capture_output=True,
                text=True,
                timeout=TIMEOUT_S,
                check=False,
                stdin=subprocess.DEVNULL,
            )
        except subprocess.TimeoutExpired as err:
            raise Unhealthy(f"{plugin_id} did not come to an end within {TIMEOUT_S} s") from err
    try:
        findings = tuple(Finding(**each) for each in json.loads(done.stdout.rpartition("\n\n")[2]))
    except (ValueError, TypeError) as err:
        last = done.stderr.strip().splitlines()[-1:] or [f"exit code {done.returncode}"]
        raise Unhealthy(f"{plugin_id} ended its trial: {last[0]}") from err
    if problems := [f"{each.what}: {each.problem}" for each in findings if not each.is_good]:
        raise Unhealthy(f"{plugin_id} fails its own contract: {'; '.join(problems)}")
    return findings


def _source() -> Path:
    return Path(__file__).resolve().parents[2]


def _main(folder: str, plugin_id: str, home: str) -> None:
    resource.setrlimit(resource.RLIMIT_CPU, (CPU_S, CPU_S))
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY_BYTES, MEMORY_BYTES))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    sys.path.append(folder)
    found = [each for each in discover() if each.id == plugin_id]
    with PluginHost(found, Settings(), home=Path(home)) as host:
        findings = check_installed(host.plugin(plugin_id))
    sys.stdout.write("\n\n" + json.dumps([asdict(each) for each in findings]))


if __name__ == "__main__":
    _main(*sys.argv[1:])
