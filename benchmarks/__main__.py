"""``make bench``: measure, print, write ``BENCHMARKS.md``; exit with 1 when a target is missed."""

import argparse
import sys
import tempfile
from pathlib import Path

from benchmarks.bench import SCENES, Bench
from benchmarks.environments import ROOT
from benchmarks.material import FULL, QUICK, prepare
from benchmarks.report import Machine, markdown, target_table

BUILD = ROOT / "build" / "bench"


def main() -> int:
    """Run what the arguments ask for; return the exit code."""
    options = _options()
    material = prepare(BUILD, QUICK if options.quick else FULL)
    rounds = 1 if options.quick else options.rounds
    with tempfile.TemporaryDirectory(prefix="reelhouse-bench-") as scratch:
        bench = Bench(material, rounds=rounds, scratch=Path(scratch), wanted=options.scene or SCENES)
        bench.run()
    if bench.is_faulty:
        print("Reelhouse or ffmpeg failed or drew something else: nothing is judged or written.")
        return 1
    print(target_table(bench.targets))
    if options.quick:
        print("Quick: small and short, to see that everything runs. Targets do not hold here; nothing is written.")
        return 0
    if not bench.is_whole or bench.memory is None:
        print("Not all was measured: nothing is written.")
        return 0
    document = markdown(
        machine=Machine.here(),
        versions={tool.name: tool.version() for tool in bench.tools},
        rounds=rounds,
        scenes=bench.scenes,
        memory=bench.memory,
        trials=bench.trials,
        targets=bench.targets,
    )
    (ROOT / "BENCHMARKS.md").write_text(document)
    print("Written to BENCHMARKS.md.")
    return 0 if all(target.is_met for target in bench.targets) else 1


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    parser.add_argument("--rounds", type=_positive, default=3, help="how often what is short is measured (default 3)")
    parser.add_argument("--quick", action="store_true", help="one round on small, short material, to see that it runs")
    parser.add_argument("--scene", action="append", choices=SCENES, help="measure this alone (may be repeated)")
    return parser.parse_args()


def _positive(text: str) -> int:
    """Read a number of at least 1."""
    number = int(text)
    if number < 1:
        raise argparse.ArgumentTypeError("must be at least 1")
    return number


if __name__ == "__main__":
    sys.exit(main())
