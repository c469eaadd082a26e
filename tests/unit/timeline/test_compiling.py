"""Timelines become plans: lengths, frames, transitions, renditions, captions, sounds."""

import itertools
from collections.abc import Mapping
from fractions import Fraction

import pytest

from core.api import Catalogue, Color
from core.timeline.plan import Cue, MediaFile, Plan, frame_at
from core.timeline.sources import Playback, TextSource, TimelineSource, VideoSource
from tests.support.timelines import (
    MEDIA,
    PHOTO,
    SONG,
    Json,
    clip,
    compile_complaints,
    complaints_of,
    document,
    film,
    media_file,
    plan_of_document,
    text,
)

FADE = {"use": "fade", "duration": 0.5}
CUE = {"start": 0, "end": 1, "text": "Hello there"}


def checked(value: Json, catalogue: Catalogue) -> list[tuple[str, str]]:
    """Return what is found wrong before any media is known."""
    return [(complaint.path, complaint.message) for complaint in complaints_of(value, catalogue)]


# Variables


def test_a_whole_placeholder_takes_the_variables_type_and_a_part_its_text(catalogue: Catalogue) -> None:
    plan = plan_of_document(
        document(
            text("{{ who }} has {{n}}", duration="{{seconds}}", x="{{left}}"),
            variables={"who": "Ada", "n": 1.50, "seconds": 3, "left": {"keys": [{"t": 0, "v": 0.25}]}},
        ),
        catalogue,
    )
    (layer,) = plan.layers
    assert isinstance(layer.source, TextSource)
    assert layer.source.runs[0].text == "Ada has 1.5"
    assert layer.end == 90
    assert not isinstance(layer.placement.x, float)
    assert layer.placement.x.at(Fraction(0)) == 0.25


def test_a_nested_timeline_sees_the_variables_around_it_and_its_own_win(catalogue: Catalogue) -> None:
    inner = document(text("{{a}} {{b}} {{c}}"), variables={"b": "inner", "c": "{{a}}!"})
    plan = plan_of_document(
        document(clip(asset={"type": "timeline", "timeline": inner}), variables={"a": "outer", "b": "hidden"}),
        catalogue,
    )
    source = plan.layers[0].source
    assert isinstance(source, TimelineSource)
    words = source.plan.layers[0].source
    assert isinstance(words, TextSource)
    assert words.runs[0].text == "outer inner outer!"


def test_variables_work_in_a_timeline_without_tracks(catalogue: Catalogue) -> None:
    sound = {"start": 0, "duration": 1, "asset": {"type": "audio", "src": "{{song}}"}}
    value = {"version": 1, "variables": {"song": SONG}, "audio": {"clips": [sound]}}
    assert plan_of_document(value, catalogue).audio.clips[0].source == SONG


def test_what_a_variable_puts_in_is_not_read_again(catalogue: Catalogue) -> None:
    plan = plan_of_document(document(text("{{a}}"), variables={"a": "{{b}}"}), catalogue)
    assert isinstance(plan.layers[0].source, TextSource)
    assert plan.layers[0].source.runs[0].text == "{{b}}"


def test_variables_cannot_blow_a_document_up(catalogue: Catalogue) -> None:
    value = document(text("{{a}}" * 900), variables={"a": "x" * 100_000})
    (complaint,) = complaints_of(value, catalogue)
    assert (complaint.path, complaint.message) == ("variables", "the variables fill the document beyond 16 MiB")


# Lengths


@pytest.mark.parametrize(
    ("asset", "seconds"),
    [
        ({}, "10"),
        ({"in": 4}, "6"),
        ({"in": 4, "speed": 2}, "3"),
        ({"speed": 0.5}, "20"),
        ({"reverse": True, "in": 1}, "9"),
    ],
)
def test_auto_is_the_sources_own_length(asset: Json, seconds: str, catalogue: Catalogue) -> None:
    plan = plan_of_document(document(film(0, "auto", asset=asset)), catalogue)
    assert plan.duration == Fraction(seconds)
    assert plan.audio.clips[0].duration == Fraction(seconds)


def test_stills_and_texts_last_five_seconds_when_left_alone(catalogue: Catalogue) -> None:
    for alone in (clip(0, None), text(duration=None), clip(0, None, asset={"type": "image", "src": PHOTO})):
        assert plan_of_document(document(alone), catalogue).frames == 150


