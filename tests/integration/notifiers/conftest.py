from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from sqlalchemy import Engine

from models.database import connect
from models.tables import attempt, metadata, notification, notification_log, pause


@pytest.fixture(scope="session")
def postgresql(new_postgresql: Callable[[str], str]) -> Iterator[Engine]:
    engine = connect(new_postgresql("notifiers"))
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
        for table in (notification, notification_log, attempt, pause):
            db.execute(table.delete())
    yield engine
