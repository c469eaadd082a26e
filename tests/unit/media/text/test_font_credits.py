"""A video that draws Twemoji says so in its credits; one that does not, does not."""

from dataclasses import replace
from fractions import Fraction

import pytest

from core.api import AssetKind
from core.media.text.credits import font_credits
from core.media.text.fonts import BUNDLED, FontLibrary
from core.timeline.plan import Layer, Placement, Plan
from core.timeline.sources import Source, TextRun, TextSource, TextStyle, TimelineSource, Word
from tests.support.plans import plan_of


def layer(source: Source) -> Layer:
    return Layer(id="", path="", first=0, end=30, start=Fraction(0), source=source, placement=Placement())


def text(*words: str, style: TextStyle | None = None) -> TextSource:
    return TextSource(runs=tuple(TextRun(text=each, style=style or TextStyle()) for each in words))


def plan(*sources: Source) -> Plan:
    return plan_of(*(layer(source) for source in sources), frames=30)


@pytest.mark.parametrize("words", ["Fête 🎉", "🇫🇷", "👩‍👩‍👧‍👦 family", "I ❤️ it", "1️⃣"])
def test_an_emoji_is_credited(words: str) -> None:
    found = font_credits(plan(text("plain"), text(words)), FontLibrary())
    assert set(found) == {"font:Twemoji Mozilla"}
    credit = found["font:Twemoji Mozilla"]
    assert (credit.path, credit.kind) == (BUNDLED / "twemoji" / "Twemoji.ttf", AssetKind.DATA)
    assert (credit.title, credit.licence.id) == ("Twemoji", "CC-BY-4.0")
    assert credit.licence.attribution.startswith("Emoji: Twemoji, © Twitter, Inc. and other contributors, CC BY 4.0")
    assert credit.licence.url == "https://creativecommons.org/licenses/by/4.0/"


@pytest.mark.parametrize("words", ["Hello 123 #*", "שלום", "مرحبا", "❤\ufe0e", "漢字", " \n\u200d\ufe0f"])
def test_letters_of_other_fonts_are_not(words: str) -> None:
    assert font_credits(plan(text(words)), FontLibrary()) == {}


def test_a_plan_without_text_has_no_credits() -> None:
    assert font_credits(plan(), FontLibrary()) == {}


def test_an_emoji_cut_in_two_by_styles_is_seen_whole() -> None:
    assert font_credits(plan(text("❤", "\ufe0f")), FontLibrary())


def test_emoji_in_nested_timelines_and_in_a_captions_highlight_are_credited() -> None:
    assert font_credits(plan(TimelineSource(plan=plan(text("🎉")))), FontLibrary())
    word = Word(start=Fraction(0), end=Fraction(1), text="1")
    caption = replace(text("1"), words=(word,), highlight=TextStyle(font="Twemoji Mozilla"))
    assert font_credits(plan(caption), FontLibrary())
    assert not font_credits(plan(replace(caption, words=())), FontLibrary())
