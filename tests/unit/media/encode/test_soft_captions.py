"""Soft captions are in the file as they were written: texts, times, languages."""

from fractions import Fraction
from pathlib import Path

import av
import pytest

from core.api import AudioCodec, Encoder, VideoCodec
from core.timeline.plan import CaptionTrack, Cue
from tests.support.encoding import encode_clip

CODECS = {
    "mp4": VideoCodec(name="libx264", options=lambda _values: {"preset": "ultrafast"}),
    "mov": VideoCodec(name="libx264", options=lambda _values: {"preset": "ultrafast"}),
    "webm": VideoCodec(name="libvpx-vp9", options=lambda _values: {"deadline": "realtime", "cpu-used": "8"}),
    "matroska": VideoCodec(name="libx264", options=lambda _values: {"preset": "ultrafast"}),
}
CONTAINERS = list(CODECS)

type Read = list[tuple[int, int, str]]


def encoder(container: str) -> Encoder:
    sound = "libopus" if container == "webm" else "aac"
    return Encoder(
        id=f"test.{container}",
        title="",
        extension=container,
        mime_type="",
        container=container,
        video=CODECS[container],
        audio=AudioCodec(name=sound, sample_format="flt" if container == "webm" else "fltp"),
    )


def cue(start: int, end: int, text: str) -> Cue:
    """Return a cue with times in milliseconds."""
    return Cue(start=Fraction(start, 1000), end=Fraction(end, 1000), text=text)


def track(language: str, *cues: Cue) -> CaptionTrack:
    return CaptionTrack(language=language, cues=cues, is_sidecar=False, is_soft=True)


def read(path: Path, number: int = 0) -> Read:
    """Return (start, end, text) of a file's captions, times in milliseconds; MP4's pauses left out."""
    shown = []
    with av.open(str(path)) as container:
        stream = container.streams.subtitles[number]
        is_mp4 = stream.codec_context.name == "mov_text"
        for packet in container.demux(stream):
            content = bytes(packet)
            text = content[2 : 2 + int.from_bytes(content[:2])].decode() if is_mp4 else content.decode()
            if text and packet.pts is not None:
                start, length = packet.pts * packet.time_base, packet.duration * packet.time_base
                shown.append((round(start * 1000), round((start + length) * 1000), text))
    return shown


@pytest.mark.parametrize("container", CONTAINERS)
def test_texts_keep_their_lines_letters_and_times(tmp_path: Path, container: str) -> None:
    captions = [track("en", cue(100, 400, "Déjà vu 😀"), cue(500, 900, "two\nlines"), cue(900, 1000, "مرحبا"))]
    path = encode_clip(encoder(container), tmp_path / f"clip.{container}", captions=captions)
    assert read(path) == [(100, 400, "Déjà vu 😀"), (500, 900, "two\nlines"), (900, 1000, "مرحبا")]


@pytest.mark.parametrize("container", ["mp4", "mov", "webm"])
def test_players_decode_what_is_shown(tmp_path: Path, container: str) -> None:
    captions = [track("en", cue(100, 400, "Tom & <Jerry>"))]
    path = encode_clip(encoder(container), tmp_path / f"clip.{container}", captions=captions)
    with av.open(str(path)) as opened:
        stream = opened.streams.subtitles[0]
        lines = [
            line.dialogue.decode()
            for packet in opened.demux(stream)
            if packet.size > 2
            for line in stream.codec_context.decode2(packet).rects
        ]
    assert lines == ["Tom & <Jerry>"]


@pytest.mark.parametrize(
    ("language", "mp4", "matroska"),
    [
        ("en", "eng", "eng"),
        ("fr", "fra", "fre"),
        ("de-CH", "deu", "ger"),
        ("sw", "swa", "swa"),
        ("zh-Hant-TW", "zho", "chi"),
        ("FIL", "fil", "fil"),
        ("und", "und", "und"),
        ("xx", "und", "und"),
    ],
)
def test_languages_have_the_codes_of_their_container(tmp_path: Path, language: str, mp4: str, matroska: str) -> None:
    for container, code in (("mp4", mp4), ("matroska", matroska)):
        captions = [track(language, cue(0, 100, "."))]
        path = encode_clip(encoder(container), tmp_path / f"clip.{container}", frames=6, captions=captions)
        with av.open(str(path)) as opened:
            assert (opened.streams.subtitles[0].language or "und") == code


def test_regions_are_told_in_the_tracks_name(tmp_path: Path) -> None:
    captions = [track("pt-BR", cue(0, 100, "um")), track("pt-PT", cue(0, 100, "dois"))]
    for container, key in (("mp4", "handler_name"), ("webm", "title")):
        path = encode_clip(encoder(container), tmp_path / f"clip.{container}", frames=6, captions=captions)
        with av.open(str(path)) as opened:
            assert [stream.metadata[key] for stream in opened.streams.subtitles] == ["pt-BR", "pt-PT"]
        assert [text for number in range(2) for _, _, text in read(path, number)] == ["um", "dois"]


