"""What a file is, is told by its content; all that FFmpeg would open beyond media is refused."""

import os
from collections.abc import Callable
from fractions import Fraction
from pathlib import Path

import av
import numpy as np
import pytest
from PIL import Image

from core.api import MediaError
from core.media.intake import Limits, Signature, recognise
from core.media.intake.opening import DEMUXERS
from core.media.probe import probe
from tests.support.clips import write_clip
from tests.support.seeds import SEEDS, write_tone

SVG = b'<?xml version="1.0"?>\n<!-- a > b -->\n<svg xmlns="http://www.w3.org/2000/svg" width="9" height="9"></svg>'
PLAYLIST = "is a playlist, which names other files, which is not taken"
DISGUISED = {
    "concat": (b"ffconcat version 1.0\nfile clip.mp4\n", PLAYLIST),
    "hls": (b"#EXTM3U\n#EXT-X-TARGETDURATION:2\n#EXTINF:2.0,\nclip.mp4\n#EXT-X-ENDLIST\n", PLAYLIST),
    "dash": (b'<?xml version="1.0"?><MPD xmlns="urn:mpeg:dash:schema:mpd:2011" type="static"></MPD>', PLAYLIST),
    "pls": (b"[playlist]\nFile1=clip.mp4\n", PLAYLIST),
    "sdp": (
        b"v=0\r\no=- 0 0 IN IP4 127.0.0.1\r\nm=video 5004 RTP/AVP 96\r\na=rtpmap:96 H264/90000\r\n",
        r"describes a network session \(SDP\), which is not taken",
    ),
    "svg": (SVG, r"is a drawing \(SVG\), which is not taken"),
    "svg with a mark": (b"\xef\xbb\xbf" + SVG, r"is a drawing \(SVG\)"),
    "text": (b"just words\n" * 1000, "is no video, picture or sound of a kind that is taken"),
    "zip": (b"PK\x03\x04" + bytes(200), "is no video, picture or sound"),
    "flash": (b"FLV\x01\x05\x00\x00\x00\x09" + bytes(200), "is no video, picture or sound"),
    "raw video": (bytes(64 * 36 * 3), "is no video, picture or sound"),
    "nothing": (b"", "is empty"),
}


@pytest.mark.parametrize("suffix", ["mp4", "mkv", "avi", "mp3", "aac", "ts", "m3u8", "sdp", "svg", "png"])
@pytest.mark.parametrize("kind", DISGUISED)
def test_what_is_no_media_is_refused_whatever_its_name(tmp_path: Path, kind: str, suffix: str) -> None:
    content, reason = DISGUISED[kind]
    path = tmp_path / f"innocent.{suffix}"
    path.write_bytes(content)
    with pytest.raises(MediaError, match=rf"^innocent\.{suffix}: {reason}"):
        probe(path)


EXPECTED = {
    "mp4": Signature(demuxer="mov"),
    "mov": Signature(demuxer="mov"),
    "m4a": Signature(demuxer="mov"),
    "mkv": Signature(demuxer="matroska"),
    "webm": Signature(demuxer="matroska"),
    "avi": Signature(demuxer="avi"),
    "ts": Signature(demuxer="mpegts"),
    "mp3": Signature(demuxer="mp3"),
    "wav": Signature(demuxer="wav"),
    "ogg": Signature(demuxer="ogg"),
    "flac": Signature(demuxer="flac"),
    "aac": Signature(demuxer="aac"),
    "png": Signature(picture="PNG", demuxer="apng"),
    "apng": Signature(picture="PNG", demuxer="apng"),
    "gif": Signature(picture="GIF", demuxer="gif"),
    "webp": Signature(picture="WEBP", demuxer="webp_anim"),
    "avif": Signature(picture="AVIF", demuxer="mov"),
    "jpg": Signature(picture="JPEG"),
    "tiff": Signature(picture="TIFF"),
    "bmp": Signature(picture="BMP"),
}


@pytest.mark.parametrize("kind", EXPECTED)
def test_media_are_recognised_under_any_name(tmp_path: Path, kind: str) -> None:
    SEEDS[kind](tmp_path / f"seed.{kind}")
    path = (tmp_path / f"seed.{kind}").rename(tmp_path / "seed.txt")
    assert recognise(path) == EXPECTED[kind]
    assert probe(path).kind in {"video", "audio", "image"}


