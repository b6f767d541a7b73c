"""The one reader of the environment. Every setting is named here and in docs/reference/settings.md."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from unasked.errors import Refusal

#: A host name or address, IPv6 in brackets, and a port.
_SERVER = re.compile(r"(?:[^\s:\[\]]+|\[[0-9A-Fa-f:.]+\])(?::[0-9]{1,5})?")


class Profile(StrEnum):
    """Where Unasked runs."""

    EMBEDDED = "embedded"
    SERVICE = "service"
    PRODUCTION = "production"


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """All settings, read once at the start of a process."""

    #: UNASKED_HOME: the data folder.
    home: Path
    #: UNASKED_DATABASE_URL: SQLAlchemy URL; the default is a SQLite file in the home folder.
    database_url: str = field(repr=False)
    #: UNASKED_KAFKA: bootstrap servers; unset means the embedded broker.
    kafka: str | None
    #: UNASKED_KAFKA_USER, UNASKED_KAFKA_PASSWORD: whose credentials (SCRAM-SHA-512, over TLS); unset means plain text.
    kafka_user: str | None
    kafka_password: str | None = field(repr=False)
    #: UNASKED_KAFKA_CA: file of the authority that signed the brokers' certificates; unset means the system's.
    kafka_ca: Path | None
    #: UNASKED_SOURCE_URL: the database of the population library, for reconciliation, first load and the slot's alarms.
    source_url: str | None = field(repr=False)
    #: UNASKED_SOURCE_SLOT: the replication slot that its connector reads from.
    source_slot: str
    #: UNASKED_SOURCE_MAPPING: document that says how its table is read; unset means the contract's own row.
    source_mapping: Path | None
    #: UNASKED_INSTANCE: lasting name of this worker in its consumer group; unset means a new name for each start.
    instance: str | None
    #: UNASKED_PROFILE.
    profile: Profile
    #: UNASKED_TIMEZONE: the zone of the business date.
    timezone: ZoneInfo
    #: UNASKED_SMTP_URL: smtp://user:password@host:port; unset means that e-mail is not sent.
    smtp_url: str | None = field(repr=False)
    #: UNASKED_KEYS: master keys for personal identifiers, "id:base64,id:base64", the newest last.
    keys: str | None = field(repr=False)
    #: UNASKED_POSTAL_LEAD: days that a letter needs; frozen into each trigger version at publication.
    postal_lead: int
    #: UNASKED_FAIL: a failpoint to arm, for tests of what happens when a process dies there.
    fail: str | None
    #: UNASKED_SENDERS: document that says in whose name the post goes out; unset means a sample city.
    senders: Path | None
    #: UNASKED_FONT: file of a font with Chinese characters for letters and cards.
    font: Path | None
    #: UNASKED_HOLIDAYS: file of days that differ from the built-in calendar of working days.
    holidays: Path | None
    #: UNASKED_CANARY: occurrences of a run out of bounds that go first, before two people are asked.
    canary: int = 5
    #: UNASKED_PRICES: what one message costs by channel, in fen, "sms=5,letter=120".
    prices: Mapping[str, int] = field(default_factory=dict)


def read_settings(environ: Mapping[str, str]) -> Settings:
    """Return the settings of an environment; secrets may also stand in files named by `*_FILE`. Raises Refusal."""
    home = Path(environ.get("UNASKED_HOME") or "var")
    font, holidays = environ.get("UNASKED_FONT"), environ.get("UNASKED_HOLIDAYS")
    authority = environ.get("UNASKED_KAFKA_CA")
    senders, mapping = environ.get("UNASKED_SENDERS"), environ.get("UNASKED_SOURCE_MAPPING")
    return Settings(
        home=home,
        database_url=_secret(environ, "UNASKED_DATABASE_URL") or f"sqlite:///{home / 'unasked.db'}",
        kafka=_servers(environ.get("UNASKED_KAFKA") or None),
        kafka_user=environ.get("UNASKED_KAFKA_USER") or None,
        kafka_password=_secret(environ, "UNASKED_KAFKA_PASSWORD"),
        kafka_ca=Path(authority) if authority else None,
        source_url=_secret(environ, "UNASKED_SOURCE_URL"),
        source_slot=environ.get("UNASKED_SOURCE_SLOT") or "unasked",
        source_mapping=Path(mapping) if mapping else None,
        instance=environ.get("UNASKED_INSTANCE") or None,
        profile=_profile(environ.get("UNASKED_PROFILE") or Profile.EMBEDDED),
        timezone=_zone(environ.get("UNASKED_TIMEZONE") or "Asia/Shanghai"),
        smtp_url=_secret(environ, "UNASKED_SMTP_URL"),
        keys=_secret(environ, "UNASKED_KEYS"),
        postal_lead=_days(environ.get("UNASKED_POSTAL_LEAD") or "0"),
        canary=_canary(environ.get("UNASKED_CANARY") or "5"),
        fail=environ.get("UNASKED_FAIL") or None,
        font=Path(font) if font else None,
        prices=_prices(environ.get("UNASKED_PRICES") or ""),
        holidays=Path(holidays) if holidays else None,
        senders=Path(senders) if senders else None,
    )


def _secret(environ: Mapping[str, str], name: str) -> str | None:
    path = environ.get(f"{name}_FILE")
    if not path:
        return environ.get(name) or None
    try:
        return Path(path).read_text(encoding="utf-8").strip()
    except OSError as error:
        raise Refusal(f"{name}_FILE: {path} cannot be read ({error.strerror}); name a readable file") from error


def _servers(value: str | None) -> str | None:
    for server in value.split(",") if value else ():
        if not _SERVER.fullmatch(server.strip()):
            raise Refusal(f'UNASKED_KAFKA: {server!r} is no server; write "host:9092", several separated by commas')
    return value


def _profile(value: str) -> Profile:
    try:
        return Profile(value)
    except ValueError:
        names = ", ".join(Profile)
        raise Refusal(f"UNASKED_PROFILE: {value!r} is no profile; write one of {names}") from None


def _zone(value: str) -> ZoneInfo:
    try:
        return ZoneInfo(value)
    except (ZoneInfoNotFoundError, ValueError):
        raise Refusal(f'UNASKED_TIMEZONE: {value!r} is no time zone; write one like "Asia/Shanghai"') from None


def _days(value: str) -> int:
    if not value.isdigit() or int(value) > 60:
        raise Refusal(f"UNASKED_POSTAL_LEAD: {value!r} is no number of days; write 0 to 60")
    return int(value)


def _canary(value: str) -> int:
    if not value.isdigit() or int(value) > 100:
        raise Refusal(f"UNASKED_CANARY: {value!r} is no number of occurrences; write 0 to 100")
    return int(value)


def _prices(value: str) -> dict[str, int]:
    found: dict[str, int] = {}
    for part in filter(None, value.split(",")):
        channel, _, fen = part.strip().partition("=")
        if not channel or not fen.isascii() or not fen.isdigit():
            raise Refusal(f'UNASKED_PRICES: {part!r} is no price; write "sms=5,letter=120", in fen for each message')
        found[channel] = int(fen)
    return found
