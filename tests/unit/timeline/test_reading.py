"""Everything that is wrong with a document is told at once, and nothing that only follows from it."""

import json
from decimal import Decimal

import pytest

from core.api import Catalogue
from core.timeline.checking import check_timeline
from core.timeline.complaints import InvalidTimeline, Places
from core.timeline.parsing import parse_timeline
from core.timeline.reading import read_timeline
from tests.support.timelines import SONG, Json, clip, complaints_of, document, film, text, written

SOUND = {"start": 0, "duration": 1, "asset": {"type": "audio", "src": SONG}}


def places(value: Json, catalogue: Catalogue) -> list[str]:
    return [complaint.path for complaint in complaints_of(value, catalogue)]


def test_a_right_document_is_read_as_its_parser_reads_it(catalogue: Catalogue) -> None:
    value = written(document(film(), text("{{who}}", 2), variables={"who": "Ada"}))
    timeline = read_timeline(value, catalogue)
    assert timeline == parse_timeline(value)
    check_timeline(timeline, catalogue)


def test_unknown_variables_wrong_forms_and_wrong_meanings_are_told_together(catalogue: Catalogue) -> None:
    value = document(
        clip(widht=1, effects=[{"use": "blurr"}]),
        text("{{who}}", 2, enter={"use": "fdae", "duration": 1}),
        clip(4, fit="fill", exit={"use": "fade", "duration": 1, "ease": "eese"}),
        output={"encoder": "mp5"},
    )
    assert [(found.path, found.code) for found in complaints_of(value, catalogue)] == [
        ("tracks[0].clips[1].asset.text", "missing_variable"),
        ("tracks[0].clips[0].widht", "unknown_key"),
        ("tracks[0].clips[2].fit", "unknown_value"),
        ("output.encoder", "unknown_use"),
        ("tracks[0].clips[0].effects[0].use", "unknown_use"),
        ("tracks[0].clips[1].enter.use", "unknown_use"),
        ("tracks[0].clips[2].exit.ease", "unknown_easing"),
    ]


def test_places_are_those_of_the_document_as_it_was_written(catalogue: Catalogue) -> None:
    """What can't be read is left out before the rest is checked; the rest keeps its numbers."""
    good, bad = {"use": "blur"}, {"use": 7}
    value = document(
        clip("later"),
        clip(1, effects=[bad, good, bad, {"use": "blurr"}]),
        {"start": 3},
        clip(4, asset={"type": "timeline", "timeline": document({}, clip(fit="x", mask="m"), {}, clip(mask="n"))}),
    )
    inner = "tracks[0].clips[3].asset.timeline.tracks[0]"
    assert places(value, catalogue) == [
        "tracks[0].clips[0].start",
        "tracks[0].clips[1].effects[0].use",
        "tracks[0].clips[1].effects[2].use",
        "tracks[0].clips[2].asset",
        f"{inner}.clips[0].start",
        f"{inner}.clips[0].asset",
        f"{inner}.clips[1].fit",
        f"{inner}.clips[2].start",
        f"{inner}.clips[2].asset",
        "tracks[0].clips[1].effects[3].use",
        f"{inner}.clips[1].mask",
        f"{inner}.clips[3].mask",
    ]


def test_the_rest_of_a_clip_is_checked_whatever_its_asset_is(catalogue: Catalogue) -> None:
    for asset in ({"type": "vidoe"}, {"type": "video"}, {"type": "color", "color": "red"}, None, "x", "{{none}}"):
        value = document(clip(asset=asset, effects=[{"use": "blurr"}]))
        first, last = places(value, catalogue)
        assert first.startswith("tracks[0].clips[0].asset")
        assert last == "tracks[0].clips[0].effects[0].use"