QUICKTIME = {
    "ar": "ara", "bo": "tib", "cy": "wel", "de": "ger", "de-CH": "ger", "el": "gre", "en": "eng", "es": "spa",
    "eu": "baq", "fa": "per", "fo": "fo ", "fr": "fra", "ga": "iri", "he": "heb", "hr": "hr ", "hy": "arm", "is": "ice",
    "ja": "jpn", "ka": "geo", "mk": "mac", "ms": "may", "my": "bur", "nb": "nor", "nl": "dut", "nn": "nor", "no": "nor",
    "pa": "pa ", "se": "smi", "sq": "alb", "sr": "sr ", "sv": "sve", "uk": "ukr", "zh-Hant": "chi",
    "DEU": "ger", "af": None, "zu": None, "fil": None, "und": None, "xx": None,
}  # fmt: skip


def test_movies_tell_languages_by_quicktimes_codes_and_all_by_the_tracks_name(tmp_path: Path) -> None:
    captions = [track(language, cue(0, 100, language)) for language in QUICKTIME]
    path = encode_clip(encoder("mov"), tmp_path / "clip.mov", frames=6, captions=captions)
    with av.open(str(path)) as opened:
        streams = opened.streams.subtitles
        assert {name: stream.language for name, stream in zip(QUICKTIME, streams, strict=True)} == QUICKTIME
        names = [stream.metadata.get("handler_name") for stream in streams]
    assert [name for name in names if name in QUICKTIME] == [name for name in QUICKTIME if name != "und"]


def test_captions_that_overlap_are_shown_together_where_only_one_can_be(tmp_path: Path) -> None:
    captions = [track("en", cue(0, 600, "below"), cue(300, 900, "above"))]
    path = encode_clip(encoder("mp4"), tmp_path / "clip.mp4", captions=captions)
    assert read(path) == [(0, 300, "below"), (300, 600, "below\nabove"), (600, 900, "above")]
    path = encode_clip(encoder("webm"), tmp_path / "clip.webm", captions=captions)
    assert read(path) == [(0, 600, "below"), (300, 900, "above")]


def test_a_heap_of_captions_at_once_shows_the_latest_and_stays_small(tmp_path: Path) -> None:
    captions = [track("en", *(cue(0, 900, f"{number} {'x' * 20_000}") for number in range(40)))]
    path = encode_clip(encoder("mp4"), tmp_path / "clip.mp4", captions=captions)
    ((start, end, text),) = read(path)
    assert (start, end) == (0, 900)
    assert text.startswith("34 xxx")
    assert len(text.encode()) == 65_535


def test_blank_lines_and_empty_captions_are_left_out(tmp_path: Path) -> None:
    captions = [track("en", cue(0, 200, " \n "), cue(200, 400, "one\n\n  two  \n"), cue(400, 400, "never"))]
    path = encode_clip(encoder("webm"), tmp_path / "clip.webm", captions=captions)
    assert read(path) == [(200, 400, "one\ntwo")]


@pytest.mark.parametrize("container", CONTAINERS)
def test_captions_do_not_make_the_file_longer_than_its_picture(tmp_path: Path, container: str) -> None:
    captions = [track("en", cue(500, 9000, "long"), cue(5000, 6000, "late"))]
    path = encode_clip(encoder(container), tmp_path / f"clip.{container}", captions=captions)
    assert read(path) == [(500, 1000, "long")]
    with av.open(str(path)) as opened:
        assert opened.duration / 1_000_000 == pytest.approx(1.0, abs=0.03)


def test_a_track_without_captions_disturbs_nothing(tmp_path: Path) -> None:
    path = encode_clip(encoder("mp4"), tmp_path / "clip.mp4", captions=[track("en"), track("fr", cue(0, 500, "oui"))])
    assert read(path, 1) == [(0, 500, "oui")]
    with av.open(str(path)) as opened:
        assert sum(1 for _ in opened.decode(video=0)) == 30


def test_a_container_that_holds_no_text_is_written_without(tmp_path: Path) -> None:
    wav = Encoder(
        id="test.wav",
        title="",
        extension="wav",
        mime_type="",
        container="wav",
        audio=AudioCodec(name="pcm_s16le", sample_format="s16", bit_rate=lambda _values: 0),
    )
    path = encode_clip(wav, tmp_path / "clip.wav", captions=[track("en", cue(0, 500, "unseen"))])
    with av.open(str(path)) as opened:
        assert len(opened.streams) == 1
