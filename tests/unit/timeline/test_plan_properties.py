"""Whatever the timeline: spans tile it, keys are stable, and what is wrong is told and never thrown."""

import copy
import json
from collections.abc import Iterator
from fractions import Fraction
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from core.api import Catalogue, InvalidInput
from core.timeline.captions import parse_captions
from core.timeline.compiling import compile_plan
from core.timeline.complaints import InvalidTimeline
from core.timeline.parsing import parse_timeline
from core.timeline.plan import Cue, Plan
from core.timeline.reading import read_timeline
from tests.support.timelines import FILM, MEDIA, PHOTO, SONG, clip, document, film, plan_of_document, text

RATES = [24, 25, "30000/1001", 30, 50, "60000/1001", 60, 7, "1001/240"]
quick = settings(max_examples=100, deadline=None, suppress_health_check=[HealthCheck.too_slow], derandomize=True)


def seconds(thousandths: int) -> float:
    return thousandths / 1000


@st.composite
def tracks(draw: st.DrawFn, depth: int = 0) -> dict[str, Any]:
    """One track: clips with gaps, cuts, or transitions between them."""
    clips: list[dict[str, Any]] = []
    end = draw(st.integers(0, 2000))
    mixed = 0
    for number in range(draw(st.integers(1, 5))):
        duration = draw(st.integers(1500, 6000))
        made = clip(0, seconds(duration), asset=draw(assets(depth)))
        choice = draw(st.sampled_from(["gap", "cut", "mix"])) if number else "cut"
        start = end
        if choice == "gap":
            start += draw(st.integers(0, 3000))
        if choice == "mix" and mixed + 600 < clips[-1]["duration"] * 1000:
            length = draw(st.integers(260, 500))
            start -= length
            made["transition"] = {"use": "fade", "duration": seconds(length)}
            mixed = length
        else:
            mixed = 0
        made["start"] = seconds(start)
        if draw(st.booleans()):
            made["enter"] = {"use": "fade", "duration": seconds(draw(st.integers(1, 700)))}
            made["exit"] = {"use": "slide", "duration": seconds(draw(st.integers(1, 700)))}
        if draw(st.booleans()):
            made["effects"] = [{"use": "grain", "start": 0.25}]
        clips.append(made)
        end = start + duration
    return {"name": draw(st.text(max_size=5)), "clips": clips}


def assets(depth: int) -> st.SearchStrategy[dict[str, Any]]:
    flat = [
        {"type": "color", "color": "#ff0000"},
        {"type": "image", "src": PHOTO},
        {"type": "video", "src": FILM, "speed": 1.3},
        {"type": "text", "text": "Hello"},
        {"type": "shape"},
    ]
    still = st.sampled_from(flat)
    if depth:
        return still
    return still | documents(depth=1).map(lambda inner: {"type": "timeline", "timeline": inner})


@st.composite
def documents(draw: st.DrawFn, depth: int = 0) -> dict[str, Any]:
    cues = draw(st.lists(st.tuples(st.integers(0, 9000), st.integers(100, 3000)), max_size=4))
    captions = (
        [{"cues": [{"start": seconds(at), "end": seconds(at + length), "text": "a b"} for at, length in cues]}]
        if cues
        else []
    )
    return document(
        tracks=draw(st.lists(tracks(depth), min_size=1, max_size=3)),
        fps=draw(st.sampled_from(RATES)),
        captions=captions,
        audio={"clips": [{"start": 0, "duration": "end", "asset": {"type": "audio", "src": SONG}}]},
    )


def assert_tiled(plan: Plan) -> None:
    assert plan.frames > 0
    at = 0
    for span in plan.spans:
        assert span.first == at < span.end
        at = span.end
        for frame in (span.first, span.end - 1):
            seen = [index for index, layer in enumerate(plan.layers) if layer.first <= frame < layer.end]
            assert list(span.layers) == seen
            mixing = [
                (layer.mixes_with, index)
                for index, layer in enumerate(plan.layers)
                if layer.transition and layer.first <= frame < layer.first + layer.transition.frames
            ]
            assert list(span.mixes) == mixing
            assert all(before in seen and after in seen for before, after in span.mixes)
        assert len(span.key) == 64
    assert at == plan.frames
    assert plan.duration == Fraction(plan.frames) / plan.fps


