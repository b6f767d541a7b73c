"""Wiring: from settings to an engine and a desk. The only place that knows which concrete parts belong together."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path

from sqlalchemy import Engine

from casework.desk import Desk
from models.database import connect
from models.schema import check_schema
from models.tables import metadata
from rules.working_days import ChinaWorkingDays
from unasked.errors import Refusal
from unasked.keys import read_keyring, scratch_keyring
from unasked.settings import Settings, read_settings


@dataclass(frozen=True, slots=True, kw_only=True)
class Office:
    """A database, a desk and the settings they came from."""

    engine: Engine
    desk: Desk
    settings: Settings


def current_settings() -> Settings:
    """Return the settings of this process."""
    return read_settings(os.environ)


def open_office(settings: Settings | None = None) -> Office:
    """Open the database that the settings name; raises Refusal or DatabaseUnreachable, SchemaTooOld."""
    settings = settings or current_settings()
    keyring = read_keyring(settings)
    engine = connect(settings.database_url)
    check_schema(engine)
    desk = Desk(keyring=keyring, zone=settings.timezone, working=ChinaWorkingDays(), postal_lead=settings.postal_lead)
    return Office(engine=engine, desk=desk, settings=settings)


def scratch_office(folder: Path, settings: Settings | None = None) -> Office:
    """Make a fresh scratch database in a folder, with a key that nobody else has; raises Refusal."""
    settings = settings or current_settings()
    path = folder / "unasked.db"
    try:
        folder.mkdir(parents=True, exist_ok=True)
        for old in folder.glob("unasked.db*"):
            old.unlink()
    except OSError as error:
        raise Refusal(f"{folder}: cannot be written ({error.strerror}); name a folder of your own with --out") from error
    engine = connect(f"sqlite:///{path}", durable=False)
    metadata.create_all(engine)
    desk = Desk(
        keyring=scratch_keyring(),
        zone=settings.timezone,
        working=ChinaWorkingDays(),
        postal_lead=settings.postal_lead,
    )
    return Office(engine=engine, desk=desk, settings=settings)
