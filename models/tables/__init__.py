"""Every table of Unasked, one file for each group that changes together."""

from models.tables.books import (
    audit_entry,
    certificate,
    closed_day,
    holiday_year,
    ingest_offset,
    pause,
    quarantine,
    role_lock,
    run,
    schema_floor,
    trigger_move,
    trigger_proposal,
    trigger_version,
    turn,
)
from models.tables.casework import cohort_member, occurrence, occurrence_log, recall, step, task, task_result
from models.tables.columns import metadata
from models.tables.population import finding, hold, is_news, key_change, person_key, resident, resident_version
from models.tables.post import attempt, notification, notification_log
from models.tables.shadow import shadow, shadow_occurrence
from models.tables.volume import volume_hold, volume_run

__all__ = [
    "attempt",
    "audit_entry",
    "certificate",
    "closed_day",
    "cohort_member",
    "finding",
    "hold",
    "holiday_year",
    "ingest_offset",
    "is_news",
    "key_change",
    "metadata",
    "notification",
    "notification_log",
    "occurrence",
    "occurrence_log",
    "pause",
    "person_key",
    "quarantine",
    "recall",
    "resident",
    "resident_version",
    "role_lock",
    "run",
    "schema_floor",
    "shadow",
    "shadow_occurrence",
    "step",
    "task",
    "task_result",
    "trigger_move",
    "trigger_proposal",
    "trigger_version",
    "turn",
    "volume_hold",
    "volume_run",
]