@quick
@given(value=documents())
def test_any_valid_timelines_spans_tile_it_exactly_and_its_keys_are_stable(
    value: dict[str, Any], catalogue: Catalogue
) -> None:
    plan = plan_of_document(value, catalogue)
    assert_tiled(plan)
    again = copy.deepcopy(value)
    for track in again["tracks"]:
        track["name"] = "renamed"
        for number, each in enumerate(track["clips"]):
            each["id"] = f"{id(track)}-{number}"
    again["audio"]["clips"] = []
    assert [span.key for span in plan_of_document(again, catalogue).spans] == [span.key for span in plan.spans]


CHANGES: list[dict[str, Any]] = [
    {"opacity": 0.5},
    {"x": {"keys": [{"t": 0, "v": 0}, {"t": 1, "v": 1}]}},
    {"effects": [{"use": "blur"}]},
    {"exit": {"use": "fade", "duration": 0.7}},
    {"asset": {"type": "color", "color": "#00ff00"}},
]


@quick
@given(value=documents(), change=st.sampled_from(CHANGES), which=st.integers(0, 99))
def test_a_change_of_one_clip_changes_the_keys_of_the_spans_that_show_it_and_no_others(
    value: dict[str, Any], change: dict[str, Any], which: int, catalogue: Catalogue
) -> None:
    before = plan_of_document(value, catalogue)
    listed = [(f"tracks[{t}].clips[{c}]", each) for t, track in enumerate(value["tracks"])
              for c, each in enumerate(track["clips"])]  # fmt: skip
    path, changed = listed[which % len(listed)]
    changed |= change
    after = plan_of_document(value, catalogue)
    index = next(index for index, layer in enumerate(before.layers) if layer.path == path)
    assert [old.key != new.key for old, new in zip(before.spans, after.spans, strict=True)] == [
        index in span.layers for span in before.spans
    ]


RICH = document(
    film(0, 4, id="a", asset={"in": 1, "speed": 2}, x={"keys": [{"t": 0, "v": 0}, {"t": 1, "v": 1, "ease": "ease"}]},
         effects=[{"use": "color.grade", "params": {"saturation": 1.2, "exposure": {"keys": [{"t": 0, "v": 0}]}}},
                  {"use": "color.lut", "params": {"file": "file:look.cube"}, "start": 1, "duration": 1}],
         audio={"volume": 0.5, "fade_in": 0.5, "role": "voice"}, crop={"left": 0.1}, mask=PHOTO),
    clip(3.5, 4, id="b", transition={"use": "fade", "duration": 0.5, "ease": "sine-in"},
         asset={"type": "gradient", "stops": [[0, "#000000"], [1, "#ffffff80"]]}, layouts={"9:16": {"y": 0.2}}),
    text("{{who}} there", 8, "auto", enter={"use": "rise", "duration": 0.5},
         look={"spans": [{"start": 0, "end": 2, "weight": 700}], "animate": "words", "shadow": {"blur": 0.01},
               "stroke": {"color": "#000000"}, "background": {"color": "#000000"}}),
    clip(14, 2, asset={"type": "timeline", "timeline": document(clip(0, 3))}),
    output={"renditions": [{"width": 180, "height": 320, "quality": "draft"}], "poster": {"at": 1}},
    variables={"who": "You"},
    audio={"clips": [{"start": 0, "duration": "end", "asset": {"type": "audio", "src": SONG}}],
           "loudness": -14, "duck": {"by_db": 9}},
    captions=[{"cues": [{"start": 0, "end": 1, "text": "a b", "words": [{"start": 0, "end": 1, "text": "a"},
                                                                              {"start": 1, "end": 1, "text": "b"}]}],
               "style": {"preset": "pop", "highlight": {"color": "#ff0000"}}, "mode": ["burn", "soft"]}],
)  # fmt: skip


def places(value: Any, path: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    yield path
    if isinstance(value, dict | list):
        for key, inner in value.items() if isinstance(value, dict) else enumerate(value):
            yield from places(inner, (*path, key))


GARBAGE = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(),
    st.sampled_from([10**30, 10**99, -1, 0, 2**63, 1e300, -1e-30, 5e-324, 0.1234567]),
    st.floats(allow_nan=False, allow_infinity=False),
    st.text(max_size=30),
    st.sampled_from(["{{who}}", "{{}}", "{{x", "end", "auto", "\0", "\ud800", "file:..", "#12"]),
    st.just("cubic-bezier(1,2,3,4)"),
    st.recursive(
        st.none() | st.integers(-5, 5) | st.text(max_size=3),
        lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
        max_leaves=6,
    ),
    st.integers(1, 150).map(lambda depth: json.loads("[" * depth + "]" * depth)),
    st.sampled_from([{"keys": []}, {"keys": [{"t": 0, "v": 1}]}, {"type": "text"}, {"use": "fade"}, RICH]),
).map(copy.deepcopy)  # a mutant may be mutated again: what is drawn must not be what the next example draws from
ALL_PLACES = list(places(RICH))


