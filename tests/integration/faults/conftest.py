from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest
from sqlalchemy import Engine

from models.database import connect
from models.tables import metadata
from tests.integration.faults.town import LedgerCity, closed_city


@pytest.fixture(scope="session")
def sqlite_town(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LedgerCity]:
    yield from _town(f"sqlite:///{tmp_path_factory.mktemp('faults')}/town.db")


@pytest.fixture(scope="session")
def postgresql_town(new_postgresql: Callable[[str], str]) -> Iterator[LedgerCity]:
    yield from _town(new_postgresql("faults"))


def _town(url: str) -> Iterator[LedgerCity]:
    engine: Engine = connect(url, durable=False)
    metadata.create_all(engine)
    yield closed_city(engine)
    engine.dispose()


@pytest.fixture(params=["sqlite", "postgresql"])
def town(request: pytest.FixtureRequest) -> LedgerCity:
    """The closed city; a test damages it in a transaction that is rolled back."""
    found = request.getfixturevalue(f"{request.param}_town")
    assert isinstance(found, LedgerCity)
    return found
