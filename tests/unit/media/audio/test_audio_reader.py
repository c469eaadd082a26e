from fractions import Fraction
from pathlib import Path

import av
import numpy as np
import pytest
from sounds import RATE, audio_frames, beeps, onsets, tone, write_sound

from core.api import MediaError
from core.media.audio.reader import AudioReader

MILLISECOND = 0.001


def read(path: Path, seconds: float, *, first: int = 0) -> np.ndarray:
    with AudioReader(path, first=first) as reader:
        return reader.read(round(seconds * RATE))


@pytest.mark.parametrize("rate", [22_050, 44_100, 48_000])
@pytest.mark.parametrize("extension", ["m4a", "mp3", "flac", "wav", "mkv"])
def test_a_beep_comes_out_when_it_was_put_in(tmp_path: Path, extension: str, rate: int) -> None:
    at = (0.1, 0.5, 1.25)
    path = write_sound(tmp_path / f"beep.{extension}", [beeps(1.5, at, rate=rate)] * 2, rate=rate)
    assert onsets(read(path, 2)) == pytest.approx(at, abs=MILLISECOND)


@pytest.mark.parametrize("extension", ["ogg", "webm"])
def test_an_opus_beep_comes_out_when_it_was_put_in(tmp_path: Path, extension: str) -> None:
    path = write_sound(tmp_path / f"beep.{extension}", [beeps(1.5, (0.1, 0.5, 1.25))])
    assert onsets(read(path, 2)) == pytest.approx((0.1, 0.5, 1.25), abs=MILLISECOND)


@pytest.mark.parametrize("extension", ["m4a", "mp3", "ogg", "flac", "wav"])
def test_reading_from_the_middle_gives_the_same_samples(tmp_path: Path, extension: str) -> None:
    path = write_sound(tmp_path / f"beep.{extension}", [beeps(3, (0.5, 1.5, 2.5))] * 2)
    whole = read(path, 3)
    assert np.array_equal(read(path, 1, first=70_001), whole[70_001 : 70_001 + RATE])


@pytest.mark.parametrize("extension", ["m4a", "mp3", "flac", "wav"])
def test_a_far_place_is_found_to_the_millisecond(tmp_path: Path, extension: str) -> None:
    path = write_sound(tmp_path / f"long.{extension}", [beeps(40, (36.5,), rate=44_100)], rate=44_100)
    first = round(35.9 * RATE)
    assert onsets(read(path, 2, first=first)) == pytest.approx((0.6,), abs=MILLISECOND)


def test_a_far_place_in_matroska_is_found_within_its_own_rounding(tmp_path: Path) -> None:
    path = write_sound(tmp_path / "long.mkv", [beeps(40, (36.5,), rate=44_100)], rate=44_100)
    assert onsets(read(path, 2, first=round(35.9 * RATE))) == pytest.approx((0.6,), abs=1.5 * MILLISECOND)


def test_mono_goes_to_both_sides_at_its_own_level(tmp_path: Path) -> None:
    wave = tone(0.5)
    path = write_sound(tmp_path / "mono.f32.wav", [wave])
    samples = read(path, 0.5)
    assert np.array_equal(samples[:, 0], wave)
    assert np.array_equal(samples[:, 1], wave)


def test_stereo_keeps_its_sides(tmp_path: Path) -> None:
    left, right = tone(0.5), tone(0.5, frequency=300, level=0.2)
    samples = read(write_sound(tmp_path / "stereo.f32.wav", [left, right]), 0.5)
    assert np.array_equal(samples, np.stack([left, right], axis=1))


