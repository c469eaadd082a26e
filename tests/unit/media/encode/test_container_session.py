"""A session writes one whole file or none, whatever comes in which order and from which thread."""

import threading
from fractions import Fraction
from itertools import pairwise
from pathlib import Path

import av
import numpy as np
import pytest

from core.api import (
    AudioCodec,
    Catalogue,
    EncodeJob,
    Encoder,
    EncodeSession,
    InvalidInput,
    MediaError,
    PluginFailed,
    Values,
    VideoCodec,
)
from core.media.encode import open_session
from core.media.encode.session import ContainerSession
from tests.support.encoding import HEIGHT, SECOND, WIDTH, frame_at, open_clip, tone
from tests.support.full_disk import full_disk

ULTRAFAST = VideoCodec(name="libx264", options=lambda _values: {"preset": "ultrafast"})
MP4 = Encoder(
    id="test.mp4",
    title="MP4",
    extension="mp4",
    mime_type="video/mp4",
    container="mp4",
    container_options={"movflags": "+faststart"},
    video=ULTRAFAST,
    audio=AudioCodec(name="aac"),
)
WAV = Encoder(
    id="test.wav",
    title="WAV",
    extension="wav",
    mime_type="audio/wav",
    container="wav",
    audio=AudioCodec(name="pcm_s16le", sample_format="s16", bit_rate=lambda _values: 0),
)


def write_pictures(session: EncodeSession, count: int) -> None:
    for number in range(count):
        session.write_video(frame_at(number, is_rgba=False))


def lengths(path: Path) -> tuple[int, int]:
    """Return how many frames and samples a file decodes to."""
    with av.open(str(path)) as container:
        frames = sum(1 for _ in container.decode(video=0))
    with av.open(str(path)) as container:
        return frames, sum(frame.samples for frame in container.decode(audio=0))


def names(folder: Path) -> list[str]:
    return sorted(entry.name for entry in folder.iterdir())


def test_a_file_has_its_name_only_when_it_is_closed(tmp_path: Path) -> None:
    session = open_clip(MP4, tmp_path / "clip.mp4", has_audio=False)
    write_pictures(session, 30)
    assert names(tmp_path) == [".clip.mp4.part"]
    session.close()
    assert names(tmp_path) == ["clip.mp4"]


class WatchedContainer:
    """A container that notices when two threads write to it at once."""

    def __init__(self, container: av.container.OutputContainer) -> None:
        self._container = container
        self._is_busy = False
        self.was_shared = False

    def mux(self, packets: list[av.Packet]) -> None:
        self.was_shared |= self._is_busy
        self._is_busy = True
        for packet in packets:
            self._container.mux(packet)
        self._is_busy = False

    def close(self) -> None:
        self._container.close()


def test_pictures_and_sound_come_from_two_threads(tmp_path: Path) -> None:
    session = open_clip(MP4, tmp_path / "clip.mp4", frames=240)
    assert isinstance(session, ContainerSession)
    watched = session._container = WatchedContainer(session._container)
    together = threading.Barrier(2)

    def play() -> None:
        together.wait()
        for start in range(0, 8 * SECOND, 480):
            session.write_audio(tone(start, start + 480))

    player = threading.Thread(target=play)
    player.start()
    together.wait()
    write_pictures(session, 240)
    player.join()
    session.close()
    assert not watched.was_shared
    frames, samples = lengths(tmp_path / "clip.mp4")
    assert frames == 240
    assert samples == pytest.approx(8 * SECOND, abs=2048)


def test_pictures_and_sound_lie_beside_each_other_in_the_file(tmp_path: Path) -> None:
    session = open_clip(MP4, tmp_path / "clip.mp4", frames=150)
    write_pictures(session, 150)  # all pictures come before the first sound
    session.write_audio(tone(0, 5 * SECOND))
    session.close()
    with av.open(str(tmp_path / "clip.mp4")) as container:
        in_order = [
            (packet.pos, packet.dts * packet.time_base)
            for packet in container.demux()
            if packet.pos is not None and packet.size
        ]
    times = [float(time) for _, time in sorted(in_order)]
    assert max(before - after for before, after in pairwise(times)) < 1.1


