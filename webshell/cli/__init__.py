"""The command `reelhouse`: one module a group of commands."""

import os

# NumPy's linear algebra starts a thread a core when it is imported, and they spin. Nothing here multiplies matrices
# that are large enough to want them.
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
