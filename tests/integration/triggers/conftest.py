import pytest
from sqlalchemy import Engine

from tests.integration.city import City


@pytest.fixture
def city(engine: Engine) -> City:
    """An empty city."""
    opened = City(engine=engine)
    opened.wipe()
    return opened