def test_end_reaches_to_the_end_of_the_longest_clip_with_a_length(catalogue: Catalogue) -> None:
    music = {"start": 1, "duration": "end", "asset": {"type": "audio", "src": SONG}}
    plan = plan_of_document(
        document(
            tracks=[{"clips": [film(0.5, "auto")]}, {"clips": [text(start=2, duration="end")]}],
            audio={"clips": [music]},
        ),
        catalogue,
    )
    assert [(layer.first, layer.end) for layer in plan.layers] == [(15, 315), (60, 315)]
    assert plan.audio.clips[-1].duration == Fraction("9.5")


def test_end_that_begins_after_the_end_is_refused(catalogue: Catalogue) -> None:
    value = document(tracks=[{"clips": [clip()]}, {"clips": [clip(2, "end")]}])
    assert compile_complaints(value, catalogue)[0] == (
        "tracks[1].clips[0].start",
        "lies after the end of all other clips",
    )


def test_an_in_point_past_the_end_is_refused(catalogue: Catalogue) -> None:
    assert compile_complaints(document(film(asset={"in": 10})), catalogue) == [
        ("tracks[0].clips[0].asset.in", "lies past the source's end at 10 s")
    ]
    assert plan_of_document(document(film(asset={"in": 9.999})), catalogue).frames == 60


def test_playback_keeps_in_speed_and_what_is_left(catalogue: Catalogue) -> None:
    plan = plan_of_document(document(film(asset={"in": 2.5, "speed": 1.1, "loop": True})), catalogue)
    assert isinstance(plan.layers[0].source, VideoSource)
    assert plan.layers[0].source.playback == Playback(
        start=Fraction("2.5"), length=Fraction("7.5"), speed=Fraction("1.1"), loop=True
    )


# Frames


@pytest.mark.parametrize("fps", [24, 25, "30000/1001", 30, 50, "60000/1001", 60])
def test_clips_that_touch_in_time_touch_in_frames_at_every_rate(fps: int | str, catalogue: Catalogue) -> None:
    times = ["0", "0.333333", "1.0001", "2.5", "3.3", "3.416667", "7.77", "59.999"]
    clips = [clip(float(start), float(Fraction(end) - Fraction(start))) for start, end in itertools.pairwise(times)]
    plan = plan_of_document(document(*clips, fps=fps), catalogue)
    rate = Fraction(fps)
    edges = [frame_at(Fraction(time), rate) for time in times]
    assert [(layer.first, layer.end) for layer in plan.layers] == list(itertools.pairwise(edges))
    assert [(span.first, span.end) for span in plan.spans] == list(itertools.pairwise(edges))
    assert plan.frames == edges[-1]
    assert plan.audio.duration == edges[-1] / rate


@pytest.mark.parametrize(
    ("fps", "seconds", "frame"),
    [
        (24, "0.5", 12),
        (24, "0.020833", 0),
        (24, "0.020834", 1),
        (25, "0.02", 1),
        (25, "0.019999", 0),
        ("30000/1001", "1", 30),
        ("30000/1001", "100", 2997),
        (30, "0.05", 2),
        (30, "0.016666", 0),
        (50, "0.03", 2),
        ("60000/1001", "3600", 215784),
        (60, "0.025", 2),
        (60, "0.024999", 1),
    ],
)
def test_times_are_rounded_to_the_nearest_frame_and_halves_up(fps: int | str, seconds: str, frame: int) -> None:
    assert frame_at(Fraction(seconds), Fraction(fps)) == frame


def test_a_clip_shorter_than_a_frame_is_refused(catalogue: Catalogue) -> None:
    assert checked(document(clip(), clip(2, 0.01)), catalogue) == [
        ("tracks[0].clips[1].duration", "is shorter than one frame")
    ]


# Overlaps and transitions


def test_an_overlap_without_a_transition_is_refused_with_two_ways_out(catalogue: Catalogue) -> None:
    assert compile_complaints(document(film(0, "auto"), clip(9.6)), catalogue) == [
        (
            "tracks[0].clips[1].start",
            "overlaps the clip before it by 0.4 s; give it a transition of that length, or start it at 10",
        )
    ]


