"""What is wrong with a document is told with its place, in words that help."""

import json

import pytest

from core.api import Catalogue
from core.timeline.complaints import Complaint, InvalidTimeline
from core.timeline.parsing import parse_timeline
from tests.support.timelines import FILM, Json, clip, complaints_of, document, film, text

NESTED = {"type": "timeline", "timeline": document(clip())}
SOUND = {"start": 0, "duration": 2, "asset": {"type": "audio", "src": "file:a.mp3"}}


def with_output(**output: Json) -> Json:
    return document(clip(), output=output)


def with_captions(**captions: Json) -> Json:
    return document(clip(), captions=[captions])


CUE = {"start": 0, "end": 1, "text": "Hello there"}

MISTAKES: list[tuple[Json, str, str]] = [
    # The document
    ([], "", "must be an object, not a list"),
    ("7", "", "must be an object, not 7"),
    ("{", "", "line 1, column 2: Expecting property name enclosed in double quotes"),
    ('{"version": NaN}', "", "NaN is not a number that JSON knows"),
    ('{"version": 1, "version": 1}', "", 'the key "version" stands twice in one object'),
    ('{"version": 1e999999999}', "", "the number 1e999999999 is out of range"),
    ('{"version": "\\ud800"}', "", "holds half of a surrogate pair"),
    ("[" * 100_000, "", "*"),
    ({"x" * 201: 1}, "", f'the key "{"x" * 40}…" is longer than 200 characters'),
    ({}, "version", "is required"),
    ({"version": 2, "tracks": [{"clips": [clip()]}]}, "version", "unknown 2; one of 1"),
    ({"version": 1}, "tracks", "there is no clip: nothing would be seen or heard"),
    (document(clip(), trakcs=[]), "trakcs", 'unknown key "trakcs", did you mean "tracks"?'),
    (document(tracks={"clips": []}), "tracks", "must be a list, not an object"),
    (document(tracks=[7]), "tracks[0]", "must be an object, not 7"),
    (
        document(clip(0, "end"), clip(1, "end", id="b")),
        "tracks",
        'all clips last to the "end": at least one needs a length of its own',
    ),
    # Output
    (with_output(widht=3), "output.widht", 'unknown key "widht", did you mean "width"?'),
    (with_output(width=321), "output.width", "must be even, not 321; use 320 or 322"),
    (with_output(width=0), "output.width", "must lie between 2 and 8192 pixels, not 0"),
    (with_output(height="180"), "output.height", 'must be a whole number, not "180"'),
    (with_output(fps=29.97), "output.fps", 'must be a whole number or a ratio like "30000/1001", not 29.97'),
    (with_output(fps="1/0"), "output.fps", 'must be a whole number or a ratio like "30000/1001", not "1/0"'),
    (with_output(fps=1000), "output.fps", "must lie between 1 and 240 frames per second, not 1000"),
    (with_output(background="red"), "output.background", 'not a colour: "red" (write #rrggbb or #rrggbbaa)'),
    (with_output(encoder="webm-av11"), "output.encoder", 'unknown "webm-av11", did you mean "webm-av1"?'),
    (
        with_output(quality="best"),
        "output.quality",
        'must be "draft", "standard", "high" or the encoder\'s parameters, not "best"',
    ),
    (with_output(quality={"cfr": 20}), "output.quality.cfr", 'unknown parameter "cfr", did you mean "crf"?'),
    (
        with_output(renditions=[{"encoder": "gfi"}]),
        "output.renditions[0].encoder",
        'unknown "gfi", did you mean "gif"?',
    ),
    (with_output(renditions=[{"width": 181}]), "output.renditions[0].width", "must be even, not 181; use 180 or 182"),
    (with_output(poster={"at": -1}), "output.poster.at", "must lie between 0 and 86400 seconds, not -1"),
    (with_output(storyboard="yes"), "output.storyboard", 'must be true or false, not "yes"'),
    # Variables
    (
        document(text("{{hedline}}"), variables={"headline": "x"}),
        "tracks[0].clips[0].asset.text",
        'no variable "hedline", did you mean "headline"?',
    ),
    (document(clip(), variables=[]), "variables", "must be an object, not a list"),
    # Times
    (document(clip(start="0")), "tracks[0].clips[0].start", 'must be a number of seconds, not "0"'),
    (document(clip(start=-0.5)), "tracks[0].clips[0].start", "must lie between 0 and 86400 seconds, not -0.5"),
    (document(clip(start=True)), "tracks[0].clips[0].start", "must be a number of seconds, not true"),
    (document(clip(start=0.0000001)), "tracks[0].clips[0].start", "has more than 6 digits after the point"),
    (
        json.dumps(document(clip(start=7))).replace("7", "1.00000000000000000000000000000000000001"),
        "tracks[0].clips[0].start",
        "has more than 6 digits after the point",
    ),
    (document(clip(0, 0)), "tracks[0].clips[0].duration", "must be longer than 0 seconds"),
    (document(clip(0, "atuo")), "tracks[0].clips[0].duration", 'must be seconds, "auto" or "end", not "atuo"'),
    (
        document(clip(2), clip(1)),
        "tracks[0].clips[1].start",
        "begins before the clip that stands before it on the track",
    ),
    # Assets
    (document({"start": 0}), "tracks[0].clips[0].asset", "is required"),
    (document(clip(asset={})), "tracks[0].clips[0].asset.type", "is required"),
    (
        document(clip(asset={"type": "vidoe"})),
        "tracks[0].clips[0].asset.type",
        'unknown "vidoe", did you mean "video"?; one of video, image, audio, text, color, gradient, shape, timeline',
    ),
    (document(clip(asset={"type": "video"})), "tracks[0].clips[0].asset.src", "is required"),
    (
        document(film(asset={"spede": 2})),
        "tracks[0].clips[0].asset.spede",
        'unknown key "spede", did you mean "speed"?',
    ),
    (document(film(asset={"speed": 0})), "tracks[0].clips[0].asset.speed", "must be at least 0.01, not 0"),
    (
        document(film(asset={"src": "film.mp4"})),
        "tracks[0].clips[0].asset.src",
        '"film.mp4" must begin with file:, asset:, provider: or https://',
    ),
    (
        document(film(asset={"src": "file:../secret"})),
        "tracks[0].clips[0].asset.src",
        '"file:../secret" must name a file inside the timeline\'s folder, like file:clips/a.mp4',
    ),
    (
        document(film(asset={"src": "asset:a b"})),
        "tracks[0].clips[0].asset.src",
        '"asset:a b" is no asset id, like asset:ast_01J',
    ),
    (
        document(film(asset={"src": "provider:library"})),
        "tracks[0].clips[0].asset.src",
        '"provider:library" must name a provider and its asset, like provider:library/a.mp4',
    ),
    (
        document(clip(asset={"type": "gradient", "stops": [[0, "#000000"]]})),
        "tracks[0].clips[0].asset.stops",
        "must hold at least 2 entries",
    ),
    (
        document(clip(asset={"type": "gradient", "stops": [[0, "#000000"], [1.5, "#ffffff"]]})),
        "tracks[0].clips[0].asset.stops[1][0]",
        "must be at most 1, not 1.5",
    ),
    (
        document(clip(asset={"type": "shape", "shape": "elipse"})),
        "tracks[0].clips[0].asset.shape",
        'unknown "elipse", did you mean "ellipse"?; one of rectangle, ellipse, path',
    ),
    (
        document(clip(asset={"type": "shape", "shape": "path"})),
        "tracks[0].clips[0].asset.path",
        "is required for this shape",
    ),
    (
        document(clip(asset={"type": "shape", "shape": "path", "path": " \n"})),
        "tracks[0].clips[0].asset.path",
        "is required for this shape",
    ),
    (
        document(clip(asset={"type": "shape", "shape": "path", "path": "M0 0L1 1 0.5"})),
        "tracks[0].clips[0].asset.path",
        'a number is expected at character 13 ("the end")',
    ),
    (
        document(
            clip(
                asset={
                    "type": "timeline",
                    "timeline": document(
                        clip(asset={"type": "shape", "shape": "path", "path": "M 0 0 l 900 0 l 900 0"})
                    ),
                }
            )
        ),
        "tracks[0].clips[0].asset.timeline.tracks[0].clips[0].asset.path",
        "runs far out of its 1×1 box",
    ),
    (
        document(film(asset={"src": "https://user@"})),
        "tracks[0].clips[0].asset.src",
        '"https://user@" is no address',
    ),
    (
        document(film(asset={"src": "z" * 999})),
        "tracks[0].clips[0].asset.src",
        f'"{"z" * 40}…" must begin with file:, asset:, provider: or https://',
    ),
    # Text
    (document(text("")), "tracks[0].clips[0].asset.text", "must not be empty"),
    (document(text(" \n")), "tracks[0].clips[0].asset.text", "must not be blank"),
    (document(text("x" * 5001)), "tracks[0].clips[0].asset.text", "is longer than 5000 characters"),
    (document(text(look={"size": 2})), "tracks[0].clips[0].asset.size", "must be at most 1, not 2"),
    (
        document(text("x" * 500, look={"size": 1})),
        "tracks[0].clips[0].asset.text",
        'is too large to be drawn whole; give it a "max_width", a smaller size or shorter lines',
    ),
    (
        document(text(look={"shadow": {"blur": 5}})),
        "tracks[0].clips[0].asset.shadow.blur",
        "must be at most 0.2, not 5",
    ),
    (
        document(text(look={"shadow": {"colour": 5}})),
        "tracks[0].clips[0].asset.shadow.colour",
        'unknown key "colour", did you mean "color"?',
    ),
    (
        document(text(look={"stroke": {"color": "#000000", "width": 1}})),
        "tracks[0].clips[0].asset.stroke.width",
        "must be at most 0.2, not 1",
    ),
    (document(text(look={"weight": 1000})), "tracks[0].clips[0].asset.weight", "must be at most 900, not 1000"),
    (
        document(text(look={"spans": [{"start": 3, "end": 9}]})),
        "tracks[0].clips[0].asset.spans[0]",
        "must name a range of the text's 5 characters",
    ),
    (
        document(text(look={"animate": "letters"})),
        "tracks[0].clips[0].asset.animate",
        'unknown "letters"; one of typewriter, words, lines',
    ),
    (
        document(text(look={"animate": {"by": "words", "duration": 3}})),
        "tracks[0].clips[0].asset.animate.duration",
        "is longer than the clip",
    ),
    # Placement
    (
        document(clip(fit="covr")),
        "tracks[0].clips[0].fit",
        'unknown "covr", did you mean "cover"?; one of cover, contain, stretch, none',
    ),
    (
        document(clip(blend="Multiply")),
        "tracks[0].clips[0].blend",
        'unknown "Multiply", did you mean "multiply"?; one of normal, multiply, screen, overlay, darken, lighten, add',
    ),
    (document(clip(x="left")), "tracks[0].clips[0].x", 'must be a number, not "left"'),
    (document(clip(y=1e9)), "tracks[0].clips[0].y", "must be at most 10, not 1e+09"),
    (document(clip(opacity=1.5)), "tracks[0].clips[0].opacity", "must be at most 1, not 1.5"),
    (document(clip(width=0)), "tracks[0].clips[0].width", "must be more than 0 and at most 10, not 0"),
    (document(clip(scale={"keys": []})), "tracks[0].clips[0].scale.keys", "must not be empty"),
    (
        document(clip(scale={"keys": [{"t": 0, "v": -1}]})),
        "tracks[0].clips[0].scale.keys[0].v",
        "must be at least 0, not -1",
    ),
    (
        document(clip(x={"keys": [{"t": 1, "v": 0}, {"t": 1, "v": 1}]})),
        "tracks[0].clips[0].x.keys[1].t",
        "must be later than the key before",
    ),
    (
        document(clip(x={"keys": [{"t": 1, "v": 0, "ease": "ease-inn"}]})),
        "tracks[0].clips[0].x.keys[0].ease",
        'unknown easing "ease-inn", did you mean "ease-in"?',
    ),
    (document(clip(anchor=[0.5])), "tracks[0].clips[0].anchor[1]", "is required"),
    (document(clip(crop={"left": 0.5, "right": 0.5})), "tracks[0].clips[0].crop", "nothing is left of the picture"),
    (document(clip(crop={"top": 1})), "tracks[0].clips[0].crop.top", "must be at most 0.99, not 1"),
    (document(clip(layouts={"٣:٤": {}})), "tracks[0].clips[0].layouts.٣:٤", 'must be an aspect like "9:16"'),
    (document(clip(layouts={"0:16": {}})), "tracks[0].clips[0].layouts.0:16", 'must be an aspect like "9:16"'),
    (document(clip(layouts={"tall": {}})), "tracks[0].clips[0].layouts.tall", 'must be an aspect like "9:16"'),
    (document(clip(layouts={"9:16": {"x": 11}})), "tracks[0].clips[0].layouts.9:16.x", "must be at most 10, not 11"),
    (
        document(clip(layouts={"9:16": {"sclae": 1}})),
        "tracks[0].clips[0].layouts.9:16.sclae",
        'unknown key "sclae", did you mean "scale"?',
    ),
    (
        document(clip(layouts={"9:16": {"mask": "x"}})),
        "tracks[0].clips[0].layouts.9:16.mask",
        '"x" must begin with file:, asset:, provider: or https://',
    ),
    (
        document(clip(mask="x.png")),
        "tracks[0].clips[0].mask",
        '"x.png" must begin with file:, asset:, provider: or https://',
    ),
    # Effects and transitions
    (
        document(clip(effects=[{"use": "blurr"}])),
        "tracks[0].clips[0].effects[0].use",
        'unknown "blurr", did you mean "blur"?',
    ),
    (document(clip(effects=[{}])), "tracks[0].clips[0].effects[0].use", "is required"),
    (
        document(clip(effects=[{"use": "blur", "params": {"radus": 1}}])),
        "tracks[0].clips[0].effects[0].params.radus",
        'unknown parameter "radus", did you mean "radius"?',
    ),
    (
        document(clip(effects=[{"use": "color.grade", "params": {"saturation": "much"}}])),
        "tracks[0].clips[0].effects[0].params.saturation",
        'must be a number, not "much"',
    ),
    (
        document(clip(effects=[{"use": "color.grade", "params": {"saturation": {"keys": [{"t": 0}]}}}])),
        "tracks[0].clips[0].effects[0].params.saturation.keys[0].v",
        "is required",
    ),
    (
        document(clip(effects=[{"use": "color.grade", "params": {"saturation": {"kyes": []}}}])),
        "tracks[0].clips[0].effects[0].params.saturation.keys",
        "is required",
    ),
    (
        document(clip(effects=[{"use": "color.curves", "params": {"red": "0,0 1,1 2,2"}}])),
        "tracks[0].clips[0].effects[0].params.red",
        'a curve\'s points lie between 0 and 1; write points like "0,0 0.5,0.6 1,1"',
    ),
    (
        document(clip(effects=[{"use": "color.lut", "params": {"file": {"keys": []}}}])),
        "tracks[0].clips[0].effects[0].params.file",
        "can't be animated",
    ),
    (
        document(clip(effects=[{"use": "color.lut", "params": {"file": "look.cube"}}])),
        "tracks[0].clips[0].effects[0].params.file",
        '"look.cube" must begin with file:, asset:, provider: or https://',
    ),
    (
        document(clip(effects=[{"use": "blur", "start": 2}])),
        "tracks[0].clips[0].effects[0].start",
        "lies past the clip's end",
    ),
    (
        document(clip(), clip(1.5, transition={"use": "fdae", "duration": 0.5})),
        "tracks[0].clips[1].transition.use",
        'unknown "fdae", did you mean "fade"?',
    ),
    (document(clip(), clip(1.5, transition={"use": "fade"})), "tracks[0].clips[1].transition.duration", "is required"),
    (
        document(clip(), clip(1.5, transition={"use": "fade", "duration": 0})),
        "tracks[0].clips[1].transition.duration",
        "must be longer than 0 seconds",
    ),
    (
        document(clip(), clip(1.5, 1, transition={"use": "fade", "duration": 1.5})),
        "tracks[0].clips[1].transition.duration",
        "is longer than the clip",
    ),
    (
        document(clip(transition={"use": "fade", "duration": 1})),
        "tracks[0].clips[0].transition",
        'has no clip before it to come from; use "enter" to let a first clip appear',
    ),
    (
        document(clip(enter={"use": "fade", "duration": 1, "ease": "linaer"})),
        "tracks[0].clips[0].enter.ease",
        'unknown easing "linaer", did you mean "linear"?',
    ),
    (
        document(clip(enter={"use": "fade", "duration": 1.5}, exit={"use": "fade", "duration": 1})),
        "tracks[0].clips[0]",
        "is shorter than its enter and exit together",
    ),
    # Sound
    (document(film(audio={"volume": -1})), "tracks[0].clips[0].audio.volume", "must be at least 0, not -1"),
    (
        document(film(audio={"pan": {"keys": [{"t": 0, "v": 2}]}})),
        "tracks[0].clips[0].audio.pan.keys[0].v",
        "must be at most 1, not 2",
    ),
    (
        document(film(audio={"role": "speech"})),
        "tracks[0].clips[0].audio.role",
        'unknown "speech"; one of voice, music, effects',
    ),
    (document(clip(), audio={"loudness": 3}), "audio.loudness", "must be at most 0, not 3"),
    (document(clip(), audio={"duck": {"by_db": 1000}}), "audio.duck.by_db", "must be at most 100, not 1000"),
    (
        document(clip(), audio={"clips": [{**SOUND, "fade_out": "2"}]}),
        "audio.clips[0].fade_out",
        'must be a number of seconds, not "2"',
    ),
    (
        document(clip(), audio={"clips": [{**SOUND, "asset": {"type": "video", "src": FILM}}]}),
        "audio.clips[0].asset.type",
        'unknown "video"; one of audio',
    ),
    (
        document(clip(id="a"), audio={"clips": [{**SOUND, "id": "a"}]}),
        "audio.clips[0].id",
        '"a" is taken by tracks[0].clips[0].id',
    ),
    # Captions
    (with_captions(), "captions[0]", 'give either "src" or "cues"'),
    (with_captions(src="file:a.srt", cues=[CUE]), "captions[0]", 'give either "src" or "cues"'),
    (
        with_captions(cues=[CUE], language="Français"),
        "captions[0].language",
        '"Français" is no language tag like "fr" or "pt-BR"',
    ),
    (
        with_captions(cues=[CUE], mode=["brun"]),
        "captions[0].mode[0]",
        'unknown "brun", did you mean "burn"?; one of burn, sidecar, soft',
    ),
    (with_captions(cues=[CUE], mode=[]), "captions[0].mode", "must not be empty"),
    (
        with_captions(cues=[CUE], style="karaokee"),
        "captions[0].style",
        'unknown "karaokee", did you mean "karaoke"?; one of plain, boxed, karaoke, pop',
    ),
    (
        with_captions(cues=[CUE], style={"highlight": {"align": "left"}}),
        "captions[0].style.highlight.align",
        'unknown key "align"',
    ),
    (with_captions(cues=[{**CUE, "end": 0}]), "captions[0].cues[0].end", "must be later than the start"),
    (
        with_captions(cues=[{**CUE, "words": [{"start": 0, "end": 2, "text": "Hello"}]}]),
        "captions[0].cues[0].words[0]",
        "*",
    ),
    (
        with_captions(cues=[{**CUE, "words": [{"start": 0, "end": 1, "text": "Goodbye"}]}]),
        "captions[0].cues[0].words",
        "must be the words of the cue's text, in its order",
    ),
    # Nested timelines
    (document(clip(asset={"type": "timeline"})), "tracks[0].clips[0].asset.timeline", "is required"),
    (
        document(clip(asset={"type": "timeline", "src": "asset:a"})),
        "tracks[0].clips[0].asset.src",
        "projects can only be nested inside a tenant's library",
    ),
    (document(clip(asset={**NESTED, "src": "asset:a"})), "tracks[0].clips[0].asset", 'give either "timeline" or "src"'),
    (
        document(clip(asset={"type": "timeline", "timeline": document(clip(0, -1))})),
        "tracks[0].clips[0].asset.timeline.tracks[0].clips[0].duration",
        "must lie between 0 and 86400 seconds, not -1",
    ),
    (
        document(clip(asset={"type": "timeline", "timeline": document(film(asset={"src": "x"}))})),
        "tracks[0].clips[0].asset.timeline.tracks[0].clips[0].asset.src",
        '"x" must begin with file:, asset:, provider: or https://',
    ),
    (
        document(clip(asset={"type": "timeline", "timeline": document(clip(fit="x"))})),
        "tracks[0].clips[0].asset.timeline.tracks[0].clips[0].fit",
        'unknown "x"; one of cover, contain, stretch, none',
    ),
]


