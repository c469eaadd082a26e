"""Vaults: a house of many tenants, its vaults opened cold and at random, its master key replaced while it serves."""

import json
import sys
from pathlib import Path

from benchmarks.environments import ROOT
from benchmarks.material import QUICK, Material
from benchmarks.measure import Command
from benchmarks.results import Target
from benchmarks.runs import Runs
from benchmarks.tables import table
from benchmarks.trials.trial import Trial

MODULE = "benchmarks.trials.house_of_vaults"
TENANTS, OPENS = 10_000, 20_000
FEW_TENANTS, FEW_OPENS = 200, 400


def open_vaults(material: Material, _titles: Path, runs: Runs) -> Trial:
    """Make the house in a process of its own, and judge what it measured of itself."""
    tenants, opens = (FEW_TENANTS, FEW_OPENS) if material.format.name == QUICK.name else (TENANTS, OPENS)
    with runs.folder() as folder:
        home = folder / "home"
        command = Command(argv=(sys.executable, "-m", MODULE, str(home), str(tenants), str(opens)), folder=ROOT)
        runs.measure("vaults", command, folder)
        found = json.loads((folder / "log.txt").read_text().splitlines()[-1])
    return Trial(
        title="Vaults",
        description=f"A house of {tenants:,} tenants, made one by one; vaults opened that were closed, from entering "
        "the scope to a first row read (files in the kernel's page cache still, or dropped from it beforehand); then "
        f"{opens:,} openings of vaults at random, one after another, at most 128 of them open at a time; then a new "
        "master key while 50 requests a second read and write in vaults at random.",
        table=table(
            ("what", "measured"),
            [
                ("making a tenant, ms (CPU)", f"{found['making_ms']:.1f} ({found['making_cpu_ms']:.1f})"),
                ("opening a cold vault, ms", f"{found['cold_ms']:.2f}"),
                ("opening a cold vault from the disk, ms", f"{found['from_disk_ms']:.2f}"),
                ("opening at random, ms: median", f"{found['open_median_ms']:.2f}"),
                ("opening at random, ms: 95 %", f"{found['open_95_ms']:.2f}"),
                ("memory, MB (PSS)", f"{found['memory_mb']:.0f}"),
                ("replacing the master key, s", f"{found['rotation_s']:.1f}"),
                ("requests meanwhile, failed", f"{found['requests']}, {found['failed']}"),
            ],
        ),
        targets=(
            Target(name="Milliseconds to open a cold vault (median)", wanted=5, measured=found["cold_ms"]),
            Target(name="Milliseconds to open a vault at random (95 %)", wanted=20, measured=found["open_95_ms"]),
            Target(name="MB of memory, 128 vaults open of 10,000", wanted=400, measured=found["memory_mb"]),
            Target(name="Requests that fail while the master key is replaced", wanted=0, measured=found["failed"]),
        ),
    )
