"""What lies on a topic, written down as an event file."""

import json
from pathlib import Path
from typing import Any

from kafka import TopicPartition

from streams.broker import Broker, offsets_reader
from streams.topics import edges


def records(broker: Broker, topic: str) -> list[Any]:
    """Return every record of a topic, partition by partition."""
    ends = {number: edge.end for number, edge in edges(broker, topic).items()}
    found: list[Any] = []
    with offsets_reader(broker) as client:
        places = [TopicPartition(topic, number) for number in ends]
        client.assign(places)
        client.seek_to_beginning(*places)
        while any(client.position(place) < ends[place.partition] for place in places):
            for part in client.poll(timeout_ms=1000, max_records=5000).values():
                found += part
    return sorted(found, key=lambda record: (record.partition, record.offset))


def write_events(found: list[Any], path: Path) -> Path:
    """Write records as an event file, with their keys and headers; each position of the source's log once."""
    with path.open("w", encoding="utf-8") as file:
        for record in found:
            if record.value is not None:
                file.write(json.dumps(_whole(record), ensure_ascii=False) + "\n")
    return path


def _whole(record: Any) -> dict[str, Any]:
    headers = [[name, value.decode()] for name, value in record.headers or () if name.startswith("__debezium.")]
    return {"key": record.key.decode(), "value": json.loads(record.value), "headers": headers}