@pytest.mark.parametrize(("picture", "sound"), [(30, 3), (90, 1)])
def test_picture_and_sound_may_end_at_different_times(tmp_path: Path, picture: int, sound: int) -> None:
    session = open_clip(MP4, tmp_path / "clip.mp4", frames=picture)
    write_pictures(session, picture)
    session.write_audio(tone(0, sound * SECOND))
    session.close()
    frames, samples = lengths(tmp_path / "clip.mp4")
    assert frames == picture
    assert samples == pytest.approx(sound * SECOND, abs=2048)


def test_a_file_whose_sound_never_comes_still_plays(tmp_path: Path) -> None:
    session = open_clip(MP4, tmp_path / "clip.mp4")
    write_pictures(session, 30)
    session.write_audio(np.zeros((0, 2), np.float32))
    session.close()
    with av.open(str(tmp_path / "clip.mp4")) as container:
        assert sum(1 for _ in container.decode(video=0)) == 30


@pytest.mark.parametrize("block", [1, 160, 1024, 44_100])
def test_no_sample_is_lost_or_moved_whatever_the_blocks_are(tmp_path: Path, block: int) -> None:
    noise = np.random.default_rng(7).uniform(-0.9, 0.9, (4410 if block == 1 else 44_100, 2)).astype(np.float32)
    session = open_clip(WAV, tmp_path / "noise.wav")
    for start in range(0, len(noise), block):
        session.write_audio(noise[start : start + block])
    session.close()
    with av.open(str(tmp_path / "noise.wav")) as container:
        read = np.concatenate([frame.to_ndarray().reshape(-1, 2) for frame in container.decode(audio=0)])
    assert read.shape == noise.shape
    assert np.abs(read / 32768 - noise).max() <= 1 / 32768


def test_sound_of_another_rate_is_resampled_to_the_codecs(tmp_path: Path) -> None:
    session = open_clip(WAV, tmp_path / "tone.wav", sample_rate=44_100)
    at = np.arange(44_100) / 44_100
    wave = (0.5 * np.sin(2 * np.pi * 1000 * at)).astype(np.float32)
    for start in range(0, 44_100, 1000):
        session.write_audio(np.column_stack((wave, wave))[start : start + 1000])
    session.close()
    with av.open(str(tmp_path / "tone.wav")) as container:
        assert container.streams.audio[0].rate == SECOND
        read = np.concatenate([frame.to_ndarray().reshape(-1, 2)[:, 0] for frame in container.decode(audio=0)])
    assert len(read) == pytest.approx(SECOND, abs=2)
    spectrum = np.abs(np.fft.rfft(read[:SECOND] * np.hanning(len(read[:SECOND]))))
    assert int(spectrum.argmax()) == 1000


def test_key_frames_of_a_source_do_not_become_key_frames_of_the_output(tmp_path: Path) -> None:
    session = open_clip(MP4, tmp_path / "clip.mp4", has_audio=False)
    for number in range(30):
        frame = frame_at(number, is_rgba=False)
        frame.pict_type = av.video.frame.PictureType.I
        session.write_video(frame)
    session.close()
    with av.open(str(tmp_path / "clip.mp4")) as container:
        assert [number for number, frame in enumerate(container.decode(video=0)) if frame.key_frame] == [0]


