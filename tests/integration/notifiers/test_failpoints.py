"""Delivery stops dead at each of its failpoints and is started again: everything is sent, and nothing twice."""

from collections.abc import Iterator
from datetime import timedelta

import pytest

from models.failpoint import POINTS, FailpointError, arm, disarm
from notifiers.channels.channel import Capability
from notifiers.channels.letter import LetterChannel
from notifiers.channels.memory import MemoryChannel
from notifiers.hand_over import hand_over
from notifiers.message import Medium
from notifiers.post_office import Counter, PostOffice
from notifiers.press import Press
from notifiers.tray import Tray
from tests.integration.notifiers.outbox_kit import deliver_all, fill, fill_more, states
from tests.unit.notifiers.post_kit import NOW, open_gate, post_office, with_counters

pytest.importorskip("typst")

_OURS = [point for point in POINTS if not point.startswith(("positions", "intake", "close", "certify"))]


@pytest.fixture(autouse=True)
def nothing_armed() -> Iterator[None]:
    yield
    disarm()


@pytest.fixture(scope="module")
def press() -> Press:
    return Press()


def work(engine, post: PostOffice, tray: Tray, minutes: int) -> None:
    """One round of a delivery process."""
    now = NOW + timedelta(minutes=minutes)
    deliver_all(engine, post, now=now)
    hand_over(engine=engine, tray=tray, gate=open_gate, now=now, today=now.date())


@pytest.mark.parametrize("capability", [Capability.KEYED, Capability.QUERYABLE])
@pytest.mark.parametrize("point", _OURS)
def test_delivery_that_stops_dead_at_a_failpoint_sends_everything_once(engine, tmp_path, press, point, capability):
    fill(engine, 3)
    fill_more(engine, 4, channel="letter")
    channel, tray = MemoryChannel(capability=capability), Tray(folder=tmp_path / "print")
    letters = Counter(channel=LetterChannel(press=press, tray=tray), medium=Medium.LETTER)
    post = post_office(channel)
    post = with_counters(post, {**post.counters, "letter": letters})
    arm(f"{point}:1:raise")
    with pytest.raises(FailpointError):
        work(engine, post, tray, 0)
    for minutes in (3, 14, 28, 42):
        work(engine, post, tray, minutes)
    assert states(engine) == {"sent": 4}
    assert len(channel.accepted) == len({message.attempt_id for message in channel.accepted}) == 3
    assert len(list((tray.folder / "handed").rglob("*.pdf"))) == 1
