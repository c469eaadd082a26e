"""Checking the output: that its encoders are there, and take the sizes and qualities that they are given."""

from collections.abc import Iterator, Mapping

from core.api import Catalogue, Encoder
from core.timeline.checking.uses import check_values, unknown
from core.timeline.complaints import Complaint
from core.timeline.document.timeline import Output, rendition_quality


def check_output(output: Output, catalogue: Catalogue, path: str) -> Iterator[Complaint]:
    """Yield what is wrong with an output and its renditions."""
    yield from _encoder(output.encoder, output.quality, output.width, output.height, catalogue, path)
    for r, rendition in enumerate(output.renditions):
        yield from _encoder(
            rendition.encoder or output.encoder,
            rendition_quality(rendition, output),
            rendition.width or output.width,
            rendition.height or output.height,
            catalogue,
            f"{path}.renditions[{r}]",
        )


def _encoder(
    use: str, quality: object, width: int, height: int, catalogue: Catalogue, path: str
) -> Iterator[Complaint]:
    encoder: Encoder | None = catalogue.encoders.get(use)
    if encoder is None:
        yield unknown(use, catalogue.encoders, f"{path}.encoder")
        return
    for name, pixels in (("width", width), ("height", height)):
        if pixels % 2:
            hint = f"use {pixels - 1} or {pixels + 1}"
            yield Complaint(path=f"{path}.{name}", message=f"must be even, not {pixels}; {hint}", code="odd_size")
    if isinstance(quality, Mapping):
        yield from check_values(encoder.params, quality, f"{path}.quality", is_animatable=False)
