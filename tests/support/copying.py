"""Renders with copies, put together by hand from the engine's own parts, and what each frame should look like."""

import hashlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from pathlib import Path
from typing import Any

import av
import numpy as np

from core.api import Catalogue, Encoder, parse_values
from core.media.compositor import Compositor
from core.media.layers.opening import Materials
from core.render.assembly import assemble
from core.render.copying.cuts import Take
from core.render.copying.finding import Copy, candidates, find_copies
from core.render.copying.index import PacketIndex, index_source, read_index
from core.render.copying.taking import TakenPiece
from core.render.ingredients import Ingredients
from core.render.pictures import draw_run
from core.render.work import Assembly, Cut, PictureRun, Piece, Target
from core.timeline.plan import Layer, Plan
from core.timeline.sources import Playback, VideoSource


@dataclass(frozen=True, slots=True, kw_only=True)
class Render:
    """A finished video and the stretches of it that were copied."""

    path: Path
    copies: tuple[Copy, ...]

    @property
    def copied(self) -> frozenset[int]:
        """The frames that were copied."""
        return frozenset(frame for copy in self.copies for frame in range(copy.first, copy.end))


def clip_layer(
    src: str, first: int, frames: int, *, fps: Fraction, inside: Fraction = Fraction(0), **fields: Any
) -> Layer:
    """Make a layer of a video that begins ``inside`` seconds into it."""
    return Layer(
        id="",
        path=src,
        first=first,
        end=first + frames,
        start=first / fps,
        source=VideoSource(src=src, playback=Playback(start=inside)),
        **fields,
    )


def planned(plan: Plan, encoder: Encoder, **values: Any) -> Plan:
    """Return the plan with an encoder chosen, as fast a one as it can be."""
    fast = {"preset": "ultrafast"} if any(each.name == "preset" for each in encoder.params) else {}
    chosen, complaints = parse_values(encoder.params, fast | values)
    assert not complaints
    return replace(plan, output=replace(plan.output, encoder=encoder.id, values=chosen))


def taken_piece(path: Path, index: PacketIndex, take: Take, first: int = 0) -> TakenPiece:
    """Return a piece as assembly is given it."""
    return TakenPiece(path=path, first=first, index=index, take=take)


def indexes_of(plan: Plan, materials: Materials, encoder: Encoder) -> dict[str, PacketIndex]:
    """Index the plan's candidates, sent through JSON as in a render."""
    found = {src: index_source(materials.media[src].path) for src in candidates(plan, materials.media, encoder)}
    return {
        src: index
        for src, given in found.items()
        if given is not None and (index := read_index(given.to_json())) is not None
    }


def render_with_copies(plan: Plan, materials: Materials, encoder: Encoder, folder: Path) -> Render:
    """Copy what can be copied, draw and encode the rest, and put it together."""
    folder.mkdir(exist_ok=True)
    materials = replace(materials, catalogue=Catalogue(encoders={encoder.id: encoder}))
    indexes = indexes_of(plan, materials, encoder)
    copies = find_copies(plan, encoder, indexes, first=0, end=plan.frames)
    pieces = [
        *(taken_piece(materials.media[copy.src].path, indexes[copy.src], copy.take, copy.first) for copy in copies),
        *_drawn(_gaps(copies, plan.frames), plan, materials, encoder, folder),
    ]
    assembly = Assembly(
        target=Target(encoder=encoder.id, values=plan.output.values, width=plan.width, height=plan.height),
        fps=plan.fps,
        frames=plan.frames,
        pieces=tuple(sorted(pieces, key=lambda piece: piece.first)),
        sound=None,
    )
    path = folder / f"joined.{encoder.extension}"
    assemble(assembly, encoder, path)
    return Render(path=path, copies=copies)


def _drawn(
    gaps: Sequence[tuple[int, int]], plan: Plan, materials: Materials, encoder: Encoder, folder: Path
) -> Iterator[Piece]:
    target = Target(encoder=encoder.id, values=plan.output.values, width=plan.width, height=plan.height)
    ingredients = Ingredients(media=materials.media, versions={})
    for first, end in gaps:
        cut = Cut(first=first, end=end, keys=(f"drawn-{first}",))
        run = PictureRun(plan=plan, ingredients=ingredients, targets=(target,), cuts=(cut,))
        draw_run(run, materials, folder, lambda _message: None)
        yield Piece(path=folder / f"drawn-{first}", first=first, frames=end - first)


def _gaps(copies: Sequence[Copy], frames: int) -> list[tuple[int, int]]:
    edges = [0, *(edge for copy in copies for edge in (copy.first, copy.end)), frames]
    return [(first, end) for first, end in zip(edges[::2], edges[1::2], strict=True) if first < end]


def drawn_frames(plan: Plan, materials: Materials) -> list[np.ndarray]:
    """Return each frame of a plan as it is drawn, before it is encoded."""
    compositor = Compositor(plan, materials)
    try:
        return [compositor.frame(number).to_ndarray() for number in range(plan.frames)]
    finally:
        compositor.close()


def decoded_frames(path: Path) -> tuple[list[Fraction], list[np.ndarray]]:
    """Return the times (seconds) and pictures of a video, in the order they come."""
    times, pictures = [], []
    with av.open(str(path)) as container:
        for frame in container.decode(video=0):
            times.append(Fraction(frame.pts or 0) * Fraction(frame.time_base.numerator, frame.time_base.denominator))
            pictures.append(frame.to_ndarray())
    return times, pictures


def digest(picture: np.ndarray) -> str:
    """Return what two pictures share when they are equal in every pixel."""
    return hashlib.sha256(np.ascontiguousarray(picture)).hexdigest()


def psnr(one: np.ndarray, other: np.ndarray) -> float:
    """Return how alike two pictures are, in decibels."""
    error = float(np.mean((one.astype(np.float64) - other) ** 2))
    return 99.0 if error == 0 else 10 * float(np.log10(255**2 / error))


def assert_exact(render: Render, plan: Plan, materials: Materials, *, least_psnr: float = 30) -> None:
    """Check that frames come one by one, copied ones equal to what is drawn in every pixel, others alike."""
    times, pictures = decoded_frames(render.path)
    assert times == [number / plan.fps for number in range(plan.frames)]
    drawn = drawn_frames(plan, materials)
    wrong = [number for number in sorted(render.copied) if digest(pictures[number]) != digest(drawn[number])]
    assert wrong == []
    poor = [
        number
        for number in range(plan.frames)
        if number not in render.copied and psnr(pictures[number], drawn[number]) < least_psnr
    ]
    assert poor == []
