from collections.abc import Iterator

import pytest
from sqlalchemy import Engine

from tests.integration.city import City


@pytest.fixture
def city(engine: Engine) -> Iterator[City]:
    """An empty city; whatever a test does, a full recomputation must find what is stored."""
    opened = City(engine=engine)
    opened.wipe()
    yield opened
    if not opened.tampered_with:
        assert opened.differences() == []
