import json
import os
import threading
from pathlib import Path

import pytest

from notifiers.channels.channel import Ambiguous, Unreachable
from notifiers.channels.file import FileChannel
from notifiers.message import Medium
from tests.unit.notifiers.post_kit import message


def _lines(path):
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]


def test_a_message_becomes_a_line_with_its_keys_its_address_and_its_words(tmp_path):
    path = tmp_path / "new" / "out.jsonl"
    FileChannel(path=path).send(message=message(medium=Medium.CARD, template="senior-card"))
    (line,) = _lines(path)
    assert (line["attempt_id"], line["resident_id"], line["on"]) == ("attempt-1", "r1", "2026-03-01")
    assert line["to"]["name"] == "王秀英"
    assert line["pages"][0]["title"] == "您的老年人优待证"
    assert line["card"]["lines"][2]["value"] == "•••• 8826"


def test_an_event_becomes_a_line_without_a_person(tmp_path):
    FileChannel(path=tmp_path / "out.jsonl").send(message=message(medium=Medium.EVENT))
    (line,) = _lines(tmp_path / "out.jsonl")
    assert (line["to"], line["pages"], line["card"]) == (None, [], None)


def test_the_same_attempt_twice_is_written_once(tmp_path):
    channel = FileChannel(path=tmp_path / "out.jsonl")
    receipts = [channel.send(message=message()) for _ in range(2)]
    assert receipts[0] == receipts[1]
    assert len(_lines(tmp_path / "out.jsonl")) == 1


def test_the_same_attempt_after_a_restart_is_written_once(tmp_path):
    for _ in range(2):
        FileChannel(path=tmp_path / "out.jsonl").send(message=message())
    assert len(_lines(tmp_path / "out.jsonl")) == 1


def test_two_writers_see_each_others_lines(tmp_path):
    one, other = (FileChannel(path=tmp_path / "out.jsonl") for _ in range(2))

    def write(channel):
        for number in range(100):
            channel.send(message=message(number=number))

    threads = [threading.Thread(target=write, args=(channel,)) for channel in (one, other)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(line["attempt_id"] for line in _lines(tmp_path / "out.jsonl")) == sorted(
        f"attempt-{number}" for number in range(100)
    )


@pytest.mark.parametrize("length", [1, 30, 5000])
def test_a_torn_last_line_is_a_message_that_was_not_written(tmp_path, length):
    path = tmp_path / "out.jsonl"
    FileChannel(path=path).send(message=message(number=1))
    whole = path.read_bytes()
    path.write_bytes(whole + (b'{"attempt_id": "attempt-2", "notification_id":"' + b"x" * 5000)[:length])
    FileChannel(path=path).send(message=message(number=2))
    assert [line["attempt_id"] for line in _lines(path)] == ["attempt-1", "attempt-2"]


def test_a_file_that_was_cut_short_is_read_anew(tmp_path):
    channel = FileChannel(path=tmp_path / "out.jsonl")
    for number in (1, 2):
        channel.send(message=message(number=number))
    os.truncate(tmp_path / "out.jsonl", 0)
    channel.send(message=message(number=1))
    assert [line["attempt_id"] for line in _lines(tmp_path / "out.jsonl")] == ["attempt-1"]


def test_a_closed_channel_opens_its_file_again(tmp_path):
    channel = FileChannel(path=tmp_path / "out.jsonl", durable=True)
    channel.send(message=message(number=1))
    channel.close()
    channel.send(message=message(number=2))
    assert len(_lines(tmp_path / "out.jsonl")) == 2


def test_only_the_owner_can_read_the_file(tmp_path):
    FileChannel(path=tmp_path / "out.jsonl").send(message=message())
    assert (tmp_path / "out.jsonl").stat().st_mode & 0o077 == 0


def test_a_place_that_cannot_be_written_is_unreachable(tmp_path):
    with pytest.raises(Unreachable, match=r"^folder: Is a directory$"):
        (tmp_path / "folder").mkdir()
        FileChannel(path=tmp_path / "folder").send(message=message())


def test_a_full_disk_is_unreachable():
    with pytest.raises(Unreachable, match="No space left on device"):
        FileChannel(path=Path("/dev/full")).send(message=message())


def test_a_file_of_somebody_else_is_left_alone(tmp_path):
    (tmp_path / "out.jsonl").write_text("hello\n")
    with pytest.raises(Unreachable, match="holds a line that is no message; give the channel its own file"):
        FileChannel(path=tmp_path / "out.jsonl").send(message=message())
    assert (tmp_path / "out.jsonl").read_text() == "hello\n"


def test_a_disk_that_does_not_confirm_leaves_a_doubt(tmp_path, monkeypatch):
    def refuse(_descriptor):
        raise OSError(5, "Input/output error")

    monkeypatch.setattr(os, "fdatasync", refuse)
    with pytest.raises(Ambiguous, match="written but not safely stored"):
        FileChannel(path=tmp_path / "out.jsonl", durable=True).send(message=message())
