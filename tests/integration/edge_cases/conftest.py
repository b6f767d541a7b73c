from collections.abc import Callable, Iterator

import pytest
from sqlalchemy import Engine

from models.database import connect
from models.tables import metadata
from tests.integration.city import City


@pytest.fixture(scope="session")
def sqlite_engine(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Engine]:
    yield from _prepared(f"sqlite:///{tmp_path_factory.mktemp('city')}/city.db")


@pytest.fixture(scope="session")
def postgresql_engine(new_postgresql: Callable[[str], str]) -> Iterator[Engine]:
    yield from _prepared(new_postgresql("edge_cases"))


def _prepared(url: str) -> Iterator[Engine]:
    engine = connect(url, durable=False)
    metadata.create_all(engine)
    yield engine
    engine.dispose()


@pytest.fixture(params=["sqlite", "postgresql"])
def engine(request: pytest.FixtureRequest) -> Engine:
    found = request.getfixturevalue(f"{request.param}_engine")
    assert isinstance(found, Engine)
    return found


@pytest.fixture
def city(engine: Engine) -> Iterator[City]:
    """An empty city; whatever a test does, a full recomputation must find what is stored."""
    opened = City(engine=engine)
    opened.wipe()
    yield opened
    if not opened.tampered_with:
        assert opened.differences() == []
