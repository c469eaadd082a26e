"""Trials: what Reelhouse is measured in against itself: work done again, copied, shared among cores, caged."""
