from datetime import datetime, time

import pytest

from notifiers.channels.channel import Capability, Receipt
from notifiers.channels.memory import MemoryChannel
from notifiers.message import Medium
from notifiers.post_office import MEDIA, Counter, Hours, WiringError, all_to
from tests.unit.notifiers.post_kit import NOW, ZONE, post_office, with_counters


class Deaf:
    """Calls itself queryable and cannot be asked."""

    name = "deaf"
    capability = Capability.QUERYABLE

    def send(self, *, message):
        return Receipt()


@pytest.mark.parametrize(
    ("hour", "is_open"), [((8, 59), False), ((9, 0), True), ((16, 59), True), ((17, 0), False), ((3, 0), False)]
)
def test_a_channel_with_hours_is_closed_outside_of_them(hour, is_open):
    counters = {"sms": Counter(channel=MemoryChannel(), medium=Medium.SHORT, hours=Hours())}
    post = with_counters(post_office(), counters)
    now = datetime.combine(NOW.date(), time(*hour), tzinfo=ZONE)
    assert post.closed(now) == ([] if is_open else ["sms"])


def test_a_queryable_channel_that_cannot_be_asked_is_refused_at_wiring():
    with pytest.raises(
        WiringError, match='channel "sms" is queryable but has no `ask`; add it or declare the channel blind'
    ):
        with_counters(post_office(), {"sms": Counter(channel=Deaf(), medium=Medium.SHORT)})


@pytest.mark.parametrize("window", [0, 1001])
def test_a_window_must_be_sensible(window):
    with pytest.raises(WiringError, match=f'channel "sms" has window {window}; write 1 to 1000'):
        with_counters(post_office(), {"sms": Counter(channel=MemoryChannel(), medium=Medium.SHORT, window=window)})


def test_a_simulation_leads_every_channel_of_the_contract_to_one():
    channel = MemoryChannel()
    counters = all_to(channel)
    assert set(counters) == set(MEDIA)
    assert all(counter.channel is channel and counter.hours is None for counter in counters.values())
