import pytest

from core.api import InvalidInput
from plugins.providers.voice.request import Form, SpeechRequest, parse_request


def test_a_plain_sentence_is_read_as_it_is_written() -> None:
    form, request = parse_request("speech?text=Is 50% enough, or 1+1? Yes & no: it's fine!&rate=1.25")
    assert form is Form.SPEECH
    assert request == SpeechRequest(text="Is 50% enough, or 1+1? Yes & no: it's fine!", rate=1.25)


def test_percent_encoded_text_is_decoded_with_its_pluses() -> None:
    _, request = parse_request("captions?text=Caf%C3%A9+au+lait%3F%0AYes%26no")
    assert request.text == "Café au lait?\nYes&no"


def test_an_escape_between_blanks_is_plain_text() -> None:
    assert parse_request("speech?text=write %20 for a blank")[1].text == "write %20 for a blank"


def test_pluses_alone_are_plain_text() -> None:
    assert parse_request("speech?text=C++")[1].text == "C++"


def test_every_key_is_read() -> None:
    form, request = parse_request("captions?voice=fr&lead=0.5&tail=1&gap=0&rate=0.5&text=Oui")
    assert form is Form.CAPTIONS
    assert request == SpeechRequest(text="Oui", voice="fr", rate=0.5, lead=0.5, tail=1.0, gap=0.0)


def test_an_ampersand_without_a_key_belongs_to_the_text() -> None:
    assert parse_request("speech?text=R&D=fun&B&B")[1].text == "R&D=fun&B&B"


@pytest.mark.parametrize(
    ("asset_id", "message", "path"),
    [
        ("speach?text=Hi", 'unknown "speach", did you mean "speech"?', None),
        ("speech?text=Hi&vioce=x", 'unknown key "vioce", did you mean "voice"?', "vioce"),
        ("speech?text=  ", "there is nothing to say", "text"),
        ("speech", "there is nothing to say", "text"),
        ("speech?text=Hi&rate=fast", 'must be a number, not "fast"', "rate"),
        ("speech?text=Hi&rate=9", "must lie between 0.5 and 2, not 9", "rate"),
        ("speech?text=Hi&lead=nan", "must lie between 0 and 30, not nan", "lead"),
        ("speech?text=Hi&gap=-1", "must lie between 0 and 5, not -1", "gap"),
        ("speech?text=a&text=b", '"text" is given twice', "text"),
        ("speech?Hello", 'expected key=value, not "Hello"', None),
        ("speech?text=%FF%FE", "percent-encoded text must be UTF-8", None),
    ],
)
def test_what_is_wrong_is_named(asset_id: str, message: str, path: str | None) -> None:
    with pytest.raises(InvalidInput) as caught:
        parse_request(asset_id)
    assert message in str(caught.value)
    assert caught.value.path == path


def test_a_text_without_end_is_refused() -> None:
    with pytest.raises(InvalidInput, match="at most 20000 characters, not 20001"):
        parse_request("speech?text=" + "a" * 20_001)
