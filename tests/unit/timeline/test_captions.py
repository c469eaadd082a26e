"""SubRip and WebVTT, as they are found in the world."""

from fractions import Fraction

import pytest

from core.api import InvalidInput
from core.timeline.captions import MAX_CUES, parse_captions, write_srt, write_vtt
from core.timeline.plan import Cue, CueWord

SRT = "1\n00:00:01,000 --> 00:00:02,500\nHello\n\n2\n00:00:03,000 --> 00:00:04,000\nTwo\nlines\n"
VTT = "WEBVTT\n\n00:01.000 --> 00:02.500\nHello\n\n00:03.000 --> 00:04.000\nTwo\nlines\n"
WANTED = "line {}: expected a time like 00:00:01,000 --> 00:00:02,500, not "
CUES = (
    Cue(start=Fraction(1), end=Fraction("2.5"), text="Hello"),
    Cue(start=Fraction(3), end=Fraction(4), text="Two\nlines"),
)


@pytest.mark.parametrize("text", [SRT, VTT], ids=["srt", "vtt"])
@pytest.mark.parametrize(
    "change",
    [
        lambda text: text,
        lambda text: "\ufeff" + text,
        lambda text: text.replace("\n", "\r\n"),
        lambda text: text.replace("\n", "\r"),
        lambda text: text.rstrip("\n"),
        lambda text: text + "\n\n\n",
        lambda text: text.replace("\n\n", "\n \n\n"),
        lambda text: text.replace("Hello", "  Hello\t"),
        lambda text: text.replace(" --> ", "-->"),
    ],
    ids=["as it is", "bom", "crlf", "cr", "no end", "more end", "blank lines", "spaces", "tight arrow"],
)
def test_a_file_is_read_however_its_lines_end(text: str, change: object) -> None:
    assert callable(change)
    assert parse_captions(change(text)) == CUES


def test_subrip_without_numbers_and_with_points_is_read() -> None:
    assert parse_captions(SRT.replace("1\n00", "00", 1).replace("2\n00", "00", 1).replace(",", ".")) == CUES


def test_webvtts_header_notes_styles_regions_names_and_settings_are_left_out() -> None:
    text = (
        "WEBVTT - a title\nKind: captions\nLanguage: en\n\nNOTE\nnothing --> to see\n\nSTYLE\n::cue { color: red }\n\n"
        "REGION\nid:fred\n\nintro\n00:01.000 --> 00:02.500 align:start position:10%,line-left\nHello\n\nNOTE 1\n\n"
        "00:03.000 --> 00:04.000\nTwo\nlines\n"
    )
    assert parse_captions(text) == CUES


def test_a_first_cue_may_follow_the_header_at_once() -> None:
    assert parse_captions("WEBVTT\n00:01.000 --> 00:02.500\nHello") == CUES[:1]


def test_tags_are_taken_off_and_webvtts_entities_read() -> None:
    head = "WEBVTT\n\n00:01.000 --> 00:02.000\n"
    text = head + "<v Bob><i>Fish</i> &amp; <c.loud>chips</c>&nbsp;1 &lt; 2 <lang en>yes</lang>"
    assert parse_captions(text)[0].text == "Fish & chips\xa01 < 2 yes"


def test_subrips_tags_and_overrides_are_taken_off_and_its_ampersands_kept() -> None:
    text = '00:00:01,000 --> 00:00:02,000\n{\\an8}<font color="#fff">AT&amp;T</font> <b>a < b</b>'
    assert parse_captions(text)[0].text == "AT&amp;T a < b"


def test_inline_stamps_time_the_words_and_words_between_them_share_by_length() -> None:
    (cue,) = parse_captions("WEBVTT\n\n00:01.000 --> 00:03.000\n<c>One</c> <00:01.500><c>two four</c> <00:02.200>end")
    assert cue.text == "One two four end"
    assert [(word.text, word.start, word.end) for word in cue.words] == [
        ("One", 1, Fraction("1.5")),
        ("two", Fraction("1.5"), Fraction("1.8")),
        ("four", Fraction("1.8"), Fraction("2.2")),
        ("end", Fraction("2.2"), 3),
    ]


def test_overlapping_cues_are_all_kept_and_come_in_order_of_their_start() -> None:
    text = "WEBVTT\n\n00:02.000 --> 00:05.000\nB\n\n00:01.000 --> 00:04.000\nA\n\n00:02.000 --> 00:03.000\nC"
    assert [cue.text for cue in parse_captions(text)] == ["A", "B", "C"]


