"""The one list of alarms: metrics, log events and the runbook are made from it or checked against it.

An alarm is a question to the signs of a process, which are figures by name. A figure that a process does not have
rings nothing there.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

#: Figures by name; all of them are metrics, `unasked_<name>`.
Signs = Mapping[str, float]

#: Figure -> what it is, for the metric.
FIGURES = {
    "database_silent": "1 when the database does not answer.",
    "partition_still_seconds": "Seconds for which records of a partition have been waiting without one being applied.",
    "days_behind": "Days between the newest closed day and today.",
    "clock_silent_seconds": "Seconds for which no clock has led.",
    "outbox_seconds": "Seconds for which a message that may go out has been seen waiting.",
    "quarantined": "Records that wait in the quarantine.",
    "quarantined_today": "Records that came today and wait in the quarantine.",
    "residue": "Residue of the newest certificates.",
    "source_silent": "1 when the source database does not answer.",
    "slot_missing": "1 when the source has no replication slot of that name.",
    "slot_lost": "1 when the source threw away log that the slot still needed.",
    "slot_inactive": "1 when no connector reads from the slot.",
    "slot_retained_bytes": "Log that the source keeps for the slot.",
    "identity_weak": "1 when the replica identity of the table is not FULL.",
    "unpublished": "1 when the publication does not have the table.",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Alarm:
    """Something that a person has to look at; docs/howto/runbook.md says what to do."""

    name: str
    #: The figure that is looked at, and above which value the alarm rings.
    figure: str
    above: float = 0.0
    #: What it means, in one sentence.
    means: str

    def rings(self, signs: Signs) -> bool:
        """Whether it rings."""
        return signs.get(self.figure, 0.0) > self.above


ALARMS = (
    Alarm(name="database_silent", figure="database_silent", means="the database of the books does not answer"),
    Alarm(
        name="partition_stuck",
        figure="partition_still_seconds",
        # Before the worker ends itself, which it does after a minute.
        above=30.0,
        means="records of a partition wait and none of them is applied",
    ),
    Alarm(
        name="clock_silent",
        figure="clock_silent_seconds",
        above=300.0,
        means="no clock leads, so no step runs",
    ),
    Alarm(name="sweep_missed", figure="days_behind", means="a business day has begun and is not closed"),
    Alarm(name="outbox_old", figure="outbox_seconds", above=900.0, means="messages that may go out are not sent"),
    Alarm(
        name="quarantine_grows",
        figure="quarantined_today",
        above=20.0,
        means="many records of today could not be applied",
    ),
    Alarm(name="residue", figure="residue", means="a certificate says that somebody was missed or served twice"),
    Alarm(name="source_silent", figure="source_silent", means="the source database does not answer"),
    Alarm(
        name="slot_missing", figure="slot_missing", means="the source has no replication slot: its changes go nowhere"
    ),
    Alarm(name="slot_lost", figure="slot_lost", means="the source threw away changes that had not been sent"),
    Alarm(name="slot_inactive", figure="slot_inactive", means="no connector reads from the replication slot"),
    Alarm(
        name="slot_lags",
        figure="slot_retained_bytes",
        above=2.0**30,
        means="the source keeps more than 1 GiB of log for the connector",
    ),
    Alarm(name="identity_weak", figure="identity_weak", means="changes of the table come without what they changed"),
    Alarm(name="unpublished", figure="unpublished", means="the publication of the connector does not have the table"),
)