def test_a_transition_mixes_the_two_clips_over_their_overlap(catalogue: Catalogue) -> None:
    plan = plan_of_document(document(film(0, 2), film(1.5, 2, transition=FADE)), catalogue)
    assert [(span.first, span.end, span.layers, span.mixes) for span in plan.spans] == [
        (0, 45, (0,), ()),
        (45, 60, (0, 1), ((0, 1),)),
        (60, 105, (1,), ()),
    ]
    assert plan.layers[1].transition is not None
    assert plan.layers[1].transition.frames == 15
    assert [(sound.fade_in, sound.fade_out) for sound in plan.audio.clips] == [
        (0, Fraction(1, 2)),
        (Fraction(1, 2), 0),
    ]


@pytest.mark.parametrize(
    ("start", "message"),
    [
        (1, "lasts 0.5 s, but the clips overlap by 1 s; start the clip at 1.5"),
        (2, "lasts 0.5 s, but the clips do not overlap; start the clip at 1.5"),
        (3, "lasts 0.5 s, but the clips do not overlap; start the clip at 1.5"),
    ],
)
def test_a_transition_that_does_not_fit_the_overlap_is_refused(
    start: float, message: str, catalogue: Catalogue
) -> None:
    value = document(clip(), clip(start, transition=FADE))
    assert checked(value, catalogue) == [("tracks[0].clips[1].transition.duration", message)]


def test_a_transition_may_be_a_frame_off_by_rounding(catalogue: Catalogue) -> None:
    plan = plan_of_document(document(clip(0, 1.517), clip(1.0, transition=FADE), fps=25), catalogue)
    assert plan.layers[1].transition is not None
    assert plan.layers[1].transition.frames == frame_at(Fraction("1.517"), Fraction(25)) - 25


def test_transitions_of_one_clip_may_not_overlap(catalogue: Catalogue) -> None:
    longer = {"use": "fade", "duration": 0.8}
    value = document(clip(0, 2), clip(1.2, 1, transition=longer), clip(1.4, 2, transition=longer))
    assert checked(value, catalogue) == [
        ("tracks[0].clips[2].transition", "begins before the transition before it has ended")
    ]


def test_a_clip_inside_another_is_refused(catalogue: Catalogue) -> None:
    value = document(clip(0, 4), clip(1, 0.5, transition={"use": "fade", "duration": 0.5}))
    assert checked(value, catalogue)[0][0] == "tracks[0].clips[1].transition.duration"


def test_sounds_on_a_track_follow_the_same_rules(catalogue: Catalogue) -> None:
    song = {"type": "audio", "src": SONG}
    assert checked(document(clip(asset=song), clip(1, asset=song)), catalogue)[0][0] == "tracks[0].clips[1].start"
    plan = plan_of_document(document(clip(asset=song), clip(1.5, asset=song, transition=FADE)), catalogue)
    assert [(sound.fade_in, sound.fade_out) for sound in plan.audio.clips] == [(0, Fraction(1, 2)), (Fraction(1, 2), 0)]
    assert plan.layers == ()
    assert plan.frames == 105
    assert compile_complaints(document(clip(asset=song), film(1.5, transition=FADE)), catalogue) == [
        ("tracks[0].clips[1].transition", "comes from a clip that is only heard")
    ]


def test_enter_and_exit_that_just_fit_are_never_refused_for_rounding(catalogue: Catalogue) -> None:
    half = {"use": "fade", "duration": 0.5}
    for start in (0, 0.01, 0.02, 0.034, 0.5):
        (layer,) = plan_of_document(
            document(text(start=start, duration=1, enter=half, exit=half), fps="30000/1001"), catalogue
        ).layers
        assert layer.enter is not None
        assert layer.exit is not None
        assert layer.enter.frames + layer.exit.frames <= layer.end - layer.first


TOO_LONG = {
    "look": {"animate": {"by": "words", "duration": 6}},
    "enter": {"use": "fade", "duration": 3},
    "exit": {"use": "fade", "duration": 3},
    "effects": [{"use": "blur", "start": 5}],
}
ALL_TOO_LONG = [
    ("tracks[0].clips[0]", "is shorter than its enter and exit together"),
    ("tracks[0].clips[0].asset.animate.duration", "is longer than the clip"),
    ("tracks[0].clips[0].effects[0].start", "lies past the clip's end"),
]