@pytest.mark.parametrize(("seconds", "keys"), [(0.5, [0, 15, 30, 45]), (1.0, [0, 30]), (0.0, [0])])
def test_key_frames_come_as_often_as_the_codec_declares(tmp_path: Path, seconds: float, keys: list[int]) -> None:
    codec = VideoCodec(
        name="libx264", options=lambda _values: {"preset": "ultrafast"}, keyframe_interval=lambda _values: seconds
    )
    encoder = Encoder(id="test.keys", title="MP4", extension="mp4", mime_type="video/mp4", container="mp4", video=codec)
    session = open_clip(encoder, tmp_path / "clip.mp4", frames=60)
    write_pictures(session, 60)
    session.close()
    with av.open(str(tmp_path / "clip.mp4")) as container:
        assert [number for number, frame in enumerate(container.decode(video=0)) if frame.key_frame] == keys


def test_pixels_are_square_and_the_stream_starts_at_nought(tmp_path: Path) -> None:
    session = open_clip(MP4, tmp_path / "clip.mp4", fps=Fraction(24000, 1001))
    write_pictures(session, 30)
    session.write_audio(tone(0, SECOND))
    session.close()
    with av.open(str(tmp_path / "clip.mp4")) as container:
        video, audio = container.streams.video[0], container.streams.audio[0]
        assert video.sample_aspect_ratio in (None, 1)
        assert (video.average_rate.numerator, video.average_rate.denominator) == (24000, 1001)
        assert video.start_time == 0
        assert audio.start_time == 0
        assert container.start_time == 0
        assert video.duration * video.time_base == pytest.approx(30 * 1001 / 24000, abs=1e-4)


def test_abort_removes_what_was_written_and_keeps_a_file_that_was_there(tmp_path: Path) -> None:
    (tmp_path / "clip.mp4").write_text("an older render")
    session = open_clip(MP4, tmp_path / "clip.mp4")
    write_pictures(session, 20)
    session.abort()
    session.abort()
    session.close()
    assert names(tmp_path) == ["clip.mp4"]
    assert (tmp_path / "clip.mp4").read_text() == "an older render"


def test_after_close_neither_close_nor_abort_changes_the_file(tmp_path: Path) -> None:
    session = open_clip(MP4, tmp_path / "clip.mp4", has_audio=False)
    write_pictures(session, 20)
    session.close()
    content = (tmp_path / "clip.mp4").read_bytes()
    session.close()
    session.abort()
    assert names(tmp_path) == ["clip.mp4"]
    assert (tmp_path / "clip.mp4").read_bytes() == content


def test_what_a_killed_session_left_is_written_over(tmp_path: Path) -> None:
    (tmp_path / ".clip.mp4.part").write_bytes(b"x" * 1_000_000)
    session = open_clip(MP4, tmp_path / "clip.mp4", has_audio=False)
    write_pictures(session, 20)
    session.close()
    assert names(tmp_path) == ["clip.mp4"]
    assert (tmp_path / "clip.mp4").stat().st_size < 100_000


def test_a_disk_that_fills_while_frames_come_is_told_with_the_files_name(tmp_path: Path) -> None:
    lossless = VideoCodec(name="ffv1")
    encoder = Encoder(
        id="test.mkv", title="MKV", extension="mkv", mime_type="video/x-matroska", container="matroska", video=lossless
    )
    session = open_clip(encoder, tmp_path / "clip.mkv", frames=300)
    with full_disk(after=20_000), pytest.raises(MediaError, match=r"clip\.mkv: can't be written: .*large"):
        write_pictures(session, 300)
    session.abort()
    assert names(tmp_path) == []


def test_a_disk_that_is_full_at_the_end_leaves_nothing_and_keeps_what_was_there(tmp_path: Path) -> None:
    (tmp_path / "clip.mp4").write_text("an older render")
    session = open_clip(MP4, tmp_path / "clip.mp4")
    write_pictures(session, 30)
    session.write_audio(tone(0, SECOND))
    with full_disk(after=100), pytest.raises(MediaError, match=r"clip\.mp4: can't be written"):
        session.close()
    session.abort()
    assert names(tmp_path) == ["clip.mp4"]
    assert (tmp_path / "clip.mp4").read_text() == "an older render"


