import asyncio
from types import SimpleNamespace

from faust.types import TP

from streams.agents import Table, raw_record
from streams.consumer import BATCH, Fetched

HERE, THERE = TP("t", 0), TP("t", 1)


def fetched(*offsets: int, place: TP = HERE, seek: int = 1, sequence: int = 0) -> Fetched:
    return Fetched(place=place, records=list(offsets), seek=seek, sequence=sequence, last=sequence)


async def laid(*lists: Fetched) -> Table:
    table = Table()
    for one in lists:
        await table.lay(one)
    return table


def test_lists_that_follow_each_other_are_taken_as_one() -> None:
    async def scene() -> Fetched:
        table = await laid(fetched(0, 1, sequence=4), fetched(2, sequence=5), fetched(3, sequence=6))
        return await table.take()

    taken = asyncio.run(scene())
    assert (taken.records, taken.sequence, taken.last) == ([0, 1, 2, 3], 4, 6)


def test_a_list_lost_in_between_is_not_bridged() -> None:
    async def scene() -> list[list[int]]:
        table = await laid(fetched(0, sequence=1), fetched(2, sequence=3), fetched(3, seek=2, sequence=4))
        return [list((await table.take()).records) for _ in range(3)]

    assert asyncio.run(scene()) == [[0], [2], [3]]


def test_partitions_take_turns() -> None:
    async def scene() -> list[int]:
        lists = [fetched(n, sequence=2 * n) for n in range(3)]  # with gaps, so that they stay apart
        table = await laid(*lists, fetched(9, place=THERE))
        return [(await table.take()).place.partition for _ in range(4)]

    assert asyncio.run(scene()) == [0, 1, 0, 0]


def test_one_transaction_has_a_bound() -> None:
    async def scene() -> int:
        table = await laid(*(fetched(*range(n * 400, n * 400 + 400), sequence=n) for n in range(5)))
        return len((await table.take()).records)

    assert asyncio.run(scene()) == BATCH // 400 * 400


def test_the_agents_wait_while_too_much_lies_there() -> None:
    async def scene() -> tuple[bool, bool]:
        table = await laid(*(fetched(*range(BATCH), sequence=n) for n in range(8)))
        waiting = asyncio.create_task(table.lay(fetched(0, sequence=8)))
        await asyncio.sleep(0)
        waited = not waiting.done()
        await table.take()
        await asyncio.wait_for(waiting, 5)
        return waited, waiting.done()

    assert asyncio.run(scene()) == (True, True)


def test_a_kafka_record_becomes_a_raw_record() -> None:
    record = SimpleNamespace(
        topic="t", partition=1, offset=7, timestamp=None, key=b"k", value=None, headers=(("a", b"b"),)
    )
    raw = raw_record(record)
    assert (raw.source, raw.timestamp_ms, raw.key, raw.value, raw.headers) == ("t/1/7", 0, b"k", None, (("a", b"b"),))
