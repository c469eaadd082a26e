"""Golden pictures: a drawing compared with a reference that a person looked at."""

import os
import tempfile
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image

UPDATE_VARIABLE = "REELHOUSE_UPDATE_GOLDEN"
"""Set to 1 (or run ``pytest --update-golden``) to write the references anew. Then look at them."""


def psnr(one: NDArray[np.uint8], other: NDArray[np.uint8]) -> float:
    """Return the peak signal-to-noise ratio of two 8-bit pictures in dB, over all channels; infinite when equal.

    Raise ``ValueError`` when their shapes differ.
    """
    if one.shape != other.shape:
        raise ValueError(f"the pictures have the shapes {one.shape} and {other.shape}")
    error = float(np.mean((one.astype(np.float64) - other.astype(np.float64)) ** 2))
    return float("inf") if error == 0 else 10 * float(np.log10(255**2 / error))


def assert_golden(picture: NDArray[np.uint8], path: Path, *, min_psnr: float = 45.0) -> None:
    """Compare an RGB or RGBA picture with the PNG at ``path``; colours under alpha 0 do not count.

    Raise ``AssertionError`` when they differ by less than ``min_psnr`` dB, in size or in channels; the picture is
    then written under the temporary folder, and the error says where. With ``REELHOUSE_UPDATE_GOLDEN=1`` (or
    ``pytest --update-golden``) the picture becomes the reference instead.
    """
    if picture.dtype != np.uint8 or picture.ndim != 3 or picture.shape[2] not in (3, 4):
        raise ValueError(f"an RGB or RGBA picture is needed, not {picture.dtype} of shape {picture.shape}")
    if os.environ.get(UPDATE_VARIABLE, "") not in ("", "0"):
        path.parent.mkdir(parents=True, exist_ok=True)
        Image.fromarray(picture).save(path, optimize=True)
        return
    if not path.is_file():
        raise AssertionError(f"there is no reference {path}; {_kept(picture, path)} holds what was drawn")
    with Image.open(path) as opened:
        reference = np.asarray(opened)
    if reference.shape != picture.shape:
        raise AssertionError(
            f"{path.name} has the shape {reference.shape}, the drawing {picture.shape}: {_kept(picture, path)}"
        )
    likeness = psnr(_seen(picture), _seen(reference))
    if likeness < min_psnr:
        raise AssertionError(
            f"{path.name}: PSNR {likeness:.1f} dB is below {min_psnr:g} dB; {_kept(picture, path)} holds what was drawn"
        )


def _seen(picture: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """Blank what alpha hides."""
    if picture.shape[2] == 3:
        return picture
    return np.where(picture[:, :, 3:] == 0, np.uint8(0), picture)


def _kept(picture: NDArray[np.uint8], path: Path) -> Path:
    folder = Path(tempfile.gettempdir()) / "reelhouse-golden"
    folder.mkdir(exist_ok=True)
    actual = folder / f"{path.stem}.actual.png"
    Image.fromarray(picture).save(actual)
    return actual
