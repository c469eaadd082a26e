import shutil
from pathlib import Path

import pytest

from core.media.text.clusters import cluster_starts, is_emoji
from core.media.text.fonts import BUNDLED, FontLibrary, FontProblem, FontWarning


@pytest.fixture(scope="module")
def fonts() -> FontLibrary:
    return FontLibrary()


def test_the_installation_brings_these_families(fonts: FontLibrary) -> None:
    assert fonts.families() == (
        "Bebas Neue",
        "Inter",
        "JetBrains Mono",
        "Noto Sans Arabic",
        "Noto Sans Devanagari",
        "Noto Sans Hebrew",
        "Noto Sans Thai",
        "Playfair Display",
        "Twemoji Mozilla",
    )


def test_every_bundled_font_folder_holds_a_licence() -> None:
    for font in BUNDLED.rglob("*.ttf"):
        assert list(font.parent.glob("OFL.txt")) or list(font.parent.glob("LICENSE.txt")), font


def test_a_family_is_found_in_any_case_and_the_nearest_face_is_taken(fonts: FontLibrary) -> None:
    assert fonts.has_family("inter")
    assert fonts.find("PLAYFAIR display", weight=800).face.path.name == "PlayfairDisplay-Bold.ttf"
    assert fonts.find("Playfair Display", weight=300, is_italic=True).face.path.name == "PlayfairDisplay-Italic.ttf"
    assert fonts.find("Inter", is_italic=True).face.path.name == "InterVariable-Italic.ttf"


def test_an_unknown_family_gives_inter(fonts: FontLibrary) -> None:
    assert not fonts.has_family("Papyrus")
    assert fonts.find("Papyrus").face.family == "Inter"


def test_a_typeface_is_made_once_for_each_weight_and_slant(fonts: FontLibrary) -> None:
    assert fonts.find("Inter", weight=700) is fonts.find("Inter", weight=700)
    assert fonts.find("Inter", weight=700) is not fonts.find("Inter", weight=400)


def test_a_weight_changes_a_variable_fonts_advances(fonts: FontLibrary) -> None:
    light, heavy = (fonts.find("Inter", weight=weight).font for weight in (100, 900))
    glyph = light.get_nominal_glyph(ord("n"))
    assert light.get_glyph_h_advance(glyph) < heavy.get_glyph_h_advance(glyph)


def test_bold_and_italic_are_made_where_a_family_has_none(fonts: FontLibrary) -> None:
    assert fonts.find("Bebas Neue", weight=700).font.synthetic_bold[0] > 0
    assert fonts.find("Bebas Neue", is_italic=True).font.synthetic_slant > 0
    assert fonts.find("Inter", weight=700, is_italic=True).font.synthetic_slant == 0
    assert fonts.find("JetBrains Mono", weight=800).font.synthetic_bold[0] == 0


@pytest.mark.parametrize(
    ("cluster", "family"),
    [
        ("a", "Playfair Display"),
        ("γ", "Inter"),
        ("ب", "Noto Sans Arabic"),
        ("שׁ", "Noto Sans Hebrew"),
        ("क्ष", "Noto Sans Devanagari"),
        ("ที่", "Noto Sans Thai"),
        ("👍🏽", "Twemoji Mozilla"),
        ("❤️", "Twemoji Mozilla"),
        ("❤\ufe0e", "Inter"),
        ("1️⃣", "Twemoji Mozilla"),
        ("🇫🇷", "Twemoji Mozilla"),
        ("1", "Playfair Display"),
    ],
)
def test_a_letter_falls_back_to_a_font_that_has_all_of_it(cluster: str, family: str, fonts: FontLibrary) -> None:
    found = fonts.find_for(cluster, "Playfair Display")
    assert found is not None
    assert found.face.family == family


def test_a_letter_no_font_has_is_not_found(fonts: FontLibrary) -> None:
    assert fonts.find_for("中", "Inter") is None


def test_a_folders_own_faces_come_before_those_of_the_installation(tmp_path: Path) -> None:
    own = tmp_path / "deep" / "Mine.ttf"
    own.parent.mkdir()
    shutil.copy(BUNDLED / "playfair-display" / "PlayfairDisplay-Regular.ttf", own)
    assert FontLibrary([tmp_path]).find("Playfair Display").face.path == own


def test_broken_files_in_a_folder_are_passed_over(tmp_path: Path) -> None:
    (tmp_path / "noise.ttf").write_bytes(bytes(range(256)) * 20)
    (tmp_path / "empty.otf").touch()
    (tmp_path / "note.txt").write_text("no font")
    assert FontLibrary([tmp_path]).families() == FontLibrary().families()


def test_warnings_say_what_is_wrong() -> None:
    assert str(FontWarning(FontProblem.UNKNOWN_FAMILY, "Papyrus")) == 'no font family "Papyrus"; Inter is used'
    assert str(FontWarning(FontProblem.MISSING_GLYPH, "中")) == 'no font has a glyph for "中" (U+4E2D)'


def test_clusters_are_what_a_reader_takes_for_a_letter() -> None:
    assert cluster_starts("e\u0301👨‍👩‍👧🇫🇷🇩🇪") == [0, 2, 7, 9]
    assert cluster_starts("") == []


@pytest.mark.parametrize(("cluster", "expected"), [("😀", True), ("❤", False), ("❤️", True), ("#", False), ("☀︎", False)])
def test_emoji_are_told_from_text(cluster: str, expected: bool) -> None:
    assert is_emoji(cluster) is expected
