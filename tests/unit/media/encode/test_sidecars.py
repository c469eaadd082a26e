"""Caption files beside a video."""

from fractions import Fraction
from pathlib import Path

import pytest

from core.api import MediaError
from core.media.encode import write_sidecars
from core.timeline.captions import parse_captions
from core.timeline.plan import CaptionTrack, Cue
from tests.support.full_disk import full_disk

CUES = (
    Cue(start=Fraction(1), end=Fraction(5, 2), text="Tom & Jerry"),
    Cue(start=Fraction(3), end=Fraction(4), text="déjà\nvu"),
)


def track(language: str, *, is_sidecar: bool = True) -> CaptionTrack:
    return CaptionTrack(language=language, cues=CUES, is_sidecar=is_sidecar, is_soft=False)


def test_each_language_has_a_subrip_and_a_webvtt_file(tmp_path: Path) -> None:
    paths = list(write_sidecars([track("en"), track("pt-BR"), track("de", is_sidecar=False)], tmp_path / "my.film"))
    expected = ["my.film.en.srt", "my.film.en.vtt", "my.film.pt-BR.srt", "my.film.pt-BR.vtt"]
    assert [path.name for path in paths] == expected
    assert sorted(entry.name for entry in tmp_path.iterdir()) == expected
    assert paths[0].read_text(encoding="utf-8") == (
        "1\n00:00:01,000 --> 00:00:02,500\nTom & Jerry\n\n2\n00:00:03,000 --> 00:00:04,000\ndéjà\nvu\n"
    )
    assert paths[1].read_text(encoding="utf-8") == (
        "WEBVTT\n\n00:00:01.000 --> 00:00:02.500\nTom &amp; Jerry\n\n00:00:03.000 --> 00:00:04.000\ndéjà\nvu\n"
    )
    assert [parse_captions(path.read_text(encoding="utf-8")) for path in paths] == [CUES] * 4


def test_two_tracks_of_a_language_do_not_write_over_each_other(tmp_path: Path) -> None:
    paths = list(write_sidecars([track("en"), track("EN"), track("en")], tmp_path / "film"))
    assert [path.name for path in paths if path.suffix == ".srt"] == ["film.en.srt", "film.EN-2.srt", "film.en-3.srt"]


def test_a_full_disk_is_told_with_the_files_name_and_leaves_what_was_there(tmp_path: Path) -> None:
    (tmp_path / "film.en.srt").write_text("older")
    with full_disk(after=10), pytest.raises(MediaError, match=r"film\.en\.srt: can't be written"):
        list(write_sidecars([track("en")], tmp_path / "film"))
    assert [entry.name for entry in tmp_path.iterdir()] == ["film.en.srt"]
    assert (tmp_path / "film.en.srt").read_text() == "older"


def test_a_folder_that_is_not_there_is_told(tmp_path: Path) -> None:
    with pytest.raises(MediaError, match=r"film\.en\.srt: can't be written"):
        list(write_sidecars([track("en")], tmp_path / "nowhere" / "film"))
