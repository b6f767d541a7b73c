import sys
from datetime import date
from importlib.metadata import PackageNotFoundError
from pathlib import Path

import pytest

from notifiers import press as press_module
from notifiers.errors import GlyphError, PaperError
from notifiers.press import Press, find_fonts
from tests.unit.notifiers.paper import unpacked

pytest.importorskip("typst")

DAY = date(2026, 3, 1)


@pytest.fixture
def layouts(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setattr(press_module, "LAYOUTS", tmp_path)
    head = '#let data = json(bytes(sys.inputs.data))\n#set document(title: "t")\n'
    (tmp_path / "plain.typ").write_text(
        head + "#set text(font: data.fonts, fallback: false)\n#data.name", encoding="utf-8"
    )
    (tmp_path / "wrong.typ").write_text(head + '#set text(font: "Nowhere Sans")\nx', encoding="utf-8")
    (tmp_path / "broken.typ").write_text(head + "#data.nothing", encoding="utf-8")
    return tmp_path


def test_a_missing_font_says_what_to_install_and_what_to_set(monkeypatch):
    def missing(name):
        raise PackageNotFoundError(name)

    monkeypatch.setattr(press_module, "files", missing)
    with pytest.raises(PaperError, match=r"no font with Chinese characters .* `pip install --no-deps zhplot`, or set"):
        Press()


def test_a_missing_typesetter_names_the_extra(monkeypatch):
    monkeypatch.setitem(sys.modules, "typst", None)
    with pytest.raises(PaperError, match="letters need the typesetter; install the extra `documents`"):
        Press()


def test_the_setting_wins_over_the_wheel(tmp_path):
    (font,) = find_fonts(None)
    link = tmp_path / "city.ttf"
    link.symlink_to(font)
    assert find_fonts(link) == [link]
    assert find_fonts(tmp_path) == [link]
    assert Press(font=link).set(layout="letter", data=_letter("王"), day=DAY).startswith(b"%PDF")


@pytest.mark.parametrize("name", ["nowhere", "notes.txt"])
def test_a_setting_without_a_font_is_named(tmp_path, name):
    (tmp_path / "notes.txt").write_text("x")
    with pytest.raises(PaperError, match=f"{name}: holds no font file"):
        Press(font=tmp_path / name)


def test_a_file_that_is_no_font_is_named(tmp_path):
    (tmp_path / "bad.ttf").write_text("x")
    with pytest.raises(PaperError, match=r"bad\.ttf: cannot be read as a font"):
        Press(font=tmp_path / "bad.ttf")


def test_a_mere_warning_stops_the_print(layouts):
    with pytest.raises(
        PaperError, match="layout wrong: unknown font family: nowhere sans; a letter is printed without"
    ):
        Press().set(layout="wrong", data={}, day=DAY)


def test_a_broken_layout_is_named(layouts):
    with pytest.raises(PaperError, match="layout broken: dictionary does not contain key"):
        Press().set(layout="broken", data={}, day=DAY)


@pytest.mark.parametrize("name", ["𠮷野家", "😀"])
def test_a_character_that_the_font_lacks_stops_the_print_and_is_not_repeated(layouts, name):
    with pytest.raises(
        GlyphError, match="the font lacks a character of this letter; add a font that has it"
    ) as refused:
        Press().set(layout="plain", data={"name": name}, day=DAY)
    assert name[0] not in str(refused.value)
    assert refused.value.__cause__ is None


def test_a_name_is_printed_and_never_executed(layouts):
    pdf = Press().set(layout="plain", data={"name": '#panic("x") $x$ *b* \\ #read("/etc/passwd")'}, day=DAY)
    assert pdf.startswith(b"%PDF")


def test_the_same_letter_has_the_same_bytes_on_any_day(layouts):
    first = Press().set(layout="plain", data={"name": "王秀英"}, day=DAY)
    assert Press().set(layout="plain", data={"name": "王秀英"}, day=DAY) == first
    assert b"D:20260301" in unpacked(first)


def _letter(name):
    words = {"zh": "城", "en": "City"}
    return {
        "to": {"name": name, "address": "路"},
        "sender": {"city": words, "office": words, "address": "路", "hotline": "12345"},
        "pages": [{"language": "zh", "title": "题", "body": ["文"], "why": "因"}],
        "card": None,
        "date": words,
        "reference": "A",
    }