@pytest.mark.parametrize(("value", "path", "message"), MISTAKES, ids=[f"{i}-{m[1]}" for i, m in enumerate(MISTAKES)])
def test_a_mistake_is_told_with_its_place_and_what_would_be_right(
    value: Json, path: str, message: str, catalogue: Catalogue
) -> None:
    first, *_ = complaints_of(value, catalogue)
    assert first.path == path
    if message != "*":
        assert first.message == message


def test_the_document_that_the_mistakes_are_made_in_is_right(catalogue: Catalogue) -> None:
    assert complaints_of(document(clip(), clip(2), text()), catalogue) != ()  # the text overlaps in order
    assert complaints_of(document(clip(), clip(2, asset=NESTED), text(start=4)), catalogue) == ()
    assert complaints_of(with_captions(cues=[CUE]), catalogue) == ()


def test_all_mistakes_are_told_at_once_in_the_order_of_the_document(catalogue: Catalogue) -> None:
    value = document(clip(x="a", fit="b"), clip(start="c"), output={"width": 1})
    assert [complaint.path for complaint in complaints_of(value, catalogue)] == [
        "output.width",
        "tracks[0].clips[0].fit",
        "tracks[0].clips[0].x",
        "tracks[0].clips[1].start",
    ]


def test_the_error_shows_twenty_complaints_and_counts_the_rest() -> None:
    err = InvalidTimeline(tuple(Complaint(path=f"a[{n}]", message="is wrong") for n in range(25)))
    assert str(err).splitlines()[0] == "a[0]: is wrong"
    assert str(err).splitlines()[-1] == "… and 5 more"
    assert len(err.complaints) == 25


