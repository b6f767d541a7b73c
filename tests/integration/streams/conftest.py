from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import create_engine

from models.tables import metadata
from tests.integration.streams.worker_process import applied
from tests.integration.streams.workers import TOPIC, Books
from unasked.embedded import EmbeddedBroker


@pytest.fixture
def books(tmp_path: Path) -> Iterator[Books]:
    books = Books(f"sqlite:///{tmp_path}/books.db")
    engine = create_engine(books.url)
    metadata.create_all(engine)
    applied.metadata.create_all(engine)
    engine.dispose()
    yield books
    books.close()


@pytest.fixture
def broker() -> Iterator[EmbeddedBroker]:
    with EmbeddedBroker({TOPIC: 4}) as started:
        yield started
