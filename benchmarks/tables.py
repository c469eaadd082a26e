"""Tables in Markdown, as the terminal and ``BENCHMARKS.md`` show them."""

from collections.abc import Mapping, Sequence

from benchmarks.measure import Cost

MEGABYTE = 1024 * 1024


def table(heads: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    """Return a table whose first column is words and whose others are numbers."""
    lines = [heads, ["---", *["--:"] * (len(heads) - 1)], *rows]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)


def costs_table(costs: Mapping[str, Cost]) -> str:
    """Return what each run cost, and its share of the first one's CPU and wall time."""
    [first, *_] = costs.values()
    rows = [
        (
            name,
            f"{cost.cpu:.1f}",
            f"{cost.wall:.1f}",
            f"{cost.memory / MEGABYTE:.0f}",
            f"{cost.cpu / first.cpu:.3f}",
            f"{cost.wall / first.wall:.3f}",
        )
        for name, cost in costs.items()
    ]
    return table(("run", "CPU s", "wall s", "peak MB", "CPU / first", "wall / first"), rows)
