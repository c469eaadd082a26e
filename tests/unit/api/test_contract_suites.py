"""The contract suites: what breaks a contract is found, each by its own words, and what keeps it passes."""

import itertools
from collections.abc import Callable
from pathlib import Path

import av
import numpy as np
import pytest

from core.api import (
    Animation,
    AssetKind,
    AssetOffer,
    AssetProvider,
    AudioCodec,
    Canvas,
    Effect,
    Encoder,
    FetchedAsset,
    Filter,
    FilterKernel,
    Kernel,
    Licence,
    Moment,
    NotFound,
    Parameter,
    ParameterType,
    Planes,
    Pose,
    Rgb,
    RgbaKernel,
    RgbKernel,
    SearchPage,
    Transition,
    Values,
    VideoCodec,
    YuvKernel,
)
from core.api.testing import (
    ContractError,
    MissingValueError,
    check_animation,
    check_effect,
    check_encoder,
    check_provider,
    check_transition,
)

AMOUNT = Parameter(name="amount", title="Amount", default=0.5, minimum=0, maximum=1, animatable=True)
COUNT = Parameter(name="count", title="Count", type=ParameterType.INT, default=2, minimum=1, maximum=9, animatable=True)


def effect(kernel: Kernel, **fields: object) -> Effect:
    return Effect(id="acme.effect", title="Effect", kernel=kernel, **fields)


def scaled(planes: Planes, values: Values, moment: Moment) -> Planes:
    return Planes((planes.y * values.number("amount")).astype(np.uint8), planes.u, planes.v, planes.a)


@pytest.mark.parametrize(
    "kernel",
    [
        RgbKernel(lambda rgb, values, moment: 255 - rgb),
        RgbKernel(lambda rgb, values, moment: rgb),
        RgbaKernel(lambda rgba, values, moment: rgba[::-1, ::-1]),
        YuvKernel(scaled),
        FilterKernel(lambda values, moment: [Filter("hue", {"s": values.number("amount")})]),
        FilterKernel(lambda values, moment: [Filter("negate")], pixel_format="gbrap"),
        FilterKernel(lambda values, moment: []),
    ],
)
def test_effects_of_every_kind_that_keep_the_contract_pass(kernel: Kernel) -> None:
    check_effect(effect(kernel, params=(AMOUNT,)))


def write(rgb: Rgb, values: Values, moment: Moment) -> Rgb:
    rgb[0, 0] = 0
    return rgb


def noise(rgb: Rgb, values: Values, moment: Moment) -> Rgb:
    return np.random.default_rng(next(COUNTER)).integers(0, 255, rgb.shape).astype(np.uint8)


def seeded(rgb: Rgb, values: Values, moment: Moment) -> Rgb:
    return np.random.default_rng((moment.seed, moment.frame)).integers(0, 255, rgb.shape).astype(np.uint8)


def whole_numbers_only(rgb: Rgb, values: Values, moment: Moment) -> Rgb:
    return np.roll(rgb, range(10)[values.number("count")], axis=0)


def not_full_amount(rgb: Rgb, values: Values, moment: Moment) -> Rgb:
    return (
        (rgb / (1 - values.number("amount"))).clip(0, 255).astype(np.uint8) if values.number("amount") < 1 else 1 // 0
    )


COUNTER = itertools.count()


@pytest.mark.parametrize(
    ("broken", "breach"),
    [
        (
            effect(RgbKernel(lambda rgb, values, moment: rgb[::2])),
            r"returned the shape \(90, 320, 3\) instead of \(180",
        ),
        (effect(RgbKernel(lambda rgb, values, moment: rgb / 255)), "returned float64 instead of uint8"),
        (effect(RgbKernel(lambda rgb, values, moment: None)), "returned NoneType instead of an array"),
        (effect(RgbKernel(write)), "raised ValueError: assignment destination is read-only"),
        (effect(RgbKernel(noise)), "drew two pictures from the same values, moment and seed"),
        (effect(RgbKernel(seeded)), "drew different pictures at two moments with the same values: set varies=True"),
        (effect(RgbKernel(lambda rgb, values, moment: rgb[:30, :30][:, :30])), "on 320x180 returned the shape"),
        (effect(RgbKernel(whole_numbers_only), params=(COUNT,)), "with count = 2.096 at frame 0 raised TypeError"),
        (effect(RgbKernel(not_full_amount), params=(AMOUNT,)), "with amount = 1.0 at frame 0 raised ZeroDivisionError"),
        (effect(RgbKernel(lambda rgb, values, moment: values.number("x"))), "raised KeyError: 'x'"),
        (effect(YuvKernel(lambda planes, values, moment: planes.y)), "returned ndarray instead of Planes"),
        (
            effect(YuvKernel(lambda planes, values, moment: Planes(planes.y, planes.y, planes.v))),
            r"returned the shape \(180, 320\) instead of \(90, 160\)",
        ),
        (
            effect(FilterKernel(lambda values, moment: [Filter("scale", {"w": 8, "h": 8})])),
            "changed the size from 320x",
        ),
        (effect(FilterKernel(lambda values, moment: [Filter("nowhere")])), "acme.effect on 320x180 raised"),
        (effect(FilterKernel(lambda values, moment: [], pixel_format="rgb24")), "pixel_format is one of yuv420p"),
        (effect(FilterKernel(lambda values, moment: [Filter("reverse")])), "keep pictures back"),
    ],
)
def test_an_effect_that_breaks_the_contract_is_found(broken: Effect, breach: str) -> None:
    with pytest.raises(ContractError, match=breach):
        check_effect(broken)


