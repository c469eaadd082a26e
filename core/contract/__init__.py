"""Data and maths that the server's and the browser's renderer share: easings, fit, placement, transitions, animations."""
