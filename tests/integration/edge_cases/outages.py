"""An outage of the clock: who lives in the city on its eve, what is published, and what is due after it."""

from collections.abc import Mapping
from datetime import date, timedelta
from types import MappingProxyType

from tests.integration.city import City
from tests.integration.documents import CARD, document

#: One trigger of each kind that time alone can make due.
TRIGGERS = (
    CARD,
    document(id="card-on-1-march", leap_day="mar1"),
    document(id="checkup", when="age(birth_date) >= 65", anchor="birthday(birth_date, 65)", late="run"),
    document(id="month", when="days_to(moved_in_on) <= -30 && days_to(moved_in_on) > -33", once="each", late="skip"),
    document(id="welcome", when="days_to(moved_in_on) <= -20", once="year", late="run"),
)
#: The last closed day before the outage.
EVES = {"29 February": date(2028, 2, 26), "New Year": date(2026, 12, 26)}
OUTAGES = (1, 7, 40)
_DAY = timedelta(days=1)
Due = list[tuple[str, str, int]]


def open_city(city: City, eve: date, people: Mapping[str, dict[str, str]] = MappingProxyType({})) -> None:
    """Publish everything, and close the eve; birthdays and anniversaries lie on every fourth day after it."""
    city.wait_until(str(eve))
    city.publish(*TRIGGERS)
    here = {"status": "resident", "residence": "hukou"}
    rows: dict[str, dict[str, str]] = {
        "leapling": {"birth_date": f"{eve.year - 64}-02-29" if eve.month == 2 else "1962-01-01"},
        **people,
    }
    for day in (eve + _DAY * number for number in range(-9, 50, 4)):
        rows[f"old-{day}"] = {"birth_date": f"{day.year - 65}-{day:%m-%d}"}
        rows[f"new-{day}"] = {"birth_date": "1990-01-01", "moved_in_on": str(day - _DAY * 31)}
    city.feed(*(city.record(key, "r", here | row) for key, row in rows.items()))
    city.close()


def due(city: City) -> Due:
    return sorted((o["occurrence_id"], o["moment"], o["version"]) for o in city.occurrence_lines())
