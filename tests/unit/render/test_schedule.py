"""A schedule lists what is to be made, each thing once, under keys that cover what it depends on and nothing else."""

from collections.abc import Callable
from fractions import Fraction
from pathlib import Path
from typing import Any

import pytest

from core.api import Catalogue, InvalidInput
from core.host.host import PluginHost
from core.media.layers.opening import Materials
from core.media.text.fonts import FontLibrary
from core.render.schedule import Schedule, Scheduler
from tests.support.timelines import MEDIA, clip, document, film, plan_of_document, text

type Json = Any
type Seconds = tuple[Fraction, Fraction] | None

OUTPUT = Path("/out/video.mp4")


@pytest.fixture(scope="module")
def catalogue(tmp_path_factory: pytest.TempPathFactory) -> Catalogue:
    return PluginHost.load(home=tmp_path_factory.mktemp("home")).catalogue()


@pytest.fixture
def schedule(catalogue: Catalogue) -> Callable[..., Schedule]:
    def schedule(value: Json, part: Seconds = None) -> Schedule:
        materials = Materials(media=MEDIA, catalogue=catalogue, fonts=FontLibrary())
        plan = plan_of_document(value, catalogue)
        return Scheduler(materials).schedule(plan, OUTPUT, part, lambda _plan, _encoder: {})

    return schedule


def keys_of(schedule: Schedule) -> dict[str, str]:
    """Return the keys of a schedule's poster and of each file that is made in one go."""
    keys = {each.encoder.id: each.key for each in schedule.deliverables if each.key}
    return keys if schedule.poster is None else keys | {"poster": schedule.poster.key}


MADE_IN_ONE_GO = {"encoder": "gif", "poster": {"at": 1}, "renditions": [{"encoder": "png"}, {"encoder": "hls"}]}


def changed_by_fonts(
    schedule: Callable[..., Schedule], value: Json, monkeypatch: pytest.MonkeyPatch, part: Seconds = None
) -> set[str]:
    before = keys_of(schedule(value, part))
    with monkeypatch.context() as patched:
        patched.setattr(FontLibrary, "fingerprint", lambda _self: "other fonts")
        after = keys_of(schedule(value, part))
    assert len(set(before.values())) == 4
    return {name for name in before if before[name] != after[name]}


def test_without_text_other_fonts_change_no_key(
    schedule: Callable[..., Schedule], monkeypatch: pytest.MonkeyPatch
) -> None:
    assert changed_by_fonts(schedule, document(film(0, 3), output=MADE_IN_ONE_GO), monkeypatch) == set()


def test_fonts_change_the_key_of_what_shows_text_alone(
    schedule: Callable[..., Schedule], monkeypatch: pytest.MonkeyPatch
) -> None:
    early, late = text(start=0, duration=1.5), text(start=2, duration=1)
    shown = document(tracks=[{"clips": [film(0, 4)]}, {"clips": [early]}], output=MADE_IN_ONE_GO)
    hidden = document(tracks=[{"clips": [film(0, 4)]}, {"clips": [late]}], output=MADE_IN_ONE_GO)
    assert changed_by_fonts(schedule, shown, monkeypatch) == {"poster", "gif", "png", "hls"}
    assert changed_by_fonts(schedule, hidden, monkeypatch) == {"gif", "hls"}
    assert changed_by_fonts(schedule, hidden, monkeypatch, (Fraction(0), Fraction(2))) == set()


@pytest.mark.parametrize(
    "value",
    [
        document(
            clip(
                0, 4, asset={"type": "timeline", "timeline": {"version": 1, "tracks": [{"clips": [text(duration=4)]}]}}
            )
        ),
        document(clip(0, 4), captions=[{"cues": [{"start": 0, "end": 4, "text": "words"}], "mode": ["burn"]}]),
    ],
    ids=["nested", "captions"],
)
def test_nested_texts_and_burned_captions_are_text(
    schedule: Callable[..., Schedule], value: Json, monkeypatch: pytest.MonkeyPatch
) -> None:
    value["output"] |= MADE_IN_ONE_GO
    assert changed_by_fonts(schedule, value, monkeypatch) == {"poster", "gif", "png", "hls"}


def test_soft_captions_are_no_text_of_the_picture(
    schedule: Callable[..., Schedule], monkeypatch: pytest.MonkeyPatch
) -> None:
    soft = [{"cues": [{"start": 0, "end": 4, "text": "words"}], "mode": ["soft", "sidecar"]}]
    value = document(clip(0, 4), captions=soft, output=MADE_IN_ONE_GO)
    assert changed_by_fonts(schedule, value, monkeypatch) == set()


def test_files_are_listed_with_their_names_and_frames(schedule: Callable[..., Schedule]) -> None:
    made = schedule(document(film(0, 3), output=MADE_IN_ONE_GO), (Fraction(2), Fraction(9)))
    assert [(each.encoder.id, each.path.name, made.bounds(each)) for each in made.deliverables] == [
        ("gif", "video.mp4", (60, 90)),
        ("png", "video-320x180.png", (60, 61)),
        ("hls", "video-320x180.hls", (60, 90)),
    ]
    assert (made.first, made.end, made.groups, made.copied) == (60, 90, (), 0)
    assert made.poster is not None
    assert made.poster.frame == 60


