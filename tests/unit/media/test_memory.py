import subprocess
import sys

GROWING = """
import resource
import sys
import numpy as np
from core.media.memory import give_large_blocks_back

if sys.argv[1] == "given back":
    give_large_blocks_back()
np.ones(16 * 2**20, np.uint8)  # once freed, by default all that is smaller comes from the heap
kept = []
for _ in range(60):
    frame = np.ones(2 * 2**20, np.uint8)
    kept.append(bytes(100_000))
    del frame
pages = int(open("/proc/self/statm").read().split()[1])
frames = [np.ones(2 * 2**20, np.uint8) for _ in range(40)]
between = [bytes(100_000) for _ in range(40)]
del frames
print((int(open("/proc/self/statm").read().split()[1]) - pages) * resource.getpagesize())
"""


def growth(how: str) -> int:
    done = subprocess.run([sys.executable, "-c", GROWING, how], capture_output=True, text=True, check=True)
    return int(done.stdout)


def test_freed_frames_are_not_kept_where_smaller_blocks_lie_between_them() -> None:
    assert growth("given back") < 10 * 2**20


def test_the_c_library_alone_would_keep_them() -> None:
    assert growth("kept") > 40 * 2**20
