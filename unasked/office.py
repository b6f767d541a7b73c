"""Wiring: from settings to an engine and a desk. The only place that knows which concrete parts belong together."""

from __future__ import annotations

import os
from dataclasses import dataclass
from datetime import UTC, date, datetime
from pathlib import Path

from sqlalchemy import Engine
from sqlalchemy.exc import ArgumentError

from casework.desk import Desk
from casework.volume import Terms
from models.database import connect, transaction
from models.migrations.upgrade import upgrade
from models.schema import check_schema, is_empty, stamp
from models.sealing import Keyring
from models.tables import metadata
from unasked.errors import Refusal
from unasked.holidays import working_days
from unasked.keys import read_keyring, scratch_keyring
from unasked.production import check_database
from unasked.settings import Profile, Settings, read_settings

#: A command may compute for long between two statements, and nobody waits for it. Seconds.
_PATIENT = 60


@dataclass(frozen=True, slots=True, kw_only=True)
class Office:
    """A database, a desk and the settings they came from."""

    engine: Engine
    desk: Desk
    settings: Settings


def current_settings() -> Settings:
    """Return the settings of this process."""
    return read_settings(os.environ)


def business_date(settings: Settings) -> date:
    """Return the business date by the system's clock."""
    return datetime.now(UTC).astimezone(settings.timezone).date()


def open_engine(settings: Settings, *, idle_seconds: int = _PATIENT) -> Engine:
    """Return an engine for the database that the settings name, not yet connected; raises Refusal."""
    try:
        return connect(settings.database_url, idle_seconds=idle_seconds)
    except (ArgumentError, ImportError, ValueError) as error:
        # The address holds a password, so neither it nor the driver's words about it are shown.
        raise Refusal(
            f"UNASKED_DATABASE_URL: no database of that address can be opened ({type(error).__name__}); "
            "write sqlite:///folder/unasked.db or postgresql+psycopg://user:password@host/name"
        ) from error


def open_office(settings: Settings | None = None, *, idle_seconds: int = _PATIENT) -> Office:
    """Open the database that the settings name; raises Refusal, DatabaseUnreachable or WrongSchema.

    The embedded profile makes the tables of a new database by itself. `idle_seconds` as in `connect`.
    """
    settings = settings or current_settings()
    check_database(settings)
    keyring = read_keyring(settings)
    engine = open_engine(settings, idle_seconds=idle_seconds)
    if settings.profile is Profile.EMBEDDED and is_empty(engine):
        upgrade(engine)
    check_schema(engine)
    return _office(engine, settings, keyring, Terms(canary=settings.canary))


def scratch_office(folder: Path, settings: Settings | None = None) -> Office:
    """Make a fresh scratch database in a folder, with a key that nobody else has; raises Refusal."""
    settings = settings or current_settings()
    path = folder / "unasked.db"
    try:
        folder.mkdir(parents=True, exist_ok=True)
        for old in folder.glob("unasked.db*"):
            old.unlink()
    except OSError as error:
        raise Refusal(
            f"{folder}: cannot be written ({error.strerror}); name a folder of your own with --out"
        ) from error
    engine = connect(f"sqlite:///{path}", durable=False)
    with transaction(engine) as db:
        metadata.create_all(db)
        stamp(db)
    return scratch_office_of(engine, settings)


def scratch_office_of(engine: Engine, settings: Settings) -> Office:
    """Return an office of books that are there, whose keys are forgotten with the process."""
    # Nobody could be asked: what is out of bounds is noted, and goes on.
    return _office(engine, settings, scratch_keyring(), Terms(stops=False))


def _office(engine: Engine, settings: Settings, keyring: Keyring, volume: Terms) -> Office:
    desk = Desk(
        keyring=keyring,
        zone=settings.timezone,
        working=working_days(settings.holidays),
        postal_lead=settings.postal_lead,
        volume=volume,
    )
    return Office(engine=engine, desk=desk, settings=settings)
