from plugins.providers.voice.alignment import assign_words


def words_heard(sentence: str, *words: str) -> list[str]:
    """Return what each word was given of the sentence's phonemes."""
    owners = assign_words(list(sentence), [list(word) for word in words])
    return [
        "".join(phoneme for phoneme, owner in zip(sentence, owners, strict=True) if owner == index)
        for index in range(len(words))
    ]


def test_words_that_are_said_alike_are_found() -> None:
    assert words_heard("ðə kˈat sˈat.", "ðˈə", "kˈat", "sˈat") == ["ðə", "kat", "sat"]


def test_words_that_the_sentence_joins_are_told_apart() -> None:
    assert words_heard("ʌvðə pˈiːpəl", "ˈʌv", "ðˈiː", "pˈiːpəl") == ["ʌv", "ðə", "pipəl"]


def test_a_number_keeps_all_the_words_it_is_said_in() -> None:
    heard = words_heard("ɪts tuː θaʊzənd nˈaʊ", "ɪts", "tuː θaʊzənd", "nˈaʊ")
    assert heard == ["ɪts", "tuθaʊzənd", "naʊ"]


def test_weak_vowels_stay_with_their_words() -> None:
    assert words_heard("ɐ dˈɒɡ ænd ɐ kˈat", "ˈeɪ", "dˈɒɡ", "ˈænd", "ˈeɪ", "kˈat") == ["ɐ", "dɒɡ", "ænd", "ɐ", "kat"]


def test_blanks_stress_and_punctuation_belong_to_no_word() -> None:
    assert assign_words(list("a, ˈb."), [["a"], ["b"]]) == [0, None, None, None, 1, None]


def test_nothing_heard_is_nothing_assigned() -> None:
    assert assign_words([], [["a"]]) == []
    assert assign_words(["a"], []) == [None]