def test_a_name_that_a_folder_has_is_refused_and_the_folder_stays(tmp_path: Path) -> None:
    (tmp_path / "clip.mp4").mkdir()
    (tmp_path / "clip.mp4" / "kept").touch()
    session = open_clip(MP4, tmp_path / "clip.mp4", has_audio=False)
    write_pictures(session, 5)
    with pytest.raises(MediaError, match=r"clip\.mp4: can't be written"):
        session.close()
    assert names(tmp_path) == ["clip.mp4"]
    assert names(tmp_path / "clip.mp4") == ["kept"]


def test_settings_that_a_codec_refuses_are_told_and_nothing_is_left(tmp_path: Path) -> None:
    codec = VideoCodec(name="libx264", options=lambda _values: {"preset": "warp"})
    encoder = Encoder(id="test.bad", title="MP4", extension="mp4", mime_type="video/mp4", container="mp4", video=codec)
    with pytest.raises(MediaError, match=r"clip\.mp4: can't be written"):
        open_clip(encoder, tmp_path / "clip.mp4")
    assert names(tmp_path) == []


JOB = EncodeJob(
    path=Path("clip"), width=WIDTH, height=HEIGHT, fps=Fraction(30), frames=1, has_audio=False, values=Values()
)
CATALOGUE = Catalogue(versions={"acme.broken": "acme 2.0"})


def broken(**fields: object) -> Encoder:
    return Encoder(**({"id": "acme.broken", "title": "", "extension": "", "mime_type": ""} | fields))


def test_an_encoder_whose_code_fails_is_named_with_its_plugin(tmp_path: Path) -> None:
    def explode(_values: object) -> dict[str, str]:
        raise RuntimeError("no such luck")

    encoder = broken(container="mp4", video=VideoCodec(name="libx264", options=explode))
    job = EncodeJob(
        path=tmp_path / "clip", width=16, height=16, fps=Fraction(30), frames=1, has_audio=False, values=Values()
    )
    with pytest.raises(PluginFailed, match=r"output\.encoder: acme\.broken \(plugin acme 2\.0\).*no such luck"):
        open_session(encoder, job, catalogue=CATALOGUE)
    assert names(tmp_path) == []


def test_a_codec_that_does_not_exist_is_the_plugins_fault(tmp_path: Path) -> None:
    encoder = broken(container="mp4", video=VideoCodec(name="libnowhere"))
    job = EncodeJob(
        path=tmp_path / "clip", width=16, height=16, fps=Fraction(30), frames=1, has_audio=False, values=Values()
    )
    with pytest.raises(PluginFailed, match="libnowhere"):
        open_session(encoder, job, catalogue=CATALOGUE)
    assert names(tmp_path) == []


class FailingSession:
    """A plugin's session that fails in the way it is told to."""

    def __init__(self, error: Exception) -> None:
        self.error = error

    def write_video(self, frame: av.VideoFrame) -> None:
        raise self.error

    def write_audio(self, samples: np.ndarray) -> None:
        raise self.error

    def close(self) -> None:
        raise self.error

    def abort(self) -> None:
        raise self.error


def test_a_session_of_a_plugins_own_is_blamed_for_what_it_raises() -> None:
    session = open_session(broken(open=lambda _job: FailingSession(KeyError("palette"))), JOB, catalogue=CATALOGUE)
    for call in (
        lambda: session.write_video(frame_at(0, is_rgba=False)),
        lambda: session.write_audio(tone(0, 10)),
        session.close,
        session.abort,
    ):
        with pytest.raises(PluginFailed, match=r"acme 2\.0.*palette"):
            call()


@pytest.mark.parametrize("error", [MediaError("clip.gif: can't be written"), InvalidInput("wrong", path="quality.x")])
def test_what_a_session_of_a_plugins_own_says_on_purpose_passes(error: Exception) -> None:
    session = open_session(broken(open=lambda _job: FailingSession(error)), JOB)
    with pytest.raises(type(error)) as raised:
        session.close()
    assert raised.value is error
