"""Topics: their names, making them, and checking that they exist before anybody reads or writes."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from kafka import TopicPartition
from kafka.errors import TopicAlreadyExistsError

from streams.broker import Broker, admin, offsets_reader

#: Changes of the population library, key = resident_id.
POPULATION = "population.resident"
#: Answers of departments that have a system of their own.
TASK_RESULTS = "unasked.task-results"
#: Tasks for such a department, as CloudEvents.
TASKS_PREFIX = "unasked.tasks."
#: Kafka consumer group of all workers.
GROUP = "unasked-intake"
#: Partitions of a topic that is made here; workers above this number are idle.
PARTITIONS = 8


class MissingTopics(Exception):
    """Topics that do not exist; a worker never makes them, and would wait for ever without a word. Exit code 3."""

    def __init__(self, names: Iterable[str], bootstrap: str) -> None:
        listed = ", ".join(sorted(names))
        super().__init__(
            f"{bootstrap}: no topic {listed}; run `unasked topics create`, or mend `topic` in the source mapping\n"
            f"{bootstrap}:没有主题 {listed};请运行 `unasked topics create`,或改正来源映射中的 topic"
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Edges:
    """The first offset that a partition still has, and the one that its next record will get."""

    beginning: int
    end: int


def tasks_topic(department: str) -> str:
    """Return the topic on which a department gets its tasks."""
    return f"{TASKS_PREFIX}{department}"


def existing(broker: Broker) -> set[str]:
    """Return the names of all topics; raises BrokerUnreachable."""
    with admin(broker) as client:
        return set(client.list_topics())


def require(broker: Broker, names: Iterable[str]) -> None:
    """Check that all these topics exist; raises MissingTopics or BrokerUnreachable."""
    missing = set(names) - existing(broker)
    if missing:
        raise MissingTopics(missing, broker.bootstrap)


def create(broker: Broker, names: Iterable[str], *, partitions: int = PARTITIONS, replicas: int = -1) -> list[str]:
    """Make the topics that do not exist yet and return their names; raises BrokerUnreachable.

    `replicas` -1 is the cluster's own default. The embedded broker cannot: its topics are named when it starts.
    """
    made = []
    with admin(broker) as client:
        for name in sorted(set(names) - set(client.list_topics())):
            try:
                client.create_topics({name: {"num_partitions": partitions, "replication_factor": replicas}})
            except TopicAlreadyExistsError:
                # Somebody else was quicker; what matters is that it is there.
                continue
            made.append(name)
    return made


def cluster_identity(broker: Broker) -> str:
    """Return the cluster's own id, under which the offset ledger keeps its positions; raises BrokerUnreachable."""
    with admin(broker) as client:
        return str(client.describe_cluster()["cluster_id"])


def edges(broker: Broker, topic: str) -> Mapping[int, Edges]:
    """Return the offsets at both ends of every partition of a topic; raises MissingTopics or BrokerUnreachable."""
    with offsets_reader(broker) as client:
        partitions = client.partitions_for_topic(topic)
        if not partitions:
            raise MissingTopics([topic], broker.bootstrap)
        places = [TopicPartition(topic, number) for number in sorted(partitions)]
        beginnings, ends = client.beginning_offsets(places), client.end_offsets(places)
    return {place.partition: Edges(beginning=beginnings[place], end=ends[place]) for place in places}
