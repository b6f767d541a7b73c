"""A worker as Faust's own documentation writes it, for one case of bench/stock_faust.py; nothing of ours is in it.

It writes one line for each record that it has applied, and one for each time that it was given partitions.
"""

import asyncio
import json
import sys
import time
from collections.abc import AsyncIterable, Callable
from pathlib import Path
from typing import Any

import faust
from mode.supervisors import CrashingSupervisor

_FOR_EVER = 3600.0


class Numbered(faust.Record):
    """A record."""

    number: int


class Worker:
    """One life of the worker of a case."""

    def __init__(self, job: dict[str, Any]) -> None:
        self.job, self.first = job, True
        options: dict[str, Any] = {"agent_supervisor": CrashingSupervisor} if job["case"] == "F2" else {}
        self.app = faust.App(
            job["group"],
            broker=f"kafka://{job['bootstrap']}",
            store="memory://",
            web_enabled=False,
            broker_commit_interval=0.5,
            broker_session_timeout=10,
            broker_heartbeat_interval=1,
            **options,
        )
        self.topic = self.app.topic(job["topic"], value_type=Numbered)
        self.app.on_partitions_assigned.connect(self._assigned)
        concurrency = 2 if job["case"] == "F4" else 1
        self.app.agent(self.topic, name=job["case"], concurrency=concurrency)(self._body())

    def _body(self) -> Callable[[Any], Any]:
        return {"F3": self._acknowledge_by_hand, "F4": self._one_by_one, "F8": self._filter}.get(
            self.job["case"], self._take
        )

    async def _take(self, stream: Any) -> None:
        async for batch in stream.take(10, within=1.0):
            await self._misfortune()
            self._apply(batch)

    async def _acknowledge_by_hand(self, stream: Any) -> None:
        async for events in stream.noack_take(10, within=1.0):
            await self._misfortune()
            self._apply([event.value for event in events])
            for event in events:
                event.ack()

    async def _one_by_one(self, stream: AsyncIterable[Numbered]) -> None:
        async for value in stream:
            if self.job["life"] == 1 and value.number == 5:
                await asyncio.sleep(_FOR_EVER)
            self._apply([value])

    async def _filter(self, stream: Any) -> None:
        async for value in stream.filter(lambda value: value.number >= 10):
            self._apply([value])

    async def _misfortune(self) -> None:
        """What the first batch of a first life meets with."""
        if not self.first or self.job["life"] > 1:
            return
        self.first = False
        match self.job["trouble"]:
            case "raise":
                raise RuntimeError("the database refused this batch")
            case "slow":
                await asyncio.sleep(15)
            case "wedge":
                self._tell("wedged")
                time.sleep(_FOR_EVER)

    def _apply(self, batch: list[Any]) -> None:
        for value in batch:
            self._tell(f"applied {value.number}")

    async def _assigned(self, *_: Any, **__: Any) -> None:
        self._tell(f"assigned {time.monotonic()}")

    def _tell(self, line: str) -> None:
        with Path(self.job["out"]).open("a", encoding="utf-8") as file:
            file.write(f"{line}\n")


if __name__ == "__main__":
    given = json.loads(sys.argv[1])
    faust.Worker(
        Worker(given).app, loglevel="warn", logfile=given["log"], redirect_stdouts=False
    ).execute_from_commandline()
