"""Data and maths that both renderers share: easings, fit, placement, transitions, animations."""
