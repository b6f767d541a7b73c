from datetime import date

import pytest

from notifiers.tray import Tray

DAY = date(2026, 3, 1)


def test_a_letter_waits_until_it_is_handed_over(tmp_path):
    tray = Tray(folder=tmp_path)
    tray.put(attempt_id="b", pdf=b"B")
    tray.put(attempt_id="a", pdf=b"A")
    assert tray.waiting() == ["a", "b"]
    assert tray.hand_over(attempt_id="a", day=DAY) == tmp_path / "handed" / "2026-03-01" / "a.pdf"
    assert tray.waiting() == ["b"]
    assert (tmp_path / "handed" / "2026-03-01" / "a.pdf").read_bytes() == b"A"


def test_a_recalled_letter_is_kept_apart(tmp_path):
    tray = Tray(folder=tmp_path)
    tray.put(attempt_id="a", pdf=b"A")
    assert tray.recall(attempt_id="a").read_bytes() == b"A"
    assert not tray.holds("a")


def test_a_half_written_letter_is_not_seen_by_the_printing_house(tmp_path):
    tray = Tray(folder=tmp_path)
    tray.put(attempt_id="a", pdf=b"A")
    (tmp_path / "waiting" / ".b.123.part").write_bytes(b"%PDF-half")
    (tmp_path / "waiting" / ".c.pdf").write_bytes(b"%PDF-half")
    assert tray.waiting() == ["a"]


def test_only_the_owner_can_read_a_letter(tmp_path):
    tray = Tray(folder=tmp_path)
    tray.put(attempt_id="a", pdf=b"A")
    assert (tmp_path / "waiting" / "a.pdf").stat().st_mode & 0o077 == 0


def test_an_empty_tray_has_nothing_waiting(tmp_path):
    assert Tray(folder=tmp_path / "new").waiting() == []


def test_a_folder_that_cannot_be_written_is_an_error_of_the_system(tmp_path):
    (tmp_path / "waiting").write_text("a file stands where the folder should be")
    with pytest.raises(OSError, match="waiting"):
        Tray(folder=tmp_path).put(attempt_id="a", pdf=b"A")


def test_of_two_processes_that_move_a_letter_the_slower_finds_it_moved(tmp_path):
    tray = Tray(folder=tmp_path)
    tray.put(attempt_id="a", pdf=b"A")
    assert tray.recall(attempt_id="a") == tray.recall(attempt_id="a")
    with pytest.raises(FileNotFoundError):
        tray.recall(attempt_id="b")