def test_what_is_too_long_for_a_clip_is_refused_also_where_its_length_is_left_open(catalogue: Catalogue) -> None:
    assert sorted(checked(document(text(duration="auto", **TOO_LONG)), catalogue)) == ALL_TOO_LONG
    to_the_end = document(tracks=[{"clips": [text(duration="end", **TOO_LONG)]}, {"clips": [clip(0, 5)]}])
    assert compile_complaints(to_the_end, catalogue) == ALL_TOO_LONG


def test_a_transition_from_a_clip_of_its_sources_length_is_measured_once_that_is_known(catalogue: Catalogue) -> None:
    value = document(film(0, "auto"), clip(9, transition=FADE))
    assert checked(value, catalogue) == []
    assert compile_complaints(value, catalogue) == [
        (
            "tracks[0].clips[1].transition.duration",
            "lasts 0.5 s, but the clips overlap by 1 s; start the clip at 9.5",
        )
    ]
    assert plan_of_document(document(film(0, "auto"), clip(9.5, transition=FADE)), catalogue).frames == 345


def test_overlaps_in_a_nested_timeline_are_measured_at_the_rate_around_it(catalogue: Catalogue) -> None:
    inner = {"version": 1, "tracks": [{"clips": [clip(0, 1), clip(0.98, 1)]}]}
    nested = clip(asset={"type": "timeline", "timeline": inner})
    assert checked(document(nested, fps=10), catalogue) == []
    assert [path for path, _ in checked(document(nested, fps=50), catalogue)] == [
        "tracks[0].clips[0].asset.timeline.tracks[0].clips[1].start"
    ]


def test_a_text_that_names_only_the_unit_appears_within_a_second_or_its_clip(catalogue: Catalogue) -> None:
    for seconds, expected in ((3, Fraction(1)), (0.4, Fraction("0.4"))):
        source = (
            plan_of_document(document(text(duration=seconds, look={"animate": "words"})), catalogue).layers[0].source
        )
        assert isinstance(source, TextSource)
        assert source.reveal is not None
        assert source.reveal.duration == expected


def test_an_effect_is_cut_at_its_clips_end(catalogue: Catalogue) -> None:
    plan = plan_of_document(
        document(clip(effects=[{"use": "blur", "start": 1, "duration": 5}, {"use": "blur"}])), catalogue
    )
    assert [(use.first, use.end) for use in plan.layers[0].effects] == [(30, 60), (0, 60)]


# Kinds of files


@pytest.mark.parametrize(
    ("asset", "message"),
    [
        ({"type": "video", "src": SONG}, 'is a sound; give the asset the type "audio"'),
        ({"type": "image", "src": SONG}, "is a sound, not a picture"),
        ({"type": "image", "src": "file:film.mp4"}, 'is a video; give the asset the type "video"'),
        ({"type": "audio", "src": "file:mute.mp4"}, "has no sound"),
        ({"type": "audio", "src": PHOTO}, "has no sound"),
    ],
)
def test_a_file_of_another_kind_than_its_asset_is_refused(asset: Json, message: str, catalogue: Catalogue) -> None:
    assert compile_complaints(document(clip(asset=asset)), catalogue)[0] == ("tracks[0].clips[0].asset.src", message)


def test_a_sound_beside_the_tracks_must_have_sound(catalogue: Catalogue) -> None:
    mute = {"start": 0, "duration": 1, "asset": {"type": "audio", "src": "file:mute.mp4"}}
    assert compile_complaints(document(clip(), audio={"clips": [mute]}), catalogue) == [
        ("audio.clips[0].asset.src", "has no sound")
    ]


def test_a_mask_that_is_a_sound_is_refused_also_in_a_layout(catalogue: Catalogue) -> None:
    value = document(clip(mask=SONG, layouts={"1:1": {"mask": SONG}}))
    assert compile_complaints(value, catalogue) == [
        ("tracks[0].clips[0].mask", "is a sound, not a picture"),
        ("tracks[0].clips[0].layouts.1:1.mask", "is a sound, not a picture"),
    ]


