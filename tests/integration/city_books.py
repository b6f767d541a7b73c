"""The books of the test city as short lines that a test can compare and a person can read."""

from __future__ import annotations

import json
from datetime import date
from typing import Any

from sqlalchemy import Engine, Table, select

from casework.exports import notifications, occurrences, tasks
from models.database import transaction
from models.tables import cohort_member, finding, metadata, occurrence, quarantine, step

Line = dict[str, Any]
#: Columns that tell when something was tried, not what is the case.
_RESTLESS = {"closed_day": {"fence"}}


def _because(line: Line) -> str:
    return f"{line['state']} ({line['reason']})" if line["reason"] else str(line["state"])


class Books:
    """Reads everything by a resident's key."""

    engine: Engine
    today: date

    def tasks(self, key: str | None = None) -> list[str]:
        """Return "created step state (reason)" of each task, oldest first."""
        return [f"{t['created_on']} {t['step']} {_because(t)}" for t in self.task_lines(key)]

    def task_lines(self, key: str | None = None) -> list[Line]:
        """Return the task lines as they are exported."""
        with transaction(self.engine) as db:
            return sorted((t for t in tasks(db) if key in (None, t["resident_id"])), key=_task_order)

    def task(self, key: str, step_name: str) -> Line:
        """Return the newest task of a step."""
        return [t for t in self.task_lines(key) if t["step"] == step_name][-1]

    def notices(self, key: str | None = None) -> list[str]:
        """Return "created step state (reason)" of each message; a card is one too."""
        return [f"{n['created_on']} {n['step']} {_because(n)}" for n in self.notice_lines(key)]

    def notice_lines(self, key: str | None = None) -> list[Line]:
        """Return the notification lines as they are exported."""
        with transaction(self.engine) as db:
            found = [n for n in notifications(db) if key in (None, n["resident_id"])]
        return sorted(found, key=lambda n: (n["created_on"], n["step"], n["resident_id"]))

    def due(self, key: str | None = None) -> list[str]:
        """Return "trigger moment state (reason)" of each occurrence."""
        lines = self.occurrence_lines(key)
        return [f"{o['trigger']} {o['moment']} {_because(o)}" for o in lines]

    def occurrence_lines(self, key: str | None = None) -> list[Line]:
        """Return the occurrence lines as they are exported, with their history."""
        with transaction(self.engine) as db:
            found = [o for o in occurrences(db) if key in (None, o["resident_id"])]
        return sorted(found, key=lambda o: (o["moment"], o["trigger"], o["resident_id"]))

    def steps(self, key: str) -> list[str]:
        """Return "step day state (reason)" of every step of a resident."""
        o, s = occurrence.c, step.c
        query = (
            select(s.step, s.day, s.state, s.reason)
            .join_from(step, occurrence, s.occurrence_id == o.occurrence_id)
            .where(o.resident_id == key)
            .order_by(o.trigger_id, o.ordinal, s.day, s.step)
        )
        with transaction(self.engine) as db:
            return [f"{row['step']} {row['day']} {_because(dict(row))}" for row in db.execute(query).mappings()]

    def findings(self, key: str) -> list[str]:
        """Return "field kind" of what the quality gate noticed; keys and lineages are the same here."""
        return sorted({f"{f['field']} {f['kind']}" for f in self.table(finding) if f["lineage"] == key})

    def quarantined(self) -> list[str]:
        """Return the reasons of the records that were put aside."""
        return sorted(row["reason"] for row in self.table(quarantine))

    def cohort(self, key: str) -> list[str]:
        """Return "year zone stratum" of a child's places in a cohort."""
        rows = [m for m in self.table(cohort_member) if m["lineage"] == key]
        return sorted(f"{m['entry_year']} {m['zone']} {m['stratum']}" for m in rows)

    def table(self, table: Table) -> list[Line]:
        """Return all rows of a table."""
        with transaction(self.engine) as db:
            return [dict(row) for row in db.execute(select(table)).mappings()]

    def everything(self) -> dict[str, list[str]]:
        """Return every row of every table as text, to see that nothing has changed."""
        return {t.name: sorted(_plain(row) for row in self.table(t)) for t in metadata.sorted_tables}


def _task_order(line: Line) -> tuple[str, str, str]:
    return line["created_on"], line["resident_id"], line["step"]


def _plain(row: Line) -> str:
    return json.dumps(row, default=str, sort_keys=True)
