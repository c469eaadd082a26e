"""A render from start to finish: gather, plan, draw, mix, encode, report."""