def test_an_image_may_be_an_animated_one_and_a_video_a_still(catalogue: Catalogue) -> None:
    for asset in (
        {"type": "image", "src": "file:wave.gif"},
        {"type": "video", "src": PHOTO},
        {"type": "audio", "src": "file:film.mp4"},
    ):
        assert plan_of_document(document(clip(asset=asset)), catalogue).frames == 60


# Output, renditions, layouts


def test_pictures_of_their_own_pixels_are_as_much_smaller_in_a_smaller_output(catalogue: Catalogue) -> None:
    logo = clip(0, 1, asset={"type": "image", "src": PHOTO}, fit="none")
    value = document(
        tracks=[{"clips": [logo]}, {"clips": [text(duration=1)]}, {"clips": [clip(0, 1)]}],
        output={"renditions": [{"width": 160, "height": 90}, {"width": 180, "height": 320}]},
    )
    plan = plan_of_document(value, catalogue)

    def scales(plan: Plan) -> list[Fraction]:
        return [layer.placement.pixel_scale for layer in plan.layers]

    assert scales(plan) == [1, 1, 1]
    assert [scales(rendition) for rendition in plan.renditions] == [[Fraction(1, 2), 1, 1], [Fraction(9, 16), 1, 1]]
    drafted = plan_of_document(value, catalogue, written_for=(640, 360))
    assert scales(drafted) == [Fraction(1, 2), 1, 1]
    assert [scales(rendition) for rendition in drafted.renditions] == [[Fraction(1, 4), 1, 1], [Fraction(9, 32), 1, 1]]


def test_renditions_take_what_they_leave_out_from_the_output(catalogue: Catalogue) -> None:
    plan = plan_of_document(
        document(
            clip(x=0.25, layouts={"9:16": {"x": 0.75}, "1:1": {"y": 0.1}}),
            output={
                "quality": {"crf": 30},
                "poster": {"at": 1},
                "renditions": [
                    {"width": 180, "height": 320},
                    {"encoder": "gif"},
                    {"width": 200, "height": 200, "quality": "draft"},
                ],
            },
        ),
        catalogue,
    )
    tall, gif, square = plan.renditions
    assert plan.layers[0].placement.x == 0.25
    assert (tall.width, tall.height, tall.layers[0].placement.x) == (180, 320, 0.75)
    assert tall.output.values.number("crf") == 30
    assert (gif.width, gif.height, gif.output.extension) == (320, 180, ".gif")
    assert (square.layers[0].placement.x, square.layers[0].placement.y) == (0.25, 0.1)
    assert plan.output.poster_at == 1
    assert {rendition.output.poster_at for rendition in plan.renditions} == {None}


def test_a_layout_counts_for_sizes_within_one_per_cent_of_its_aspect(catalogue: Catalogue) -> None:
    for width, height, expected in ((854, 480, 0.75), (1366, 768, 0.75), (1600, 1000, 0.5)):
        value = document(clip(layouts={"16:9": {"x": 0.75}}), output={"width": width, "height": height})
        assert plan_of_document(value, catalogue).layers[0].placement.x == expected


def test_the_ground_is_black_unless_the_encoder_keeps_alpha_or_the_document_says(catalogue: Catalogue) -> None:
    grounds = [
        plan_of_document(document(clip(), output=output), catalogue).background
        for output in ({}, {"encoder": "mov-prores4444"}, {"background": "#010203"})
    ]
    assert grounds == [Color(0, 0, 0), None, Color(1, 2, 3)]


# Nested timelines


def test_a_nested_timeline_takes_the_rate_around_it_unless_it_has_its_own(catalogue: Catalogue) -> None:
    inner = {"version": 1, "tracks": [{"clips": [film(0, 2)]}]}
    own = document(film(0, 2), fps=50)
    plan = plan_of_document(
        document(
            clip(0, "auto", asset={"type": "timeline", "timeline": inner}),
            clip(2, "auto", asset={"type": "timeline", "timeline": own, "in": 1}),
            fps=25,
        ),
        catalogue,
    )
    first, second = plan.layers[0].source, plan.layers[1].source
    assert isinstance(first, TimelineSource)
    assert isinstance(second, TimelineSource)
    assert (first.plan.fps, first.plan.frames, first.plan.background) == (25, 50, None)
    assert (second.plan.fps, second.plan.frames) == (50, 100)
    assert plan.duration == 3
    assert [sound.source for sound in plan.audio.clips] == [first.plan.audio, second.plan.audio]


