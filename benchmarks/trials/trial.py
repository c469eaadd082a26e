"""A trial: what was measured in it, what it is held against, and what was wrong with the outputs."""

from dataclasses import dataclass

from benchmarks.results import Target


@dataclass(frozen=True, slots=True, kw_only=True)
class Trial:
    """One trial, as the report shows it. ``complaints`` are faults in outputs: with one of them nothing counts."""

    title: str
    description: str
    table: str
    targets: tuple[Target, ...]
    complaints: tuple[str, ...] = ()
