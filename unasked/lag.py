"""Lag: how many records of each topic are on the broker and not yet applied."""

from __future__ import annotations

from collections.abc import Sequence

from streams.broker import Broker, BrokerUnreachable
from streams.topics import MissingTopics, cluster_identity, edges


def unread(bootstrap: str, offsets: Sequence[tuple[str, str, int, int]]) -> dict[str, int | str]:
    """Return topic -> records not yet applied, or why that cannot be said; a silent broker is no error here."""
    broker = Broker(bootstrap=bootstrap, identity="")
    try:
        identity = cluster_identity(broker)
        mine = {(topic, partition): following for name, topic, partition, following in offsets if name == identity}
        return {topic: _behind(broker, topic, mine) for topic in sorted({topic for topic, _ in mine})}
    except (BrokerUnreachable, MissingTopics) as error:
        return {"unknown": str(error).partition("\n")[0]}


def _behind(broker: Broker, topic: str, following: dict[tuple[str, int], int]) -> int:
    ends = edges(broker, topic)
    return sum(max(0, edge.end - following.get((topic, number), edge.beginning)) for number, edge in ends.items())