def test_complaints_about_a_nested_timeline_name_the_whole_path(catalogue: Catalogue) -> None:
    value = document(clip(asset={"type": "timeline", "timeline": document(clip(), clip(1))}))
    assert checked(value, catalogue)[0][0] == "tracks[0].clips[0].asset.timeline.tracks[0].clips[1].start"


# Captions


def captioned(*cues: Json, length: float = 4, **more: Json) -> Json:
    return document(clip(0, length), captions=[{"cues": list(cues), **more}])


def test_burned_cues_are_layers_on_top_and_those_outside_the_video_are_dropped(catalogue: Catalogue) -> None:
    plan = plan_of_document(
        captioned({**CUE, "start": 1, "end": 2}, {**CUE, "start": 3, "end": 9}, {**CUE, "start": 4, "end": 5}),
        catalogue,
    )
    assert [(layer.path, layer.first, layer.end) for layer in plan.layers[1:]] == [
        ("captions[0].cues[0]", 30, 60),
        ("captions[0].cues[1]", 90, 120),
    ]
    assert plan.captions == ()


def test_sidecar_captions_keep_their_times_and_are_not_drawn(catalogue: Catalogue) -> None:
    plan = plan_of_document(captioned(CUE, mode=["sidecar", "soft"], language="fr"), catalogue)
    assert len(plan.layers) == 1
    (track,) = plan.captions
    assert (track.language, track.is_sidecar, track.is_soft) == ("fr", True, True)
    assert track.cues == (Cue(start=Fraction(0), end=Fraction(1), text="Hello there"),)


def test_burned_cues_that_are_seen_together_lie_above_one_another(catalogue: Catalogue) -> None:
    later = {**CUE, "start": 0.5, "end": 1.5, "text": "And me\ntoo"}
    plan = plan_of_document(
        captioned(CUE, later, {**CUE, "start": 0.6, "end": 3}, {**CUE, "start": 1.5, "end": 2}), catalogue
    )
    heights = [layer.placement.y for layer in plan.layers[1:]]
    assert heights[0] == 0.85
    assert heights == pytest.approx([0.85, 0.85 - 0.06 * 1.5 - 0.012, 0.85 - 0.06 * 3 - 0.024, 0.85])


def test_captions_of_two_languages_do_not_cover_each_other(catalogue: Catalogue) -> None:
    value = document(clip(), captions=[{"cues": [CUE]}, {"cues": [CUE], "style": "boxed"}])
    first, second = (layer.placement.y for layer in plan_of_document(value, catalogue).layers[1:])
    assert first == 0.85
    assert isinstance(second, float)
    assert second < 0.85 - 0.06


def test_words_of_karaoke_are_given_or_spread_by_length(catalogue: Catalogue) -> None:
    timed = [{"start": 0, "end": 0.25, "text": "Hello"}, {"start": 0.5, "end": 1, "text": "there"}]
    for cue, expected in ((CUE, [(0, 0.5), (0.5, 1)]), ({**CUE, "words": timed}, [(0, 0.25), (0.5, 1)])):
        source = plan_of_document(captioned(cue, style="karaoke"), catalogue).layers[1].source
        assert isinstance(source, TextSource)
        assert [(word.start, word.end) for word in source.words] == expected


# Bounds


def test_more_layers_at_once_than_a_machine_holds_are_refused(catalogue: Catalogue) -> None:
    value = captioned(*[CUE] * 201)
    assert compile_complaints(value, catalogue) == [("tracks", "more than 200 clips are seen at once at 0 s")]
    sounds = [{"start": n / 1000, "duration": 1, "asset": {"type": "audio", "src": SONG}} for n in range(201)]
    assert compile_complaints(document(clip(), audio={"clips": sounds}), catalogue) == [
        ("tracks", "more than 200 clips are heard at once at 0.2 s")
    ]


# Sounds


