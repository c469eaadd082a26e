import tracemalloc
from fractions import Fraction
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest
from sounds import (
    RATE,
    beeps,
    clip,
    gathered,
    level_db,
    mix_of,
    onsets,
    pitch,
    render,
    rendered,
    samples_of,
    tone,
    write_sound,
)

from core.api import MediaError
from core.media.audio import AudioNote, render_audio
from core.timeline.curves import Curve, Key
from core.timeline.plan import AudioMix, AudioRole, Duck
from core.timeline.sources import Playback

SECOND = RATE


def curve(*points: tuple[float, float]) -> Curve:
    return Curve(tuple(Key(Fraction(time).limit_denominator(1000), value) for time, value in points))


def steady(path: Path, seconds: float, level: float = 0.5) -> Path:
    """Write a constant on both sides: whatever is done to it is seen in the result as it is."""
    return write_sound(path, [np.full(round(seconds * RATE), level, np.float32)] * 2)


class TestPlacing:
    def test_a_sound_comes_out_sample_by_sample_as_it_was(self, tmp_path: Path) -> None:
        left, right = tone(1), tone(1, frequency=300, level=0.2)
        media = {"s": gathered(write_sound(tmp_path / "s.f32.wav", [left, right]))}
        out = render(mix_of(clip("s")), media, tmp_path)
        assert np.array_equal(out, np.stack([left, right], axis=1))

    def test_a_clip_begins_and_ends_at_its_very_sample(self, tmp_path: Path) -> None:
        media = {"s": gathered(steady(tmp_path / "s.f32.wav", 1))}
        start, duration = Fraction(1, 3), Fraction(1, 7)
        out = render(mix_of(clip("s", start=start, duration=duration), duration=1), media, tmp_path)
        heard = np.flatnonzero(out[:, 0])
        assert (heard[0], heard[-1] + 1) == (16_000, round((start + duration) * RATE))
        assert len(heard) == heard[-1] + 1 - heard[0]

    def test_clips_that_touch_leave_no_gap_and_do_not_overlap(self, tmp_path: Path) -> None:
        media = {"s": gathered(steady(tmp_path / "s.f32.wav", 1))}
        third = Fraction(1001, 30_000) * 7
        clips = [clip("s", start=third * n, duration=third) for n in range(5)]
        out = render(mix_of(*clips), media, tmp_path)
        assert np.all(out == np.float32(0.5))

    def test_the_mix_is_as_long_as_it_says(self, tmp_path: Path) -> None:
        audio = rendered(mix_of(duration=Fraction(1001, 30_000)), {}, tmp_path)
        assert audio.count == 1602
        assert samples_of(audio).shape == (1602, 2)
        assert audio.path.stat().st_size == 1602 * 8

    def test_the_in_point_is_where_the_sound_begins(self, tmp_path: Path) -> None:
        media = {"s": gathered(write_sound(tmp_path / "s.wav", [beeps(3, (1.0, 2.0))]), seconds=3)}
        playback = Playback(start=Fraction(3, 4), length=Fraction(9, 4))
        out = render(mix_of(clip("s", start=1, duration=2, playback=playback)), media, tmp_path)
        assert onsets(out) == pytest.approx([1.25, 2.25], abs=0.001)

    def test_a_source_that_ends_early_is_silent_afterwards(self, tmp_path: Path) -> None:
        media = {"s": gathered(steady(tmp_path / "s.f32.wav", 2))}
        out = render(mix_of(clip("s", duration=2, playback=Playback(length=Fraction(1, 2)))), media, tmp_path)
        assert np.flatnonzero(out[:, 0]).tolist() == list(range(RATE // 2))

    def test_clips_add_up(self, tmp_path: Path) -> None:
        media = {"s": gathered(steady(tmp_path / "s.f32.wav", 1, 0.25))}
        out = render(mix_of(clip("s"), clip("s", volume=0.5)), media, tmp_path)
        assert np.allclose(out, 0.375, atol=1e-7)

    def test_a_range_is_cut_out_of_the_whole(self, tmp_path: Path) -> None:
        media = {"s": gathered(write_sound(tmp_path / "s.wav", [tone(4)]))}
        mix = mix_of(clip("s", duration=4, volume=curve((0, 0.1), (4, 1))), loudness=-20.0)
        whole = samples_of(rendered(mix, media, tmp_path))
        folder = tmp_path / "range"
        folder.mkdir()
        part = render_audio(mix, media, scratch=folder, first=Fraction(5, 4), end=Fraction(5, 2))
        assert np.array_equal(samples_of(part), whole[60_000:120_000])
        assert [path.name for path in folder.iterdir()] == ["audio.f32"]

    def test_ten_minutes_do_not_drift(self, tmp_path: Path) -> None:
        rate = 11_025
        at = tuple(float(minute * 60 + 1) for minute in range(10))
        path = write_sound(tmp_path / "long.wav", [beeps(600, at, rate=rate)], rate=rate)
        audio = rendered(mix_of(clip("s", duration=600)), {"s": gathered(path)}, tmp_path)
        assert audio.count == 600 * RATE
        heard = [onsets(block)[0] + 60 * minute for minute, block in enumerate(audio.blocks(60 * RATE)) if block.any()]
        assert heard == pytest.approx(at, abs=0.001)

    def test_memory_does_not_grow_with_duration(self, tmp_path: Path) -> None:
        peaks = []
        for seconds in (10, 60):
            path = write_sound(tmp_path / f"{seconds}.wav", [tone(seconds)])
            mix = mix_of(clip("s", duration=seconds, playback=Playback(speed=Fraction(5, 4))), loudness=-14.0)
            tracemalloc.start()
            audio = rendered(mix, {"s": gathered(path)}, tmp_path)
            for _ in audio.blocks():
                pass
            peaks.append(tracemalloc.get_traced_memory()[1])
            tracemalloc.stop()
        assert peaks[1] < peaks[0] * 1.2


class TestGain:
    def test_volume_is_exact(self, tmp_path: Path) -> None:
        media = {"s": gathered(steady(tmp_path / "s.f32.wav", 1))}
        assert np.all(render(mix_of(clip("s", volume=0.25)), media, tmp_path) == np.float32(0.125))

    def test_a_straight_volume_curve_is_exact_at_every_sample(self, tmp_path: Path) -> None:
        media = {"s": gathered(steady(tmp_path / "s.f32.wav", 2))}
        out = render(mix_of(clip("s", duration=2, volume=curve((0.5, 0.0), (1.5, 1.0)))), media, tmp_path)
        expected = 0.5 * np.interp(np.arange(2 * RATE) / RATE, [0.5, 1.5], [0.0, 1.0])
        assert np.abs(out[:, 0] - expected).max() < 1e-6

    def test_curves_run_on_the_clips_own_time(self, tmp_path: Path) -> None:
        media = {"s": gathered(steady(tmp_path / "s.f32.wav", 2))}
        out = render(mix_of(clip("s", start=1, duration=1, volume=curve((0, 0), (1, 1)))), media, tmp_path)
        assert out[RATE * 3 // 2, 0] == pytest.approx(0.25, abs=1e-5)

    def test_a_volume_below_nothing_is_silence(self, tmp_path: Path) -> None:
        media = {"s": gathered(steady(tmp_path / "s.f32.wav", 1))}
        assert not render(mix_of(clip("s", volume=-0.5)), media, tmp_path).any()

    @pytest.mark.parametrize(
        ("pan", "left", "right"),
        [(0, 1, 1), (-1, np.sqrt(2), 0), (1, 0, np.sqrt(2)), (0.5, 0.5412, 1.3066), (-3, np.sqrt(2), 0)],
    )
    def test_pan_keeps_power_and_the_centre(self, tmp_path: Path, pan: float, left: float, right: float) -> None:
        media = {"s": gathered(steady(tmp_path / "s.f32.wav", 0.1))}
        out = render(mix_of(clip("s", duration=Fraction(1, 10), pan=pan)), media, tmp_path)
        assert out[100] == pytest.approx([0.5 * left, 0.5 * right], abs=1e-4)

    def test_fades_are_quarter_sines_at_both_ends(self, tmp_path: Path) -> None:
        media = {"s": gathered(steady(tmp_path / "s.f32.wav", 2))}
        fades = {"fade_in": Fraction(1, 2), "fade_out": Fraction(1)}
        out = render(mix_of(clip("s", duration=2, **fades)), media, tmp_path)[:, 0] / 0.5
        assert out[0] < 0.0001
        assert out[RATE // 4] == pytest.approx(np.sin(np.pi / 4), abs=1e-4)
        assert np.all(out[RATE // 2 : RATE] == 1)
        assert out[RATE * 3 // 2] == pytest.approx(np.sin(np.pi / 4), abs=1e-4)
        assert out[-1] < 0.0001

    def test_a_crossfade_keeps_the_power(self, tmp_path: Path) -> None:
        overlap = Fraction(1, 2)
        noise = np.random.default_rng(4)
        media = {
            name: gathered(
                write_sound(tmp_path / f"{name}.f32.wav", [noise.normal(0, 0.1, 2 * RATE).astype(np.float32)])
            )
            for name in "ab"
        }
        out = render(
            mix_of(
                clip("a", duration=2, fade_out=overlap),
                clip("b", start=Fraction(3, 2), duration=2, fade_in=overlap),
            ),
            media,
            tmp_path,
        )
        levels = [level_db(out[first : first + RATE // 8]) for first in range(0, len(out), RATE // 8)]
        assert max(levels) - min(levels) < 0.5


class TestPlayback:
    @pytest.mark.parametrize("speed", [Fraction(1, 4), Fraction(1, 2), Fraction(4, 5), Fraction(3, 2), Fraction(4)])
    def test_speed_keeps_the_pitch_and_the_level(self, tmp_path: Path, speed: Fraction) -> None:
        media = {"s": gathered(write_sound(tmp_path / "s.f32.wav", [tone(float(3 * speed), frequency=440)]))}
        out = render(mix_of(clip("s", duration=3, playback=Playback(speed=speed))), media, tmp_path)
        assert pitch(out[RATE // 2 : -RATE // 2]) == pytest.approx(440, abs=1)
        assert np.abs(out[RATE // 2 : -RATE // 2]).max() == pytest.approx(0.5, abs=0.02)
        assert level_db(out[RATE // 2 : -RATE // 2]) == pytest.approx(level_db(tone(1)), abs=0.3)

    @pytest.mark.parametrize("speed", [Fraction(1, 2), Fraction(3, 4), Fraction(3, 2), Fraction(3)])
    def test_speed_moves_every_sound_to_its_time(self, tmp_path: Path, speed: Fraction) -> None:
        centres = (1.0, 5.0, 20.0, 28.0)
        noise = np.random.default_rng(1).normal(0, 0.3, round(30 * speed * RATE)).astype(np.float32)
        time = np.arange(len(noise)) / RATE / float(speed)
        bursts = sum(np.exp(-(((time - centre) / 0.15) ** 2)) for centre in centres)
        media = {"s": gathered(write_sound(tmp_path / "s.f32.wav", [(noise * bursts).astype(np.float32)]))}
        out = render(mix_of(clip("s", duration=30, playback=Playback(speed=speed))), media, tmp_path)
        power = out[:, 0].astype(np.float64) ** 2
        for centre in centres:
            around = slice(round((centre - 0.6) * RATE), round((centre + 0.6) * RATE))
            places = np.arange(around.start, around.stop) / RATE
            found = float((power[around] * places).sum() / power[around].sum())
            assert found == pytest.approx(centre, abs=0.02)

    def test_reverse_is_the_part_backwards_to_the_sample(self, tmp_path: Path) -> None:
        wave = np.random.default_rng(2).normal(0, 0.1, 3 * RATE).astype(np.float32)
        media = {"s": gathered(write_sound(tmp_path / "s.f32.wav", [wave]))}
        playback = Playback(start=Fraction(1, 2), length=Fraction(2), reverse=True)
        out = render(mix_of(clip("s", duration=3, playback=playback)), media, tmp_path)
        assert np.array_equal(out[: 2 * RATE, 0], wave[RATE // 2 : RATE * 5 // 2][::-1])
        assert not out[2 * RATE :].any()

    def test_reverse_begins_at_the_parts_end_however_short_the_clip(self, tmp_path: Path) -> None:
        wave = np.random.default_rng(2).normal(0, 0.1, 9 * RATE).astype(np.float32)
        media = {"s": gathered(write_sound(tmp_path / "s.f32.wav", [wave]), seconds=9)}
        out = render(mix_of(clip("s", duration=1, playback=Playback(reverse=True))), media, tmp_path)
        assert np.array_equal(out[:, 0], wave[8 * RATE :][::-1])

    def test_reverse_at_double_speed(self, tmp_path: Path) -> None:
        media = {"s": gathered(write_sound(tmp_path / "s.wav", [beeps(4, (1.0,), length=0.2)]), seconds=4)}
        playback = Playback(length=Fraction(4), reverse=True, speed=Fraction(2))
        out = render(mix_of(clip("s", duration=2, playback=playback)), media, tmp_path)
        assert onsets(out)[0] == pytest.approx((4 - 1.2) / 2, abs=0.02)

    def test_a_loop_has_no_seam(self, tmp_path: Path) -> None:
        wave = tone(2, frequency=100)
        media = {"s": gathered(write_sound(tmp_path / "s.f32.wav", [wave]))}
        playback = Playback(start=Fraction(1, 2), length=Fraction(1, 4), loop=True)
        out = render(mix_of(clip("s", duration=3, playback=playback)), media, tmp_path)
        assert np.abs(out[:, 0] - tone(3, frequency=100)).max() < 1e-5

    def test_a_loop_of_an_odd_length_does_not_drift(self, tmp_path: Path) -> None:
        media = {"s": gathered(write_sound(tmp_path / "s.wav", [beeps(1, (0.0,), length=0.01)]))}
        length = Fraction(1, 7) + Fraction(1, 96_001)
        out = render(mix_of(clip("s", duration=60, playback=Playback(length=length, loop=True))), media, tmp_path)
        heard = onsets(out)
        assert heard == pytest.approx([float(length * turn) for turn in range(len(heard))], abs=0.0002)
        assert len(heard) == int(60 / length) + 1

    def test_a_loop_backwards_repeats_the_reversed_part(self, tmp_path: Path) -> None:
        wave = np.random.default_rng(3).normal(0, 0.1, RATE // 2).astype(np.float32)
        media = {"s": gathered(write_sound(tmp_path / "s.f32.wav", [wave]))}
        playback = Playback(length=Fraction(1, 2), loop=True, reverse=True)
        out = render(mix_of(clip("s", duration=1, playback=playback)), media, tmp_path)
        assert np.array_equal(out[:, 0], np.concatenate([wave[::-1], wave[::-1]]))

    def test_a_loop_without_a_length_uses_the_files_own(self, tmp_path: Path) -> None:
        wave = np.random.default_rng(3).normal(0, 0.1, RATE // 2).astype(np.float32)
        media = {"s": gathered(write_sound(tmp_path / "s.f32.wav", [wave]), seconds=0.5)}
        out = render(mix_of(clip("s", duration=1, playback=Playback(loop=True))), media, tmp_path)
        assert np.array_equal(out[:, 0], np.concatenate([wave, wave]))


class TestPeaks:
    def test_more_than_full_scale_neither_wraps_nor_clips(self, tmp_path: Path) -> None:
        wave = tone(2, frequency=50, level=0.9)
        media = {"s": gathered(write_sound(tmp_path / "s.f32.wav", [wave]))}
        clips = [clip("s", duration=2) for _ in range(4)]
        unlimited = render(mix_of(*clips), media, tmp_path)
        assert np.allclose(unlimited[:, 0], 4 * wave, atol=1e-5)
        limited = rendered(mix_of(*clips, true_peak=-1.0), media, tmp_path)
        out = samples_of(limited)[:, 0]
        assert limited.after.true_peak <= -1.0
        assert np.abs(out).max() > 10 ** (-1.5 / 20)
        loud = np.abs(wave) > 0.3
        assert np.all(np.sign(out[loud]) == np.sign(wave[loud]))

    def test_peaks_between_samples_are_held_too(self, tmp_path: Path) -> None:
        number = np.arange(RATE)
        fade = np.minimum(1, np.minimum(number, RATE - number) / (RATE // 10))
        wave = (0.95 * fade * np.sin(np.pi / 2 * number + np.pi / 4)).astype(np.float32)  # samples at 0.67 at most
        media = {"s": gathered(write_sound(tmp_path / "s.f32.wav", [wave]))}
        audio = rendered(mix_of(clip("s"), true_peak=-3.0), media, tmp_path)
        assert audio.before.true_peak == pytest.approx(20 * np.log10(0.95), abs=0.1)
        assert audio.after.true_peak <= -3.0
        assert np.abs(samples_of(audio)[RATE // 4 : -RATE // 4]).max() == pytest.approx(0.5, abs=0.02)

    def test_what_stays_under_the_peak_is_not_touched(self, tmp_path: Path) -> None:
        wave = tone(1, level=0.8)
        media = {"s": gathered(write_sound(tmp_path / "s.f32.wav", [wave]))}
        out = render(mix_of(clip("s"), true_peak=-1.0), media, tmp_path)
        assert np.array_equal(out[:, 0], wave)


class TestLoudness:
    @pytest.mark.parametrize("target", [-14.0, -16.0, -23.0])
    def test_the_target_is_reached_under_the_peak(self, tmp_path: Path, target: float) -> None:
        random = np.random.default_rng(5)
        time = np.arange(12 * RATE) / RATE
        beat = np.exp(-((time % 0.5) * 18))
        wave = random.normal(0, 0.25, len(time)) * beat + 0.05 * np.sin(2 * np.pi * 220 * time)
        media = {"s": gathered(write_sound(tmp_path / "s.f32.wav", [wave.astype(np.float32)]))}
        audio = rendered(mix_of(clip("s", duration=12), loudness=target, true_peak=-1.0), media, tmp_path)
        assert audio.after.integrated == pytest.approx(target, abs=0.5)
        assert audio.after.true_peak <= -1.0

    def test_a_quiet_sound_is_brought_up(self, tmp_path: Path) -> None:
        media = {"s": gathered(write_sound(tmp_path / "s.f32.wav", [tone(5, level=0.003)]))}
        audio = rendered(mix_of(clip("s", duration=5), loudness=-14.0, true_peak=-1.0), media, tmp_path)
        assert audio.before.integrated == pytest.approx(-50.5, abs=0.2)
        assert audio.after.integrated == pytest.approx(-14.0, abs=0.1)
        assert audio.gain_db == pytest.approx(36.5, abs=0.2)

    def test_silence_stays_silence(self, tmp_path: Path) -> None:
        audio = rendered(mix_of(duration=3, loudness=-14.0, true_peak=-1.0), {}, tmp_path)
        assert (audio.before.integrated, audio.after.integrated, audio.after.true_peak) == (None, None, None)
        assert audio.gain_db == 0.0
        assert not samples_of(audio).any()

    def test_without_a_target_the_gain_is_left(self, tmp_path: Path) -> None:
        media = {"s": gathered(write_sound(tmp_path / "s.f32.wav", [tone(2, level=0.01)]))}
        audio = rendered(mix_of(clip("s", duration=2), true_peak=-1.0), media, tmp_path)
        assert audio.gain_db == 0.0
        assert np.array_equal(samples_of(audio)[:, 0], tone(2, level=0.01))


class TestDucking:
    def music_and_voice(self, tmp_path: Path) -> tuple[dict, AudioMix]:
        """Music all along at 400 Hz; a voice at 3 kHz from 2 to 4 s, pausing from 2.8 to 3.1, and from 6 to 7 s."""
        speech = np.zeros(10 * RATE, np.float32)
        for first, end in ((2.0, 2.8), (3.1, 4.0), (6.0, 7.0)):
            speech[round(first * RATE) : round(end * RATE)] = tone(end - first, frequency=3000, level=0.3)
        media = {
            "music": gathered(write_sound(tmp_path / "music.f32.wav", [tone(10, frequency=400)])),
            "voice": gathered(write_sound(tmp_path / "voice.f32.wav", [speech])),
        }
        return media, mix_of(
            clip("music", duration=10, role=AudioRole.MUSIC),
            clip("voice", duration=10, role=AudioRole.VOICE),
            duck=Duck(by_db=12.0),
        )

    def music_level(self, out: np.ndarray, first: float, end: float) -> float:
        """Return the music's level in dB against undisturbed music, by its own frequency."""
        part = out[round(first * RATE) : round(end * RATE), 0].astype(np.float64)
        time = np.arange(len(part)) / RATE
        amplitude = 2 * abs(np.mean(part * np.exp(-2j * np.pi * 400 * time)))
        return float(20 * np.log10(amplitude / 0.5))

    def test_music_goes_down_by_the_given_depth_while_the_voice_sounds(self, tmp_path: Path) -> None:
        media, mix = self.music_and_voice(tmp_path)
        out = render(mix, media, tmp_path)
        assert self.music_level(out, 0.5, 1.5) == pytest.approx(0, abs=0.01)
        assert self.music_level(out, 2.0, 4.0) == pytest.approx(-12, abs=0.05)
        assert self.music_level(out, 6.0, 7.0) == pytest.approx(-12, abs=0.05)

    def test_music_is_down_when_the_first_word_begins_and_not_long_before(self, tmp_path: Path) -> None:
        media, mix = self.music_and_voice(tmp_path)
        out = render(mix, media, tmp_path)
        assert self.music_level(out, 1.75, 1.8) == pytest.approx(0, abs=0.05)
        assert -8 < self.music_level(out, 1.9, 1.95) < -4
        assert self.music_level(out, 1.99, 2.04) == pytest.approx(-12, abs=0.2)

    def test_music_stays_down_in_a_short_pause_and_comes_back_in_a_long_one(self, tmp_path: Path) -> None:
        media, mix = self.music_and_voice(tmp_path)
        out = render(mix, media, tmp_path)
        assert self.music_level(out, 2.8, 3.1) == pytest.approx(-12, abs=0.05)
        assert self.music_level(out, 4.6, 5.8) == pytest.approx(0, abs=0.05)
        assert self.music_level(out, 7.6, 9.9) == pytest.approx(0, abs=0.05)

    def test_the_way_back_takes_half_a_second_and_has_no_step(self, tmp_path: Path) -> None:
        media, mix = self.music_and_voice(tmp_path)
        out = render(mix, media, tmp_path)
        levels = [self.music_level(out, first / 100, first / 100 + 0.05) for first in range(400, 460, 5)]
        assert levels == sorted(levels)
        assert self.music_level(out, 4.225, 4.275) == pytest.approx(-6, abs=1)
        assert max(after - before for before, after in pairwise(levels)) < 3

    def test_a_voice_that_is_silent_ducks_nothing(self, tmp_path: Path) -> None:
        media, mix = self.music_and_voice(tmp_path)
        steady(tmp_path / "voice.f32.wav", 10, 0.0)
        out = render(mix, media, tmp_path)
        assert np.array_equal(out[:, 0], tone(10, frequency=400))

    def test_other_roles_are_left_alone(self, tmp_path: Path) -> None:
        media, mix = self.music_and_voice(tmp_path)
        clips = (clip("music", duration=10, role=AudioRole.EFFECTS), mix.clips[1])
        out = render(mix_of(*clips, duck=Duck()), media, tmp_path)
        assert self.music_level(out, 2.0, 4.0) == pytest.approx(0, abs=0.01)


class TestNesting:
    def test_a_nested_mix_sounds_as_rendered_by_itself(self, tmp_path: Path) -> None:
        media = {"s": gathered(write_sound(tmp_path / "s.f32.wav", [tone(2, level=0.02)]))}
        inner = mix_of(clip("s", duration=2), loudness=-20.0, true_peak=-1.0)
        alone = render(inner, media, tmp_path)
        out = render(mix_of(clip(inner, start=1, duration=2, volume=0.5)), media, tmp_path)
        assert np.allclose(out[RATE:], alone * 0.5, atol=1e-7)
        assert not out[:RATE].any()

    def test_a_nested_mix_plays_from_its_in_point_at_its_speed(self, tmp_path: Path) -> None:
        media = {"s": gathered(write_sound(tmp_path / "s.wav", [beeps(4, (3.0,), length=0.2)]))}
        inner = mix_of(clip("s", duration=4))
        playback = Playback(start=Fraction(1), length=Fraction(3), speed=Fraction(2))
        out = render(mix_of(clip(inner, duration=2, playback=playback)), media, tmp_path)
        assert onsets(out)[0] == pytest.approx(1.0, abs=0.02)

    def test_a_nested_mix_used_twice_is_rendered_once_and_cleared_away(self, tmp_path: Path) -> None:
        media = {"s": gathered(write_sound(tmp_path / "s.f32.wav", [tone(1)]))}
        inner = mix_of(clip("s"))
        folder = tmp_path / "twice"
        folder.mkdir()
        audio = render_audio(mix_of(clip(inner), clip(inner, start=1)), media, scratch=folder)
        assert np.array_equal(samples_of(audio)[:, 0], np.concatenate([tone(1), tone(1)]))
        assert [path.name for path in folder.iterdir() if path.is_file()] == ["audio.f32"]
        assert [path.name for path in folder.iterdir() if path.is_dir()] == []


class TestNotes:
    def test_a_damaged_file_is_noted_with_the_clips_place(self, tmp_path: Path) -> None:
        path = tmp_path / "noise.mp3"
        path.write_bytes(b"nothing that sounds" * 50)
        audio = rendered(mix_of(clip("s")), {"s": gathered(path)}, tmp_path)
        assert not samples_of(audio).any()
        [note] = audio.notes
        assert isinstance(note, AudioNote)
        assert note.path == "audio.clips[0]"
        assert "can't be opened" in note.text

    def test_a_file_that_ends_before_its_time_is_noted(self, tmp_path: Path) -> None:
        path = write_sound(
            tmp_path / "cut.flac", [np.random.default_rng(7).normal(0, 0.1, 2 * RATE).astype(np.float32)]
        )
        path.write_bytes(path.read_bytes()[: path.stat().st_size // 2])
        audio = rendered(mix_of(clip("s", duration=2)), {"s": gathered(path, seconds=2)}, tmp_path)
        [note] = [note.text for note in audio.notes if note.text.startswith("ends after")]
        assert note.endswith(" s of 2.00 s; silence from there")
        heard = float(note.removeprefix("ends after ").split()[0])
        assert 0.8 < heard < 1.0
        samples = samples_of(audio)
        assert level_db(samples[: round((heard - 0.05) * RATE)]) == pytest.approx(-20, abs=0.3)
        assert not samples[round((heard + 0.05) * RATE) :].any()

    def test_a_file_without_sound_is_silence_and_not_opened(self, tmp_path: Path) -> None:
        media = {"s": gathered(tmp_path / "not-there.mp4", seconds=2, has_audio=False)}
        audio = rendered(mix_of(clip("s")), media, tmp_path)
        assert not samples_of(audio).any()
        assert audio.notes == ()

    def test_a_source_that_was_not_gathered_is_refused(self, tmp_path: Path) -> None:
        with pytest.raises(MediaError, match=r'audio\.clips\[0\]: "file:lost\.wav" was not gathered'):
            rendered(mix_of(clip("file:lost.wav")), {}, tmp_path)
