"""The desk: what every use case needs at hand and nothing decides by itself. Built once where things are wired."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from casework.volume import Terms
from models.sealing import Keyring
from rules.calendar import HolidayTable


@dataclass(frozen=True, slots=True, kw_only=True)
class Desk:
    """Keys, zone and working days."""

    keyring: Keyring
    zone: ZoneInfo
    working: HolidayTable
    #: Days that the post needs for a letter; frozen into a trigger version when it is published.
    postal_lead: int = 0
    #: How long the effects of an annulment on done work wait, in milliseconds of event time.
    hold_ms: int = field(default=2 * 3600 * 1000)
    #: How the guard over the volume of runs acts.
    volume: Terms = field(default_factory=Terms)

    def business_date(self, ts_ms: int) -> date:
        """Return the business date of an instant given in milliseconds since 1970 UTC."""
        return datetime.fromtimestamp(ts_ms // 1000, self.zone).date()

    def end_of_day_ms(self, day: date) -> int:
        """Return the instant at which a business date ends, in milliseconds since 1970 UTC."""
        after = day + timedelta(days=1)
        return int(datetime(after.year, after.month, after.day, tzinfo=self.zone).timestamp() * 1000)