def test_a_document_full_of_mistakes_is_refused_in_bounded_words() -> None:
    value = json.dumps({"version": 1, "tracks": [{"clips": [{"start": "x" * 100} for _ in range(4000)]}]})
    with pytest.raises(InvalidTimeline) as caught:
        parse_timeline(value)
    assert len(caught.value.complaints) == 500


def test_a_document_that_is_too_large_or_no_utf8_is_refused() -> None:
    for hostile, message in (
        (b" " * (16 * 2**20 + 1), "the document is larger than 16 MiB"),
        (b'{"a": "\xff"}', "is not UTF-8"),
    ):
        with pytest.raises(InvalidTimeline, match=message):
            parse_timeline(hostile)


def test_nesting_ends_at_eight(catalogue: Catalogue) -> None:
    value = document(clip())
    for _ in range(8):
        value = document(clip(asset={"type": "timeline", "timeline": value}))
    assert complaints_of(value, catalogue) == ()
    value = document(clip(asset={"type": "timeline", "timeline": value}))
    (complaint,) = complaints_of(value, catalogue)
    assert complaint.path == "tracks[0].clips[0]" + ".asset.timeline.tracks[0].clips[0]" * 8 + ".asset"
    assert complaint.message == "timelines are nested more than 8 deep"


def test_a_number_with_a_thousand_digits_is_refused() -> None:
    with pytest.raises(InvalidTimeline, match="has more than 100 characters"):
        parse_timeline('{"version": ' + "1" * 1000 + "}")