def test_surround_is_mixed_down_with_the_centre_on_both_sides(tmp_path: Path) -> None:
    nothing = np.zeros(RATE // 2, np.float32)
    centre, low = tone(0.5), tone(0.5, frequency=50)
    only_centre = write_sound(tmp_path / "centre.f32.wav", [nothing, nothing, centre, nothing, nothing, nothing])
    only_low = write_sound(tmp_path / "low.f32.wav", [nothing, nothing, nothing, low, nothing, nothing])
    samples = read(only_centre, 0.5)
    assert np.abs(samples).max(axis=0) == pytest.approx([0.5 * 0.7071] * 2, abs=1e-4)
    assert not read(only_low, 0.5).any()


def test_after_the_last_sample_comes_silence_without_end(tmp_path: Path) -> None:
    path = write_sound(tmp_path / "short.f32.wav", [tone(0.1)])
    with AudioReader(path) as reader:
        samples = reader.read(RATE)
        assert reader.is_over
        assert reader.position == RATE // 10
        assert not reader.read(100).any()
        assert reader.notes == ()
    assert np.count_nonzero(samples[RATE // 10 :]) == 0


def video_with_sound(path: Path, wave: np.ndarray, *, video_from: float = 0.0, sound_from: float = 0.0) -> Path:
    """Write half a second more of grey pictures than of sound, with time stamps from the given seconds."""
    with av.open(str(path), "w") as container:
        video = container.add_stream("libx264", rate=25, options={"preset": "ultrafast", "bf": "0"})
        video.width, video.height, video.pix_fmt = 64, 64, "yuv420p"
        sound = container.add_stream("aac", rate=RATE, layout="stereo")
        for number in range(round((len(wave) / RATE + 0.5) * 25)):
            picture = av.VideoFrame.from_ndarray(np.full((64, 64, 3), 90, np.uint8), "rgb24")
            picture.time_base = Fraction(1, 25)
            picture.pts = number + round(video_from * 25)
            container.mux(video.encode(picture))
        container.mux(video.encode(None))
        for frame in audio_frames([wave, wave], "stereo", RATE, "fltp", delay=sound_from):
            container.mux(sound.encode(frame))
        container.mux(sound.encode(None))
    return path


@pytest.mark.parametrize("extension", ["mp4", "mkv"])
def test_sound_that_starts_late_stays_late(tmp_path: Path, extension: str) -> None:
    path = video_with_sound(tmp_path / f"late.{extension}", beeps(1, (0.25,)), sound_from=0.75)
    assert onsets(read(path, 2)) == pytest.approx((1.0,), abs=MILLISECOND)


@pytest.mark.parametrize("extension", ["ts", "mkv"])
def test_a_file_whose_clock_starts_elsewhere_counts_from_its_own_start(tmp_path: Path, extension: str) -> None:
    path = video_with_sound(tmp_path / f"shifted.{extension}", beeps(1, (0.25,)), video_from=10, sound_from=10.5)
    with av.open(str(path)) as container:
        assert container.start_time > 9_000_000
    assert onsets(read(path, 2)) == pytest.approx((0.75,), abs=MILLISECOND)


def test_a_gap_in_the_time_stamps_is_silence(tmp_path: Path) -> None:
    path = tmp_path / "gap.mkv"
    with av.open(str(path), "w") as container:
        stream = container.add_stream("pcm_s16le", rate=RATE, layout="mono")
        for delay in (0.0, 1.5):
            for frame in audio_frames([beeps(0.5, (0.25,))], "mono", RATE, "s16", delay=delay):
                container.mux(stream.encode(frame))
    samples = read(path, 2)
    assert onsets(samples) == pytest.approx((0.25, 1.75), abs=MILLISECOND)
    assert not samples[RATE // 2 + 960 : RATE * 3 // 2].any()


@pytest.mark.parametrize("extension", ["mp3", "mkv", "wav", "flac", "ogg"])
def test_a_truncated_file_gives_what_decodes_and_then_silence(tmp_path: Path, extension: str) -> None:
    at = tuple(0.25 + half / 2 for half in range(8))
    path = write_sound(tmp_path / f"cut.{extension}", [beeps(4, at) + tone(4, level=0.01, frequency=200)] * 2)
    content = path.read_bytes()
    path.write_bytes(content[: len(content) // 2])
    samples = read(path, 4)
    heard = onsets(samples)
    assert 2 <= len(heard) < 8
    assert heard == pytest.approx(at[: len(heard)], abs=MILLISECOND)
    assert not samples[3 * RATE :].any()


def hurt_sound(path: Path) -> Path:
    write_sound(path, [beeps(3, (0.5, 2.5)) + tone(3, level=0.05, frequency=200)] * 2)
    content = bytearray(path.read_bytes())
    middle = len(content) // 2
    content[middle : middle + 2000] = bytes(2000)
    path.write_bytes(content)
    return path


@pytest.mark.parametrize("extension", ["m4a", "mp3", "mkv"])
def test_damage_within_a_file_is_told_and_what_decodes_is_heard(tmp_path: Path, extension: str) -> None:
    with AudioReader(hurt_sound(tmp_path / f"hurt.{extension}")) as reader:
        assert onsets(reader.read(3 * RATE))[0] == pytest.approx(0.5, abs=MILLISECOND)
        assert "is damaged; what can be decoded is heard" in reader.notes


def test_damage_does_not_shift_what_follows(tmp_path: Path) -> None:
    heard = onsets(read(hurt_sound(tmp_path / "hurt.m4a"), 3))
    assert (heard[0], heard[-1]) == pytest.approx((0.5, 2.5), abs=MILLISECOND)


def test_what_is_no_media_at_all_is_silence_with_a_note(tmp_path: Path) -> None:
    path = tmp_path / "noise.mp4"
    path.write_bytes(bytes(range(256)) * 40)
    with AudioReader(path) as reader:
        assert not reader.read(1000).any()
        assert reader.notes[0].startswith("can't be opened")


def test_a_picture_without_sound_is_silence_without_a_note(tmp_path: Path) -> None:
    path = tmp_path / "mute.mp4"
    with av.open(str(path), "w") as container:
        video = container.add_stream("libx264", rate=25)
        video.width, video.height, video.pix_fmt = 64, 64, "yuv420p"
        picture = av.VideoFrame.from_ndarray(np.zeros((64, 64, 3), np.uint8), "rgb24")
        container.mux(video.encode(picture))
        container.mux(video.encode(None))
    with AudioReader(path) as reader:
        assert not reader.read(1000).any()
        assert reader.notes == ()


def test_a_file_that_is_gone_is_refused(tmp_path: Path) -> None:
    with pytest.raises(MediaError, match=r"gone\.wav"):
        AudioReader(tmp_path / "gone.wav")


def test_numbers_that_are_no_sound_do_not_spread(tmp_path: Path) -> None:
    wave = tone(0.1)
    wave[100] = np.nan
    wave[200] = np.inf
    samples = read(write_sound(tmp_path / "nan.f32.wav", [wave]), 0.1)
    assert np.isfinite(samples).all()
    assert samples[100, 0] == 0.0
