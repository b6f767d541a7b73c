import pytest

from notifiers.channels.channel import Ambiguous, Outcome, Refused, Unreachable
from notifiers.channels.letter import LetterChannel
from notifiers.errors import PaperError
from notifiers.message import Addressee, Medium
from notifiers.press import Press
from notifiers.tray import Tray
from tests.unit.notifiers.paper import characters, pages, unpacked
from tests.unit.notifiers.post_kit import TEXTS, WANG, message

pytest.importorskip("typst")


@pytest.fixture(scope="module")
def press() -> Press:
    return Press()


@pytest.fixture
def tray(tmp_path) -> Tray:
    return Tray(folder=tmp_path)


def _printed(tray, attempt_id="attempt-1"):
    return (tray.folder / "waiting" / f"{attempt_id}.pdf").read_bytes()


@pytest.mark.parametrize("name", sorted(TEXTS))
@pytest.mark.parametrize("medium", [Medium.LETTER, Medium.CARD])
def test_every_text_fits_on_one_sheet_in_the_embedded_font(press, tray, name, medium):
    if not TEXTS[name].carries(medium):
        return
    receipt = LetterChannel(press=press, tray=tray).send(message=message(medium=medium, template=name))
    pdf = _printed(tray)
    assert receipt.outcome is Outcome.HELD
    assert pages(pdf) == 1
    assert b"NotoSansSC" in unpacked(pdf)
    # Name, address, the telephone line, why, and that nothing is to be applied for.
    assert set("王秀英幸福路12345为什么给您写信不需要申请Whyyoureceivethisletter") - {" "} <= characters(pdf)


def test_a_card_shows_name_sex_date_and_the_end_of_its_number(press, tray):
    LetterChannel(press=press, tray=tray).send(message=message(medium=Medium.CARD, template="senior-card"))
    assert set("和安市老年人优待证寿姓名性别女发证日期8826") <= characters(_printed(tray))


def test_a_letter_is_an_archive_file_that_can_be_read_aloud(press, tray):
    LetterChannel(press=press, tray=tray).send(message=message())
    content = unpacked(_printed(tray))
    assert b"pdfaid:part" in content
    assert b"pdfuaid:part" in content


def test_the_same_attempt_twice_is_printed_once(press, tray):
    channel = LetterChannel(press=press, tray=tray)
    assert channel.send(message=message()) == channel.send(message=message())
    assert tray.waiting() == ["attempt-1"]


def test_a_letter_printed_again_has_the_same_bytes(press, tmp_path):
    trays = [Tray(folder=tmp_path / name) for name in ("one", "two")]
    for tray in trays:
        LetterChannel(press=press, tray=tray).send(message=message(medium=Medium.CARD, template="senior-card"))
    assert _printed(trays[0]) == _printed(trays[1])


@pytest.mark.parametrize("address", [None, "", "  ", "路" * 121])
def test_without_an_address_for_the_window_there_is_no_letter(press, tray, address):
    with pytest.raises(Refused, match="no postal address that fits into the window of the envelope"):
        LetterChannel(press=press, tray=tray).send(message=message(to=_with(address=address)))


def test_a_name_that_the_font_cannot_print_is_refused_and_not_repeated(press, tray):
    with pytest.raises(Refused, match="the font lacks a character") as refused:
        LetterChannel(press=press, tray=tray).send(message=message(to=_with(name="𠮷秀英")))
    assert "𠮷" not in str(refused.value)
    assert tray.waiting() == []


def test_a_name_and_an_address_are_printed_as_they_are(press, tray):
    tricky = _with(name="王#panic()秀*英*", address='#read("/etc/passwd")\n$x$ @label')
    LetterChannel(press=press, tray=tray).send(message=message(to=tricky))
    assert set("#$*@") <= characters(_printed(tray))


def test_a_short_message_has_no_layout(press, tray):
    with pytest.raises(Refused, match="no layout for a short"):
        LetterChannel(press=press, tray=tray).send(message=message(medium=Medium.SHORT))


def test_an_event_goes_nowhere_by_post(press, tray):
    with pytest.raises(Refused, match="no postal address"):
        LetterChannel(press=press, tray=tray).send(message=message(medium=Medium.EVENT))


class Jammed:
    def set(self, *, layout, data, day):
        raise PaperError("layout letter: something is wrong")


def test_a_layout_that_cannot_be_printed_stops_the_press_for_all(tray):
    with pytest.raises(Unreachable, match="layout letter: something is wrong"):
        LetterChannel(press=Jammed(), tray=tray).send(message=message())


def test_a_print_folder_that_cannot_be_written_is_unreachable(press, tmp_path):
    (tmp_path / "waiting").write_text("")
    with pytest.raises(Unreachable, match="the print folder cannot be written"):
        LetterChannel(press=press, tray=Tray(folder=tmp_path)).send(message=message())


def test_a_letter_that_lies_there_after_an_error_is_a_doubt(press, tray, monkeypatch):
    def half_done(_folder):
        raise OSError(5, "Input/output error")

    monkeypatch.setattr("notifiers.tray._sync_folder", half_done)
    with pytest.raises(Ambiguous, match="the print folder cannot be written"):
        LetterChannel(press=press, tray=tray).send(message=message())


def _with(**changes):
    return Addressee(**{"name": WANG.name, "address": WANG.address, "fields": WANG.fields} | changes)