def test_every_demuxer_that_may_be_used_is_one_that_a_content_is_recognised_for() -> None:
    assert set(DEMUXERS) == {signature.demuxer for signature in EXPECTED.values()} - {""}


@pytest.mark.parametrize(("kind", "demuxer"), [("mp3", "mp3"), ("aac", "aac"), ("flac", "flac")])
@pytest.mark.parametrize("tags", [1, 2])
def test_tags_before_sound_are_passed_over(tmp_path: Path, kind: str, demuxer: str, tags: int) -> None:
    path = tmp_path / f"tagged.{kind}"
    write_tone(path)
    content = path.read_bytes()
    content = content[content.find(b"\xff\xfb" if kind == "mp3" else content[:2]) :]
    tag = b"ID3\x04\x00\x00\x00\x00\x02\x00" + bytes(256)
    path.write_bytes(tag * tags + content)
    assert recognise(path).demuxer == demuxer
    assert probe(path).sample_rate == 48_000


@pytest.mark.parametrize("junk", [b"", bytes(1000), b"\xff\xfb" * 100])
def test_sound_is_found_behind_junk(tmp_path: Path, junk: bytes) -> None:
    path = tmp_path / "junk.mp3"
    write_tone(path)
    content = path.read_bytes()
    path.write_bytes(junk + content[content.find(b"\xff\xfb") :])
    assert recognise(path).demuxer == "mp3"


@pytest.mark.parametrize(("before", "behind"), [(0, 0), (4, 0), (0, 16)])
def test_transport_streams_of_every_packet_length_are_recognised(tmp_path: Path, before: int, behind: int) -> None:
    plain = write_clip(tmp_path / "plain.ts", 3, size=(64, 36)).read_bytes()
    packets = (plain[at : at + 188] for at in range(0, len(plain), 188))
    path = tmp_path / "stream.m2ts"
    path.write_bytes(b"".join(bytes(before) + packet + bytes(behind) for packet in packets))
    assert recognise(path).demuxer == "mpegts"
    assert (probe(path).width, probe(path).height) == (64, 36)


def test_random_bytes_are_nothing(tmp_path: Path) -> None:
    path = tmp_path / "noise.mp3"
    for seed in range(20):
        path.write_bytes(np.random.default_rng(seed).bytes(70_000))
        with pytest.raises(MediaError, match=r"noise\.mp3: is no video, picture or sound"):
            recognise(path)


@pytest.mark.parametrize(
    ("make", "reason"), [(Path.mkdir, "is no file"), (os.mkfifo, "is no file"), (lambda _path: None, "No such file")]
)
def test_what_is_no_file_is_refused_without_waiting_for_it(
    tmp_path: Path, make: Callable[[Path], None], reason: str
) -> None:
    make(tmp_path / "clip.mp4")
    with pytest.raises(MediaError, match=rf"clip\.mp4: .*{reason}"):
        recognise(tmp_path / "clip.mp4")


def test_a_file_that_is_too_large_is_refused_unread(tmp_path: Path) -> None:
    path = write_clip(tmp_path / "clip.mp4", 3, size=(64, 36))
    with pytest.raises(MediaError, match=r"clip\.mp4: is larger than 0 GiB"):
        recognise(path, Limits(file_bytes=path.stat().st_size - 1))


def test_a_moving_webp_is_a_video(tmp_path: Path) -> None:
    pictures = [Image.fromarray(np.full((36, 64, 3), level, np.uint8)) for level in (0, 120, 250)]
    pictures[0].save(tmp_path / "moving.webp", save_all=True, append_images=pictures[1:], duration=100)
    found = probe(tmp_path / "moving.webp")
    assert (found.kind, found.codec, found.width, found.height, found.duration) == (
        "video",
        "webp_anim",
        64,
        36,
        Fraction(3, 10),
    )


def test_a_photo_with_a_smaller_copy_of_itself_is_a_picture(tmp_path: Path) -> None:
    pictures = [Image.new("RGB", size, (200, 10, 10)) for size in ((64, 36), (32, 18))]
    pictures[0].save(tmp_path / "phone.jpg", "MPO", save_all=True, append_images=pictures[1:])
    found = probe(tmp_path / "phone.jpg")
    assert (found.kind, found.width, found.height) == ("image", 64, 36)


def test_every_demuxer_is_known_to_ffmpeg() -> None:
    assert set(DEMUXERS) <= av.formats_available