def test_long_hours_and_short_fractions_are_read() -> None:
    (cue,) = parse_captions("99:59:58,5 --> 99:59:59,75\nlate")
    assert (cue.start, cue.end) == (Fraction("359998.5"), Fraction("359999.75"))


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "holds no caption"),
        ("WEBVTT", "holds no caption"),
        ("WEBVTT\n\nNOTE nothing here\n", "holds no caption"),
        ("hello", WANTED.format(1) + '"hello"'),
        (
            "WEBVTTX\n\n00:01.000 --> 00:02.000\nx",
            WANTED.format(1) + '"WEBVTTX"',
        ),
        (
            "WEBVTT\n\nname\nmore\n00:01.000 --> 00:02.000",
            'line 4: expected a time like 00:01.000 --> 00:02.500, not "more"',
        ),
        (SRT + "\n3\nlost\n", WANTED.format(11) + '"lost"'),
        (SRT.replace("00:00:03,000", "00:00:3"), 'line 6: "00:00:3 --> 00:00:04,000" is no pair of times'),
        (SRT.replace("00:00:03,000 -->", "-->"), 'line 6: "--> 00:00:04,000" is no pair of times'),
        (VTT.replace("00:03.000", "00:61.000"), 'line 6: "00:61.000" is no time'),
        (SRT.replace("00:00:03,000", "00:60:03,000"), 'line 6: "00:60:03,000" is no time'),
        (SRT.replace("00:00:04,000", "00:00:03,000"), "line 6: the caption at 00:00:03,000 ends before it begins"),
        (SRT.replace("00:00:04,000", "9999:00:04,000"), 'line 6: "9999:00:04,000" lies beyond 100 hours'),
        ("WEBVTT\n\n00:01.000 --> 00:02.000\na <00:03.000>b", "line 3: the times inside the caption are out of order"),
        ("WEBVTT\n\n00:01.000 --> 00:02.000\n" + "x" * 5001, "line 3: the caption has more than 5000 characters"),
        ("1" * (8 * 2**20 + 1), "holds more than 8 million characters"),
        (
            "\0\0\0\x1fELF",
            WANTED.format(1) + '"\ufffd\ufffd\ufffd\x1fELF"',
        ),
        ("٠٠:٠١.٠٠٠ --> ٠٠:٠٢.٠٠٠\nx", 'line 1: "٠٠:٠١.٠٠٠ --> ٠٠:٠٢.٠٠٠" is no pair of times'),
    ],
)
def test_a_broken_file_is_refused_with_the_line_at_fault(text: str, message: str) -> None:
    with pytest.raises(InvalidInput) as caught:
        parse_captions(text)
    assert str(caught.value) == message


def test_more_cues_than_anyone_reads_are_refused() -> None:
    cue = "00:00:01,000 --> 00:00:02,000\nx\n\n"
    assert len(parse_captions(cue * MAX_CUES)) == MAX_CUES
    with pytest.raises(InvalidInput, match="holds more than 20000 captions"):
        parse_captions(cue * (MAX_CUES + 1))


def test_what_is_written_is_read_as_it_was() -> None:
    assert parse_captions(write_srt(CUES)) == CUES
    assert parse_captions(write_vtt(CUES)) == CUES
    assert write_srt(CUES) == SRT.rstrip("\n") + "\n"
    assert write_vtt(CUES) == VTT.replace("\n00:", "\n00:00:").replace("--> 00:", "--> 00:00:")


def test_words_are_written_with_their_stamps_and_their_lines() -> None:
    words = tuple(
        CueWord(start=Fraction(start), end=Fraction(end), text=text)
        for start, end, text in (("1", "1.5", "Me"), ("1.5", "2", "<&>"), ("2", "3", "you"))
    )
    cue = Cue(start=Fraction(1), end=Fraction(3), text="Me <&>\nyou", words=words)
    written = write_vtt([cue])
    assert written == ("WEBVTT\n\n00:00:01.000 --> 00:00:03.000\nMe <00:00:01.500>&lt;&amp;&gt;\n<00:00:02.000>you\n")
    assert parse_captions(written) == (cue,)


def test_a_blank_line_in_a_cue_does_not_end_it() -> None:
    cue = Cue(start=Fraction(0), end=Fraction(1), text="a\n\n\nb")
    assert parse_captions(write_srt([cue]))[0].text == "a\nb"
    assert parse_captions(write_vtt([cue]))[0].text == "a\nb"