def test_renditions_of_one_name_are_told_apart(schedule: Callable[..., Schedule]) -> None:
    renditions = [{"encoder": "mp4-h265"}, {"encoder": "mp4-h264"}, {"width": 160, "height": 90}]
    made = schedule(document(film(0, 3), output={"renditions": renditions}))
    assert [each.path.name for each in made.deliverables] == [
        "video.mp4",
        "video-320x180.mp4",
        "video-320x180-mp4-h264.mp4",
        "video-160x90.mp4",
    ]


@pytest.mark.parametrize(("first", "end"), [(3, 5), (2, 2), (1, 0.5)])
def test_an_empty_part_is_refused(schedule: Callable[..., Schedule], first: float, end: float) -> None:
    with pytest.raises(InvalidInput, match=r"^the part is empty: the video is 3 s long$"):
        schedule(document(film(0, 3)), (Fraction(first), Fraction(end)))


def sound_keys(made: Schedule) -> list[str | None]:
    return [each.sound for each in made.deliverables]


def test_each_sound_is_encoded_once_for_all_files_that_share_it(schedule: Callable[..., Schedule]) -> None:
    renditions = [{"width": 160, "height": 90}, {"encoder": "webm-vp9"}, {"encoder": "gif"}]
    made = schedule(document(film(0, 3), output={"renditions": renditions}))
    assert made.sound is not None
    assert [target.encoder for target, _ in made.sound.targets] == ["mp4-h264", "webm-vp9"]
    main, small, webm, gif = sound_keys(made)
    assert main == small
    assert gif is None
    assert made.sound.keys == (made.sound.key, main, webm)
    assert len({*made.sound.keys}) == 3


def test_what_is_heard_changes_the_keys_of_sounds_alone(schedule: Callable[..., Schedule]) -> None:
    loud, quiet = (schedule(document(film(0, 3, audio={"volume": volume}))) for volume in (1, 0.5))
    assert set(sound_keys(loud)).isdisjoint(sound_keys(quiet))
    assert loud.groups[0].segments == quiet.groups[0].segments


@pytest.mark.parametrize(
    "value",
    [
        document(clip(0, 3)),
        document(film(0, 3), output={"encoder": "gif"}),
        document(film(0, 3, asset={"src": "file:mute.mp4"})),
    ],
    ids=["no sound", "no place for sound", "a mute film"],
)
def test_without_sound_none_is_made(schedule: Callable[..., Schedule], value: Json) -> None:
    made = schedule(value)
    assert made.sound is None
    assert sound_keys(made) == [None]
    assert not made.has_waveform


def test_nothing_is_listed_twice(schedule: Callable[..., Schedule]) -> None:
    renditions = [{"width": 160, "height": 90}, {"encoder": "webm-vp9"}, {"encoder": "png"}, {"encoder": "mp3"}]
    output = {"renditions": renditions, "poster": {"at": 1}, "storyboard": True, "waveform": True}
    pictures = [clip(4 * number, 4, asset={"type": "color", "color": f"#0000{number:02x}"}) for number in range(5)]
    made = schedule(document(tracks=[{"clips": pictures}, {"clips": [film(0, 8)]}], output=output))
    assert made.sound is not None
    assert made.poster is not None
    pieces = [segment.key for group in made.groups for segments in group.segments for segment in segments]
    wholes = [each.key for each in made.deliverables if each.key]
    keys = [*pieces, *wholes, *made.sound.keys, *made.poster.keys]
    assert len(keys) == len(set(keys))
    assert sorted(len(group.deliverables) for group in made.groups) == [3]
    assert (made.has_storyboard, made.has_waveform) == (True, True)


def test_a_whole_files_key_covers_its_sound_and_its_settings(schedule: Callable[..., Schedule]) -> None:
    def key(**output: Json) -> str:
        [only] = schedule(
            document(film(0, 3, audio={"volume": output.pop("volume", 1)}), output={"encoder": "hls"} | output)
        ).deliverables
        return only.key

    keys = [key(), key(volume=0.5), key(fps=25), key(width=640, height=360), key(quality="draft")]
    assert len(set(keys)) == len(keys)
    assert key() == key()


def test_captions_are_counted_from_the_first_frame_that_is_made(schedule: Callable[..., Schedule]) -> None:
    cues = [{"start": start, "end": start + 1, "text": str(start)} for start in range(4)]
    value = document(clip(0, 4), captions=[{"cues": cues, "mode": ["sidecar"]}])
    [track] = schedule(value, (Fraction(3, 2), Fraction(3))).captions
    assert [(cue.start, cue.end, cue.text) for cue in track.cues] == [
        (Fraction(0), Fraction(1, 2), "1"),
        (Fraction(1, 2), Fraction(3, 2), "2"),
    ]
