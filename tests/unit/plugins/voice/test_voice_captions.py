from io import StringIO
from itertools import pairwise

import webvtt

from plugins.providers.voice.captions import MAX_CHARACTERS, MAX_WORDS, break_cues, to_webvtt
from plugins.providers.voice.speech import TimedWord

TEXT = (
    "Reelhouse turns a timeline into a finished video, with titles, music and a voice. "
    "Dr. Smith wrote it down. "
    "An extraordinarily-long-hyphenated-word-beyond-every-limit stands alone here"
)


def spoken(text: str, *, each: float = 0.3, gap: float = 0.0) -> list[TimedWord]:
    tokens = text.split()
    return [
        TimedWord(
            text=token,
            start=n * (each + gap),
            end=n * (each + gap) + each,
            ends_sentence=n == len(tokens) - 1 or (token[-1] in ".!?" and token != "Dr."),
        )
        for n, token in enumerate(tokens)
    ]


def lines(text: str) -> list[str]:
    return [" ".join(word.text for word in cue) for cue in break_cues(spoken(text))]


def test_lines_are_short_enough_to_read_and_lose_no_word() -> None:
    cues = break_cues(spoken(TEXT))
    assert [word.text for cue in cues for word in cue] == TEXT.split()
    for cue in cues:
        assert len(cue) <= MAX_WORDS
        assert len(" ".join(word.text for word in cue)) <= MAX_CHARACTERS or len(cue) == 1


def test_lines_break_at_punctuation_and_at_no_abbreviation() -> None:
    assert lines(TEXT)[:4] == [
        "Reelhouse turns a timeline",
        "into a finished video,",
        "with titles, music and a voice.",
        "Dr. Smith wrote it down.",
    ]


def test_a_pause_is_a_place_to_break() -> None:
    words = [
        TimedWord(text=text, start=start, end=start + 0.2)
        for text, start in (("one", 0), ("two", 0.2), ("three", 0.4), ("four", 1.4), ("five", 1.6), ("six", 1.8),
                            ("seven", 2.0), ("eight", 2.2))
    ]  # fmt: skip
    assert [len(cue) for cue in break_cues(words)] == [3, 5]


def test_no_words_are_no_cues() -> None:
    assert break_cues([]) == []
    assert to_webvtt([]) == "WEBVTT\n"


def test_the_file_is_webvtt_with_a_stamp_for_each_further_word() -> None:
    assert to_webvtt(spoken("Hello there. Bye & <go>!", gap=0.1)) == (
        "WEBVTT\n"
        "\n"
        "00:00:00.000 --> 00:00:00.800\n"
        "Hello <00:00:00.400>there.\n"
        "\n"
        "00:00:00.800 --> 00:00:01.750\n"
        "Bye <00:00:01.200>&amp; <00:00:01.600>&lt;go&gt;!\n"
    ).replace("00:00:01.750", "00:00:02.150")


def test_another_reader_understands_the_file() -> None:
    captions = webvtt.from_buffer(StringIO(to_webvtt(spoken(TEXT))))
    assert " ".join(caption.text for caption in captions) == TEXT
    for before, after in pairwise(captions):
        assert before.end_in_seconds <= after.start_in_seconds


def test_stamps_rise_within_their_cue_even_for_words_without_length() -> None:
    words = [TimedWord(text=f"w{n}", start=1.0, end=1.0) for n in range(5)]
    text = to_webvtt(words)
    stamps = [part.split(">")[0] for part in text.split("<")[1:]]
    assert stamps == ["00:00:01.001", "00:00:01.002", "00:00:01.003", "00:00:01.004"]
    assert "00:00:01.000 --> 00:00:01.250" in text


def test_hours_are_written_out() -> None:
    words = [TimedWord(text="late", start=3723.4567, end=3724.0)]
    assert "01:02:03.457 --> 01:02:04.250" in to_webvtt(words)
