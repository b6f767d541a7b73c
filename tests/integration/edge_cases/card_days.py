"""The days around somebody's 65th birthday, for the tests of who a person is."""

from tests.integration.city import City
from tests.integration.documents import CARD


def open_card(city: City, *keys: str, upto: str) -> None:
    """Publish the card; all these people turn 65 on 20 January 2026, and are prepared from the 11th."""
    city.wait_until("2026-01-11")
    city.publish(CARD)
    for key in keys:
        city.lives(key, "1961-01-20")
    city.close_until(upto)