def test_a_mute_or_silent_clip_is_not_heard_and_volume_and_role_are_kept(catalogue: Catalogue) -> None:
    plan = plan_of_document(
        document(
            film(audio={"mute": True}),
            film(2, asset={"src": "file:mute.mp4"}),
            film(4, id="f", audio={"volume": 0.5, "fade_in": 0.25, "role": "voice", "pan": -1}),
        ),
        catalogue,
    )
    (sound,) = plan.audio.clips
    assert (sound.id, sound.start, sound.volume, sound.pan, sound.fade_in, sound.role) == (
        "f",
        4,
        0.5,
        -1.0,
        Fraction(1, 4),
        "voice",
    )


def test_a_longer_fade_of_its_own_wins_over_the_transitions(catalogue: Catalogue) -> None:
    plan = plan_of_document(document(film(audio={"fade_out": 1}), film(1.5, transition=FADE)), catalogue)
    assert plan.audio.clips[0].fade_out == 1


def test_loudness_is_left_alone_unless_asked_for(catalogue: Catalogue) -> None:
    assert plan_of_document(document(clip()), catalogue).audio.loudness is None
    assert plan_of_document(document(clip()), catalogue).audio.true_peak == -1
    assert plan_of_document(document(clip(), audio={"loudness": -14}), catalogue).audio.loudness == -14


# Keys


def keys_of(value: Json, catalogue: Catalogue, media: Mapping[str, MediaFile] = MEDIA) -> list[str]:
    return [span.key for span in plan_of_document(value, catalogue, media=media).spans]


def sample(**changed: Json) -> Json:
    first = film(0, 2, id="a", **changed.pop("first", {}))
    second = clip(1.5, 2, id="b", asset={"type": "image", "src": PHOTO}, transition=FADE, **changed.pop("second", {}))
    third = clip(3.5, 2, id="c", effects=[{"use": "grain"}], **changed.pop("third", {}))
    title = text("Title", 1, 1, id="t", **changed.pop("title", {}))
    return document(tracks=[{"clips": [first, second, third]}, {"clips": [title]}], **changed)


def test_names_and_ids_do_not_change_the_keys(catalogue: Catalogue) -> None:
    renamed = sample(name="Other")
    for t, track in enumerate(renamed["tracks"]):
        track["name"] = f"track {t}"
        for each in track["clips"]:
            each["id"] = f"{each['id']} renamed"
    assert keys_of(renamed, catalogue) == keys_of(sample(), catalogue)


def test_an_empty_track_below_does_not_change_the_keys(catalogue: Catalogue) -> None:
    moved = sample()
    moved["tracks"].insert(0, {"clips": []})
    assert keys_of(moved, catalogue) == keys_of(sample(), catalogue)


def test_a_change_of_one_clip_changes_the_spans_it_is_seen_in_and_no_others(catalogue: Catalogue) -> None:
    before = plan_of_document(sample(), catalogue)
    after = plan_of_document(sample(title={"opacity": 0.5}), catalogue)
    title = next(index for index, layer in enumerate(before.layers) if layer.id == "t")
    assert [old.key != new.key for old, new in zip(before.spans, after.spans, strict=True)] == [
        title in span.layers for span in before.spans
    ]
    assert len({span.key for span in before.spans}) == len(before.spans)


def test_the_sound_changes_no_key(catalogue: Catalogue) -> None:
    music = {"start": 1, "duration": 2, "asset": {"type": "audio", "src": SONG}}
    louder = sample(first={"audio": {"volume": 0.2}}, audio={"clips": [music], "loudness": -14})
    assert keys_of(louder, catalogue) == keys_of(sample(), catalogue)


def test_the_output_encoder_and_quality_change_no_key_but_size_and_rate_do(catalogue: Catalogue) -> None:
    assert keys_of(sample(output={"quality": "high"}), catalogue) == keys_of(sample(), catalogue)
    for output in ({"width": 322}, {"background": "#ffffff"}):
        assert not set(keys_of(sample(output=output), catalogue)) & set(keys_of(sample(), catalogue))
    assert not set(keys_of(sample(fps=25), catalogue)) & set(keys_of(sample(), catalogue))