def test_an_effect_that_varies_may_differ_from_moment_to_moment() -> None:
    check_effect(effect(RgbKernel(seeded), varies=True))


def test_an_effect_with_a_required_parameter_asks_for_its_value(tmp_path: Path) -> None:
    needs = effect(
        RgbKernel(lambda rgb, values, moment: rgb + np.uint8(len(values.path("file").read_bytes()))),
        params=(Parameter(name="file", title="File", type=ParameterType.ASSET),),
    )
    with pytest.raises(MissingValueError, match="give a value for file: params="):
        check_effect(needs)
    (tmp_path / "look").write_bytes(b"12")
    check_effect(needs, params={"file": str(tmp_path / "look")})


def each_plane(mix: Callable[[np.ndarray, np.ndarray, float], np.ndarray]) -> Transition:
    def mixed(before: Canvas, after: Canvas, out: Canvas, progress: float, values: Values, moment: Moment) -> None:
        for (old, _), (new, _), (target, _) in zip(before.planes(), after.planes(), out.planes(), strict=True):
            target[:] = mix(old, new, progress)

    return Transition(id="acme.mix", title="Mix", mix=mixed)


def partly(before: Canvas, after: Canvas, out: Canvas, progress: float, values: Values, moment: Moment) -> None:
    out.y[:] = before.y if progress < 0.5 else after.y


def straight(before: Canvas, after: Canvas, out: Canvas, progress: float, values: Values, moment: Moment) -> None:
    for (old, _), (new, _), (target, _) in zip(before.planes(), after.planes(), out.planes(), strict=True):
        target[:] = new if progress == 1 else old
    if 0 < progress < 1 and out.a is not None:
        out.a[:] = 0


def blend(old: np.ndarray, new: np.ndarray, progress: float) -> np.ndarray:
    return np.rint(old + (new.astype(float) - old) * progress).astype(np.uint8)


def test_a_transition_that_keeps_the_contract_passes() -> None:
    check_transition(each_plane(blend))


@pytest.mark.parametrize(
    ("broken", "breach"),
    [
        (each_plane(lambda old, new, progress: old), "at progress 1 on 320x180, opaque, must show after alone"),
        (each_plane(lambda old, new, progress: new), "at progress 0 on 320x180, opaque, must show before alone"),
        (Transition(id="acme.mix", title="Mix", mix=partly), "did not write the whole of out"),
        (Transition(id="acme.mix", title="Mix", mix=straight), "left colour above its alpha: out is premultiplied"),
        (each_plane(lambda old, new, progress: old.fill(0)), "raised ValueError: assignment destination is read-only"),
    ],
)
def test_a_transition_that_breaks_the_contract_is_found(broken: Transition, breach: str) -> None:
    with pytest.raises(ContractError, match=breach):
        check_transition(broken)


def animation(pose: Callable[[float, Values], Pose]) -> Animation:
    return Animation(id="acme.grow", title="Grow", pose=pose)


def test_an_animation_that_keeps_the_contract_passes() -> None:
    check_animation(animation(lambda presence, values: Pose(scale=max(presence, 0))))


@pytest.mark.parametrize(
    ("pose", "breach"),
    [
        (lambda presence, values: Pose(scale=0.9), "must change nothing at presence 1, and gave {'scale': 0.9}"),
        (lambda presence, values: Pose(), "changes nothing at presence 0"),
        (lambda presence, values: Pose(opacity=2 - presence), "opacity is 2, not within 0 to 1"),
        (lambda presence, values: Pose(scale=2 * presence - 1), "scale is -1, below 0"),
        (lambda presence, values: Pose(x=next(COUNTER)), "pose must be pure"),
        (lambda presence, values: {"scale": presence}, "returned dict instead of Pose"),
        (lambda presence, values: Pose(opacity=presence**0.5), "at presence -0.2: opacity is .*, not a finite number"),
        (lambda presence, values: Pose(x=float("inf")), "x is inf, not a finite number"),
    ],
)
def test_an_animation_that_breaks_the_contract_is_found(pose: Callable[[float, Values], Pose], breach: str) -> None:
    with pytest.raises(ContractError, match=breach):
        check_animation(animation(pose))


def encoder(**fields: object) -> Encoder:
    given = {"id": "acme.mkv", "title": "Matroska", "extension": "mkv", "mime_type": "video/matroska"}
    return Encoder(**(given | {"container": "matroska", "video": VideoCodec(name="libx264")} | fields))