@pytest.mark.parametrize(
    ("value", "only"),
    [
        (document({"start": 0}), "tracks[0].clips[0].asset"),
        (document(clip("0"), clip(2, transition={"use": "fade", "duration": 1})), "tracks[0].clips[0].start"),
        (document(clip(0, "3"), clip(3)), "tracks[0].clips[0].duration"),
        (document(clip(0, None, duraton=2), clip(2)), "tracks[0].clips[0].duraton"),
        (document(clip(0, "{{long}}"), clip(2)), "tracks[0].clips[0].duration"),
        (document(clip(), captions=[{"src": 7}]), "captions[0].src"),
        (document(clip(), captions=[{"scr": "file:a.srt"}]), "captions[0].scr"),
        (document(clip(effects=[{"use": "color.lut", "parms": {}}])), "tracks[0].clips[0].effects[0].parms"),
        (document(clip(effects=[{"use": "{{what}}"}])), "tracks[0].clips[0].effects[0].use"),
        (document(clip(x={"keys": [{"t": 0, "v": "1"}]})), "tracks[0].clips[0].x.keys[0].v"),
        (document(clip(anchor=[0.5, "1"])), "tracks[0].clips[0].anchor[1]"),
        (document(clip(), audio={"clips": [{**SOUND, "asset": {"type": "audio"}}]}), "audio.clips[0].asset.src"),
        ({**document(clip()), "version": 2}, "version"),
        ({"tracks": [{"clips": [clip()]}]}, "version"),
        ({"version": 1, "trakcs": [{"clips": [clip()]}]}, "trakcs"),
        (document(clip(id="a"), clip(2, id="a", fit="x")), "tracks[0].clips[1].fit"),
    ],
)
def test_what_only_follows_from_another_mistake_is_not_told(value: Json, only: str, catalogue: Catalogue) -> None:
    assert [place for place in places(value, catalogue) if place != "tracks[0].clips[1].id"] == [only]


def test_a_document_with_too_many_mistakes_to_mend_is_told_of_them(catalogue: Catalogue) -> None:
    value = document(*[{"start": "x"}] * 400, output={"encoder": "mp5"})
    found = complaints_of(value, catalogue)
    assert len(found) == 500
    assert "output.encoder" not in {complaint.path for complaint in found}


def test_reading_leaves_a_value_that_stands_in_two_places_right_in_the_other(catalogue: Catalogue) -> None:
    """One variable, put in twice: where its key is unknown it goes, where it is known it stays and is checked."""
    value = document(
        clip(crop="{{it}}", layouts={"1:1": "{{it}}"}), variables={"it": {"left": 0.6, "right": 0.6, "opacity": 1}}
    )
    assert places(value, catalogue) == [
        "tracks[0].clips[0].crop.opacity",
        "tracks[0].clips[0].layouts.1:1.left",
        "tracks[0].clips[0].layouts.1:1.right",
    ]


def test_a_parser_alone_tells_of_variables_and_forms_together() -> None:
    with pytest.raises(InvalidTimeline) as caught:
        parse_timeline(json.dumps(document(clip(fit="x"), text("{{who}}", "{{when}}"))))
    assert [complaint.path for complaint in caught.value.complaints] == [
        "tracks[0].clips[1].start",
        "tracks[0].clips[1].asset.text",
        "tracks[0].clips[0].fit",
    ]


def nested(depth: int, core: Json) -> Json:
    for _ in range(depth):
        core = [core]
    return core


def test_variables_cannot_nest_a_document_deeper_than_may_be(catalogue: Catalogue) -> None:
    params = {"radius": "{{both}}"}
    inner = document(clip(effects=[{"use": "blur", "params": params}]), variables={"both": nested(50, "{{one}}")})
    value = document(clip(asset={"type": "timeline", "timeline": inner}), variables={"one": nested(60, 1)})
    (complaint,) = complaints_of(value, catalogue)
    assert (complaint.path, complaint.message) == ("", "is nested more than 100 deep")


def test_what_is_nested_too_deep_for_any_reader_is_told_in_the_same_words(catalogue: Catalogue) -> None:
    (complaint,) = complaints_of("[" * 100_000, catalogue)
    assert (complaint.code, complaint.message) == ("too_deep", "is nested more than 100 deep")


@pytest.mark.parametrize(
    ("path", "other", "expected"),
    [
        ("a.b", "a.b", True),
        ("a", "a.b", True),
        ("a[1].b", "a[1]", True),
        ("a[1].b", "a[1].c", False),
        ("a[1]", "a[10]", False),
        ("a.b", "a.bc", False),
        ("", "a", True),
        ("", "", True),
    ],
)
def test_places_are_related_when_one_holds_the_other(path: str, other: str, *, expected: bool) -> None:
    assert Places([path, "z"]).relate_to(other) is Places(["z", other]).relate_to(path) is expected


def test_nobody_is_told_of_more_mistakes_than_five_thousand(catalogue: Catalogue) -> None:
    value = document(*[clip(start, 1, effects=[{"use": "blurr"}] * 50) for start in range(101)])
    assert len(complaints_of(value, catalogue)) == 5000


def test_times_are_still_exact(catalogue: Catalogue) -> None:
    value = written(document(clip(Decimal("0.1"), 2)))
    assert str(read_timeline(value, catalogue).tracks[0].clips[0].start) == "1/10"
