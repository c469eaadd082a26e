import pytest

from plugins.providers.voice.sentences import split_sentences


def shown(text: str, language: str = "en_US") -> list[str]:
    return [" ".join(word.shown for word in sentence.words) for sentence in split_sentences(text, language)]


@pytest.mark.parametrize(
    ("text", "sentences"),
    [
        ("One. Two! Three? Four", ["One.", "Two!", "Three?", "Four"]),
        ("Dr. Smith met Mrs. Jones at St. Mary's.", ["Dr. Smith met Mrs. Jones at St. Mary's."]),
        ("J. R. R. Tolkien wrote it.", ["J. R. R. Tolkien wrote it."]),
        ("It was I. He knew.", ["It was I.", "He knew."]),
        ("Wait... what? Yes.", ["Wait... what?", "Yes."]),
        ("Use e.g. apples etc. for it.", ["Use e.g. apples etc. for it."]),
        ('She said "Go." Then she left.', ['She said "Go."', "Then she left."]),
        ("Version 3.13 costs 1.50 now.", ["Version 3.13 costs 1.50 now."]),
        ("你好。再见！", ["你好。", "再见！"]),
        ("...", []),
    ],
)
def test_a_text_is_split_where_a_reader_would_pause(text: str, sentences: list[str]) -> None:
    assert shown(text) == sentences


def test_an_empty_line_ends_a_paragraph() -> None:
    sentences = split_sentences("One. Two.\n\nThree.", "en_US")
    assert [sentence.ends_paragraph for sentence in sentences] == [False, True, True]


def test_a_mark_that_stands_alone_joins_the_word_before() -> None:
    [sentence] = split_sentences("— Yes — really!", "en_US")
    assert [word.shown for word in sentence.words] == ["— Yes —", "really!"]


@pytest.mark.parametrize(
    ("token", "spoken"),
    [
        ("$5.50", "5 dollars and 50 cents"),
        ("$1", "1 dollar"),
        ("$1,200,", "1200 dollars,"),
        ("£3.01!", "3 pounds and 1 penny!"),
        ("£3.10", "3 pounds and 10 pence"),
        ("€2.00", "2 euros"),
        ("$5M", "$5M"),
    ],
)
def test_amounts_are_said_as_people_say_them_and_shown_as_written(token: str, spoken: str) -> None:
    [sentence] = split_sentences(token, "en_US")
    [word] = sentence.words
    assert (word.shown, word.spoken) == (token, spoken)


def test_amounts_in_other_languages_are_left_to_the_synthesiser() -> None:
    [sentence] = split_sentences("$5.50", "fr")
    assert sentence.spoken == "$5.50"
