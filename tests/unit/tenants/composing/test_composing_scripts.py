"""Scripts become scenes, and scenes a timeline that can be rendered."""

import json

import pytest

from core.api import AssetKind
from core.timeline.parsing import parse_timeline
from tenants.composing.documents import Shot, document_of, made_picture, seconds_of
from tenants.composing.request import ComposeRequest, Shape
from tenants.composing.scripts import MOST_SCENES, Scene, scenes_of, subject_of
from tenants.composing.speaking import spread


def test_a_paragraph_is_a_scene_and_words_before_it_name_its_picture() -> None:
    script = (
        "The sea is  older\nthan any story.\n\n[ waves at dawn ] It was here before us.\n\n\n[fire]\nThen came fire."
    )
    assert scenes_of(script) == (
        Scene(text="The sea is older than any story.", wanted="sea older story"),
        Scene(text="It was here before us.", wanted="waves at dawn"),
        Scene(text="Then came fire.", wanted="fire"),
    )


def test_a_long_paragraph_is_cut_at_the_ends_of_sentences() -> None:
    sentence = "Dr. Ada Lovelace wrote the first program, 100 years before there was a machine for it! "
    scenes = scenes_of(sentence * 5)
    assert len(scenes) == 3
    assert all(each.text.endswith("!") for each in scenes)
    assert " ".join(each.text for each in scenes) == (sentence * 5).strip()
    endless = "word " * 2000
    assert [each.text for each in scenes_of(endless)] == [endless.strip()]


@pytest.mark.parametrize(
    ("text", "subject"),
    [
        ("We went to Paris because it rains.", "Paris rains"),
        ("The volcanoes of Iceland sleep under a sheet of old ice.", "volcanoes Iceland sleep"),
        ("Les volcans dorment sous la glace.", "volcans dorment glace"),
        ("And so on.", "And so on."),
        ("東京の夜", "東京の夜"),
    ],
)
def test_what_a_text_speaks_of_is_what_is_looked_for(text: str, subject: str) -> None:
    assert subject_of(text) == subject


def test_nothing_is_no_scene_and_there_is_an_end_to_them() -> None:
    assert scenes_of("  \n\n ") == ()
    assert len(scenes_of("A sentence.\n\n" * 200)) == MOST_SCENES


def test_words_are_spread_over_the_time_they_take() -> None:
    lines = spread("one two three four five six seven eight", 4.0)
    assert [len(each.words) for each in lines] == [7, 1]
    assert (lines[0].start, lines[-1].end) == (0.0, 4.0)
    times = [time for line in lines for word in line.words for time in (word.start, word.end)]
    assert times == sorted(times)
    assert spread("", 1.0) == ()


@pytest.mark.parametrize("shape", Shape)
def test_shots_become_a_timeline_without_gaps(shape: Shape) -> None:
    asked = ComposeRequest(script="x", title="A title", shape=shape)
    lines = spread("Said in the second scene.", 1.4)
    shots = [
        Shot(scene=Scene(text="One.", wanted="a"), seconds=3.0, src="provider:library/a.png"),
        Shot(
            scene=Scene(text="Said in the second scene.", wanted="b"),
            seconds=2.2,
            src=made_picture(1, "b", 2.2, shape),
            kind=AssetKind.VIDEO,
            voice="provider:voice/speech?text=Said",
            lines=lines,
        ),
        Shot(scene=Scene(text="Three.", wanted="c"), seconds=3.1),
    ]
    document = document_of(asked, shots, title="A title")
    assert parse_timeline(json.dumps(document)) is not None
    clips = document["tracks"][0]["clips"]
    assert [(each["start"], each["duration"]) for each in clips] == [(0, 3.0), (2.5, 2.7), (4.7, 3.6)]
    assert [each["asset"]["type"] for each in clips] == ["image", "video", "gradient"]
    assert clips[1]["audio"] == {"mute": True}
    assert (document["output"]["width"], document["output"]["height"]) == shape.size
    [cue] = document["captions"][0]["cues"]
    assert (cue["start"], cue["end"]) == (3.3, 4.7)
    assert [each["id"] for each in document["audio"]["clips"]] == ["voice-2", "music"]


def test_what_is_made_is_what_was_wanted_where_it_can_be() -> None:
    def name(number: int, wanted: str) -> str:
        return made_picture(number, wanted, 2.0, Shape.SQUARE).partition("?")[0]

    assert [name(7, each) for each in ("Cities at night", "Les étoiles", "the sea")] == [
        "provider:generator/city",
        "provider:generator/starfield",
        "provider:generator/waves",
    ]
    assert name(7, "city at night") == "provider:generator/city"
    assert [name(number, "philosophy") for number in (0, 1, 8)] == [
        "provider:generator/hills",
        "provider:generator/aurora",
        "provider:generator/hills",
    ]


def test_silence_and_what_is_not_wanted_are_left_out() -> None:
    asked = ComposeRequest(script="x", music="", captions=False, speaker="")
    document = document_of(asked, [Shot(scene=Scene(text="x", wanted="x"), seconds=3.0)], title="x")
    assert "audio" not in document
    assert "captions" not in document
    assert len(document["tracks"]) == 1
    assert seconds_of(Scene(text="word " * 25, wanted=""), None) == 10.0
    assert seconds_of(Scene(text="Hi.", wanted=""), 0.61) == 1.5