def test_another_file_under_the_same_name_changes_the_keys_and_the_same_under_another_does_not(
    catalogue: Catalogue,
) -> None:
    before = keys_of(sample(), catalogue)
    changed = {**MEDIA, "file:film.mp4": media_file("other.mp4", "video", has_audio=True, codec="h264")}
    assert [old != new for old, new in zip(before, keys_of(sample(), catalogue, changed), strict=True)] == [
        True,
        True,
        True,
        False,
        False,
    ]
    copied = {**MEDIA, "file:copy.mp4": MEDIA["file:film.mp4"]}
    assert keys_of(sample(first={"asset": {"src": "file:copy.mp4"}}), catalogue, copied) == before


def test_a_new_version_of_a_plugin_changes_the_keys_where_it_is_used(catalogue: Catalogue) -> None:
    updated = Catalogue(
        effects=catalogue.effects,
        transitions=catalogue.transitions,
        animations=catalogue.animations,
        encoders=catalogue.encoders,
        versions={**catalogue.versions, "grain": "reelhouse.effects 99"},
    )
    before, after = plan_of_document(sample(), catalogue), plan_of_document(sample(), updated)
    assert [old.key != new.key for old, new in zip(before.spans, after.spans, strict=True)] == [
        any(before.layers[index].effects for index in span.layers) for span in before.spans
    ]


def test_a_change_inside_a_nested_timeline_changes_its_key(catalogue: Catalogue) -> None:
    def nested(color: str) -> Json:
        inner = document(clip(asset={"type": "color", "color": color}))
        return document(clip(), clip(2, asset={"type": "timeline", "timeline": inner}))

    red, same, blue = (keys_of(nested(color), catalogue) for color in ("#ff0000", "#FF0000", "#0000ff"))
    assert red == same
    assert (red[0], red[1] == blue[1]) == (blue[0], False)


def test_equal_clips_at_other_times_have_equal_keys(catalogue: Catalogue) -> None:
    first, gap, second = keys_of(document(film(0, 2), film(3, 2)), catalogue)
    assert first == second != gap


def test_a_text_that_reads_like_a_reference_is_not_taken_for_the_file(catalogue: Catalogue) -> None:
    copies = {**MEDIA, "file:a.mp4": MEDIA["file:film.mp4"], "file:b.mp4": MEDIA["file:film.mp4"]}

    def titled(words: str) -> Json:
        shown = film(0, 2, asset={"src": "file:a.mp4"})
        return document(tracks=[{"clips": [shown]}, {"clips": [film(2, asset={"src": "file:b.mp4"}), text(words, 4)]}])

    first, second = (keys_of(titled(words), catalogue, copies) for words in ("file:a.mp4", "file:b.mp4"))
    assert first[-1] != second[-1]
    assert first[:-1] == second[:-1]


def test_another_transition_changes_only_the_key_of_the_span_it_mixes(catalogue: Catalogue) -> None:
    wiped = {"transition": {"use": "wipe", "duration": 0.5}, "effects": [{"use": "grain"}]}
    faded = {**wiped, "transition": FADE}
    before, after = (keys_of(document(film(), film(1.5, **more)), catalogue) for more in (faded, wiped))
    assert [old != new for old, new in zip(before, after, strict=True)] == [False, True, False]


def test_how_large_a_clip_ever_gets_is_part_of_its_keys(catalogue: Catalogue) -> None:
    """It is drawn as finely as its largest scale asks for, in all its frames."""
    grows = {"keys": [{"t": 0, "v": 1}, {"t": 8, "v": 4}]}

    def under_a_title(seconds: float, **more: Json) -> str:
        tracks = [{"clips": [film(0, seconds, **more)]}, {"clips": [text(duration=1)]}]
        return keys_of(document(tracks=tracks), catalogue)[0]

    assert under_a_title(4, scale=grows) != under_a_title(8, scale=grows)
    assert under_a_title(4) == under_a_title(8)


def test_the_seed_of_a_clip_is_its_sources_and_stays_when_the_clip_is_moved_or_renamed(catalogue: Catalogue) -> None:
    moved = film(3, 4, id="moved", x=0.2, transition=None, effects=[{"use": "grain"}])
    plan = plan_of_document(document(film(0, 2), moved, film(8, asset={"in": 1})), catalogue)
    same, also, other = (layer.seed for layer in plan.layers)
    assert same == also != other