@st.composite
def mutants(draw: st.DrawFn) -> Any:
    """A rich document with a few things deleted, added, renamed, swapped or replaced."""
    value = copy.deepcopy(RICH)
    for _ in range(draw(st.integers(1, 3))):
        place = draw(st.sampled_from(ALL_PLACES))
        around: Any = value
        try:
            for key in place[:-1]:
                around = around[key]
            if not place:
                return draw(GARBAGE)
            _mutate(draw, around, place[-1])
        except (KeyError, IndexError, TypeError):
            continue  # an earlier mutation took the place away
    return value


def _mutate(draw: st.DrawFn, around: Any, key: Any) -> None:
    old = around[key]
    match draw(st.sampled_from(["delete", "replace", "rename", "add", "double"])):
        case "delete":
            del around[key]
        case "replace":
            around[key] = draw(GARBAGE)
        case "rename" if isinstance(around, dict):
            around[draw(st.text(max_size=8))] = around.pop(key)
        case "add" if isinstance(old, dict):
            old[draw(st.text(max_size=8))] = draw(GARBAGE)
        case "double" if isinstance(around, list):
            around.append(old)
        case _:
            around[key] = draw(GARBAGE)


def outcome(value: Any, catalogue: Catalogue) -> Plan | InvalidTimeline:
    try:
        timeline = read_timeline(json.dumps(value), catalogue)
        return compile_plan(timeline, media=_AnyMedia(), cues=_AnyCues(), catalogue=catalogue)
    except InvalidTimeline as err:
        return err


class _AnyMedia(dict[str, Any]):
    """Media where every reference that was let through is a film."""

    def __init__(self) -> None:
        super().__init__(MEDIA)

    def __missing__(self, src: str) -> Any:
        return MEDIA[FILM]


class _AnyCues(dict[str, Any]):
    def __missing__(self, src: str) -> Any:
        return ()


def test_the_document_that_is_mutated_is_right(catalogue: Catalogue) -> None:
    plan = outcome(RICH, catalogue)
    assert isinstance(plan, Plan), str(plan)
    assert_tiled(plan)
    assert_tiled(plan.renditions[0])


@settings(parent=quick, max_examples=250)
@given(value=mutants())
def test_any_mutated_timeline_yields_a_plan_or_complaints_with_places_and_never_a_traceback(
    value: Any, catalogue: Catalogue
) -> None:
    result = outcome(value, catalogue)
    if isinstance(result, Plan):
        assert_tiled(result)
        return
    assert result.complaints
    for complaint in result.complaints:
        assert complaint.message
        assert len(complaint.message) < 500
        assert complaint.path or complaint.code in WHOLE_DOCUMENT or not isinstance(value, dict) or "" in value
        str(complaint).encode()


WHOLE_DOCUMENT = {"not_json", "too_deep", "too_large"}


@quick
@given(noise=st.binary(max_size=60) | st.text(max_size=60))
def test_what_is_no_json_is_refused(noise: bytes | str) -> None:
    with pytest.raises(InvalidTimeline):
        parse_timeline(noise)


def _spoiled(text: str, cut: tuple[int, int], noise: str) -> str:
    start, length = cut
    return text[:start] + noise + text[start + length :]


CAPTION_FILE = (
    "WEBVTT\n\nNOTE x\n\none\n00:01.000 --> 00:02.500 align:start\n<v Bob>Hi <00:01.500>you &amp; me\n\n"
    "00:03.000 --> 00:04.000\nTwo\n"
)
CAPTION_NOISE = st.text("\n\r -->:.,0159<>c&;{}\\WEBVT\0", max_size=12)


@quick
@given(cut=st.tuples(st.integers(0, 130), st.integers(0, 20)), noise=CAPTION_NOISE)
def test_any_spoiled_caption_file_is_read_or_refused_with_a_reason(cut: tuple[int, int], noise: str) -> None:
    reason = ""
    cues: tuple[Cue, ...] = ()
    try:
        cues = parse_captions(_spoiled(CAPTION_FILE, cut, noise))
    except InvalidInput as err:
        reason = str(err)
    assert cues or reason.startswith(("line ", "holds "))
    assert all(cue.start < cue.end for cue in cues)
    assert all(word.start <= word.end for cue in cues for word in cue.words)
