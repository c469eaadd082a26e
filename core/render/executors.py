"""Executors: how many workers this machine has room for, and the cluster that does the work instead."""

import importlib
import os
from collections.abc import Iterator, Mapping
from concurrent.futures import Executor
from contextlib import ExitStack
from pathlib import Path
from typing import Any, cast

from core.api import ReelhouseError

DASK_VARIABLE = "REELHOUSE_DASK"
"""The setting ``dask``: the address of a Dask scheduler, ``tcp://host:8786``."""
STORE_VARIABLE = "REELHOUSE_DASK_STORE"
"""The setting ``dask_store``: the id of the storage backend through which workers are reached that have other homes."""
CONNECT_SECONDS = 10
CORES_A_WORKER = 2
"""One draws and decodes, the other encodes."""
MEMORY_A_WORKER = 2**30
"""Bytes that a worker needs for pictures of 4K; most need less than half of that."""
_CGROUPS, _MEMBERSHIP = Path("/sys/fs/cgroup"), Path("/proc/self/cgroup")
_MEMORY = Path("/proc/meminfo")


class ClusterFailed(ReelhouseError):
    """The cluster that was asked for can't be used."""

    code = "cluster_failed"
    status = 503


def workers_here() -> int:
    """Return how many workers fit the processors and the memory that this process may use, at least one."""
    cores = min(len(os.sched_getaffinity(0)), _cores_granted())
    return max(1, min(cores // CORES_A_WORKER, _memory() // MEMORY_A_WORKER))


def open_cluster(environment: Mapping[str, str], closing: ExitStack) -> Executor | None:
    """Connect to the Dask cluster that the environment names, if it does; ``closing`` ends the connection.

    Raise ``ClusterFailed`` when Dask is not installed or its scheduler does not answer.
    """
    address = environment.get(DASK_VARIABLE, "")
    if not address:
        return None
    try:
        distributed: Any = importlib.import_module("distributed")  # an extra, slow to import
    except ImportError as err:
        raise ClusterFailed("Dask is not installed", hint="pip install reelhouse[cluster]") from err
    try:
        client = closing.enter_context(distributed.Client(address, timeout=CONNECT_SECONDS, set_as_default=False))
    except (OSError, ValueError) as err:
        raise ClusterFailed(f"{address}: no Dask scheduler answers: {err}", hint=f"see {DASK_VARIABLE}") from err
    # Retries are ours: a worker that dies is told apart from work that fails (see ``Errand.begin``).
    return cast(Executor, client.get_executor(pure=False, retries=0))


def _cores_granted() -> int:
    """Return the processors that the control groups grant, rounded up; as many as there are where none sets a limit."""
    granted = [os.cpu_count() or 1]
    for group in _groups():
        quota, _, period = _read(group / "cpu.max").partition(" ")
        if quota.isdigit() and period.isdigit():
            granted.append(-(-int(quota) // int(period)))
    older, period = (_read(_CGROUPS / "cpu" / f"cpu.cfs_{name}_us") for name in ("quota", "period"))
    if older.isdigit() and period.isdigit():
        granted.append(-(-int(older) // int(period)))
    return min(granted)


def _memory() -> int:
    """Return the bytes of memory that are free for use, by the machine and by the control groups."""
    pages = os.sysconf("SC_AVPHYS_PAGES") * os.sysconf("SC_PAGE_SIZE")
    lines = dict(line.split(":", 1) for line in _read(_MEMORY).splitlines() if ":" in line)
    available = int(lines["MemAvailable"].split()[0]) * 1024 if "MemAvailable" in lines else pages
    limits = [_read(group / "memory.max") for group in _groups()]
    limits.append(_read(_CGROUPS / "memory" / "memory.limit_in_bytes"))
    return min([available, *(int(limit) for limit in limits if limit.isdigit())])


def _groups() -> Iterator[Path]:
    """Yield the control group of this process and all around it: each may set a limit (cgroups(7), version 2)."""
    own = next((line[3:] for line in _read(_MEMBERSHIP).splitlines() if line.startswith("0::")), "")
    group = _CGROUPS.joinpath(*(part for part in own.split("/") if part not in ("", "..")))
    yield group
    while group != _CGROUPS:
        group = group.parent
        yield group


def _read(path: Path) -> str:
    try:
        return path.read_text().strip()
    except OSError:  # another kernel, or not for us to see
        return ""
