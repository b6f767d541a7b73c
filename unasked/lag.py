"""Lag: how many records of each topic are on the broker and not yet applied."""

from __future__ import annotations

from collections.abc import Sequence

from streams.broker import Broker, BrokerUnreachable
from streams.topics import MissingTopics, edges
from unasked.brokers import current_broker
from unasked.errors import Refusal
from unasked.settings import Settings


def unread(settings: Settings, offsets: Sequence[tuple[str, str, int, int]]) -> dict[str, int | str]:
    """Return topic -> records not yet applied, or why that cannot be said; a silent broker is no error here."""
    try:
        broker = current_broker(settings)
        mine = {(topic, part): following for name, topic, part, following in offsets if name == broker.identity}
        return {topic: behind(broker, topic, mine) for topic in sorted({topic for topic, _ in mine})}
    except (BrokerUnreachable, MissingTopics) as error:
        return {"unknown": str(error).partition("\n")[0]}
    except Refusal:
        # No broker is named, and no embedded one runs: there is nothing to lag behind.
        return {}


def behind(broker: Broker, topic: str, following: dict[tuple[str, int], int]) -> int:
    """Return how many records of a topic lie after the next offsets to apply; raises BrokerUnreachable."""
    ends = edges(broker, topic)
    return sum(max(0, edge.end - following.get((topic, number), edge.beginning)) for number, edge in ends.items())
