from collections.abc import Callable, Iterator

import pytest
from sqlalchemy import Engine

from models.database import connect
from models.tables import metadata
from tests.integration.city import City


@pytest.fixture(scope="session")
def triggers_sqlite(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Engine]:
    yield from _prepared(f"sqlite:///{tmp_path_factory.mktemp('triggers')}/city.db")


@pytest.fixture(scope="session")
def triggers_postgresql(new_postgresql: Callable[[str], str]) -> Iterator[Engine]:
    yield from _prepared(new_postgresql("triggers"))


def _prepared(url: str) -> Iterator[Engine]:
    engine = connect(url, durable=False)
    metadata.create_all(engine)
    yield engine
    engine.dispose()


@pytest.fixture(params=["sqlite", "postgresql"])
def city(request: pytest.FixtureRequest) -> City:
    """An empty city."""
    engine = request.getfixturevalue(f"triggers_{request.param}")
    opened = City(engine=engine)
    opened.wipe()
    return opened
