"""Side-by-side measurements against other tools, run by ``make bench``; see ``BENCHMARKS.md``."""