class Dropping:
    """A session that loses frames, or makes them smaller."""

    def __init__(self, path: Path, keep: int, width: int) -> None:
        self._container = av.open(str(path), "w", format="matroska")
        self._stream = self._container.add_stream("ffv1", rate=25)
        self._stream.width, self._stream.height, self._stream.pix_fmt = width, 96, "yuv420p"
        self._keep, self._width = keep, width

    def write_video(self, frame: av.VideoFrame) -> None:
        if frame.pts < self._keep:
            self._container.mux(self._stream.encode(frame.reformat(width=self._width)))

    def write_audio(self, samples: np.ndarray) -> None: ...

    def close(self) -> None:
        self._container.mux(self._stream.encode(None))
        self._container.close()

    def abort(self) -> None:
        self._container.close()


def test_encoders_that_keep_the_contract_pass(tmp_path: Path) -> None:
    check_encoder(encoder(audio=AudioCodec(name="libopus", sample_format="flt")), tmp_path / "both")
    check_encoder(
        encoder(video=None, container="wav", extension="wav", audio=AudioCodec(name="pcm_s16le", sample_format="s16")),
        tmp_path / "sound",
    )
    check_encoder(encoder(video=VideoCodec(name="ffv1", pixel_format="yuva420p"), has_alpha=True), tmp_path / "alpha")


@pytest.mark.parametrize(
    ("broken", "breach"),
    [
        (encoder(video=VideoCodec(name="libnowhere")), "acme.mkv with defaults raised"),
        (encoder(has_alpha=True), "has_alpha, and what it wrote is opaque"),
        (encoder(open=lambda job: Dropping(job.path, 7, 128)), "wrote 7 frames instead of 10"),
        (encoder(open=lambda job: Dropping(job.path, 10, 64)), "wrote frames of 64x96 instead of 128x96"),
        (
            encoder(open=lambda job: Dropping(job.path, 10, 128), audio=AudioCodec(name="aac")),
            "wrote a file without sound",
        ),
        (encoder(open=lambda job: Dropping(job.path.with_name("other"), 10, 128)), "wrote nothing that can be read"),
        (encoder(presets={"high": {"crf": 1}}), 'params.crf unknown parameter "crf"'),
    ],
)
def test_an_encoder_that_breaks_the_contract_is_found(tmp_path: Path, broken: Encoder, breach: str) -> None:
    with pytest.raises(ContractError, match=breach):
        check_encoder(broken, tmp_path)


LICENCE = Licence(id="CC0-1.0")


class Pictures:
    """A provider that can be told what to do wrong."""

    def __init__(self, wrong: str) -> None:
        self._wrong = wrong

    async def search(self, search: object) -> SearchPage:
        kind = AssetKind.AUDIO if self._wrong == "kind" else AssetKind.IMAGE
        licence = Licence(id="") if self._wrong == "licence" else LICENCE
        offer = AssetOffer(id="1", kind=kind, title="One", licence=licence)
        if self._wrong == "nothing":
            return SearchPage(offers=())
        if self._wrong == "repeats":
            return SearchPage(offers=(offer,), next_page=search.page + 1)
        return SearchPage(offers=(offer,) * (4 if self._wrong == "many" else 1))

    async def fetch(self, asset_id: str, folder: Path) -> FetchedAsset:
        if asset_id != "1":
            raise (ValueError if self._wrong == "unknown" else NotFound)("no such picture")
        path = (folder.parent if self._wrong == "outside" else folder) / "one.png"
        path.write_bytes(str(next(COUNTER)).encode() if self._wrong == "random" else b"one")
        return FetchedAsset(path=path, kind=AssetKind.IMAGE, licence=LICENCE)

    async def close(self) -> None: ...


def provider(wrong: str) -> AssetProvider:
    return AssetProvider(
        id="acme.stock",
        title="Stock",
        kinds=frozenset({AssetKind.IMAGE}),
        open=lambda context: Pictures(wrong),
        is_deterministic=True,
    )


def test_a_provider_that_keeps_the_contract_passes(tmp_path: Path) -> None:
    check_provider(provider(""), tmp_path)
    check_provider(provider("nothing"), tmp_path / "named", asset_id="1")


@pytest.mark.parametrize(
    ("wrong", "error", "breach"),
    [
        ("kind", ContractError, "offered '1' of kind"),
        ("licence", ContractError, "without a licence"),
        ("many", ContractError, "offered 4 assets on a page of 3"),
        ("repeats", ContractError, "repeats offers of the page before"),
        ("nothing", MissingValueError, "offered nothing for ''"),
        ("outside", ContractError, "outside the folder it was given"),
        ("random", ContractError, "is_deterministic and fetched two different files"),
        ("unknown", ContractError, "must raise NotFound or InvalidInput, not ValueError"),
    ],
)
def test_a_provider_that_breaks_the_contract_is_found(
    tmp_path: Path, wrong: str, error: type[Exception], breach: str
) -> None:
    with pytest.raises(error, match=breach):
        check_provider(provider(wrong), tmp_path)
