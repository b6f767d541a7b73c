"""For all tests: a missing tool is a visible skip, and with CI=true it is a failure."""

import os
from collections.abc import Callable, Generator, Iterator

import pytest
from hypothesis import settings
from sqlalchemy import Engine, create_engine, make_url, text

from models.database import connect
from models.tables import metadata
from tests.passing_postgresql import passing_postgresql

EVERYTHING_IS_HERE = os.getenv("CI") == "true"

# No time limit per example: a busy machine is no defect. In CI the examples are the same in every run.
settings.register_profile("house", deadline=None, derandomize=EVERYTHING_IS_HERE)
settings.load_profile("house")


def _fail_instead(report: pytest.TestReport | pytest.CollectReport) -> None:
    if EVERYTHING_IS_HERE and report.skipped and not hasattr(report, "wasxfail"):
        reason = report.longrepr[2] if isinstance(report.longrepr, tuple) else report.longrepr
        report.outcome = "failed"
        report.longrepr = f"{reason} (with CI=true nothing may be skipped)"


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport() -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """Turn a skipped test into a failed one where everything must be present."""
    report = yield
    _fail_instead(report)
    return report


@pytest.hookimpl(wrapper=True)
def pytest_make_collect_report() -> Generator[None, pytest.CollectReport, pytest.CollectReport]:
    """The same for a module that skips itself while it is collected."""
    report = yield
    _fail_instead(report)
    return report


@pytest.fixture(scope="session")
def postgresql_server() -> Iterator[str]:
    """The URL of a PostgreSQL of this test process, by pip; it is started when the first test asks for it."""
    with passing_postgresql() as url:
        yield url


@pytest.fixture(scope="session")
def new_postgresql(postgresql_server: str) -> Callable[[str], str]:
    """Make a fresh, empty database of that name and return its URL."""

    def make(name: str) -> str:
        engine = create_engine(postgresql_server, isolation_level="AUTOCOMMIT")
        with engine.connect() as db:
            db.execute(text(f"DROP DATABASE IF EXISTS {name} WITH (FORCE)"))
            db.execute(text(f"CREATE DATABASE {name}"))
        engine.dispose()
        return make_url(postgresql_server).set(database=name).render_as_string(hide_password=False)

    return make


@pytest.fixture(scope="session")
def sqlite_engine(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Engine]:
    yield from _prepared(f"sqlite:///{tmp_path_factory.mktemp('city')}/city.db")


@pytest.fixture(scope="session")
def postgresql_engine(new_postgresql: Callable[[str], str]) -> Iterator[Engine]:
    yield from _prepared(new_postgresql("city"))


def _prepared(url: str) -> Iterator[Engine]:
    engine = connect(url, durable=False)
    metadata.create_all(engine)
    yield engine
    engine.dispose()


@pytest.fixture(params=["sqlite", "postgresql"])
def engine(request: pytest.FixtureRequest) -> Engine:
    """One empty database after the other: the same test on SQLite and on PostgreSQL."""
    found = request.getfixturevalue(f"{request.param}_engine")
    assert isinstance(found, Engine)
    return found
