from collections.abc import Callable, Iterator

import pytest
from sqlalchemy import Connection, create_engine


@pytest.fixture(scope="session")
def postgresql_url(new_postgresql: Callable[[str], str]) -> str:
    return new_postgresql("rules")


@pytest.fixture(params=["sqlite", "postgresql"])
def db(request: pytest.FixtureRequest) -> Iterator[Connection]:
    url = "sqlite://" if request.param == "sqlite" else request.getfixturevalue("postgresql_url")
    engine = create_engine(url)
    with engine.connect() as connection:
        yield connection
        connection.rollback()
    engine.dispose()
