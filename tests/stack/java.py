"""The jars of the real broker and of Connect with Debezium: fetched once by Maven, kept beside its own repository."""

import fcntl
import hashlib
import shutil
import subprocess
from pathlib import Path

import pytest

_POMS = Path(__file__).resolve().parents[2] / "docker"
_KEPT = Path.home() / ".cache" / "unasked" / "jars"
_FETCH_SECONDS = 300


def class_path(name: str) -> str:
    """Return the Java class path of `kafka` or `connect`; without Java or Maven the test is skipped (CI: fails)."""
    for tool in ("java", "mvn"):
        if shutil.which(tool) is None:
            pytest.skip(f"the real Kafka stack needs {tool}; on Debian: apt-get install default-jre-headless maven")
    return f"{_jars(_POMS / name / 'pom.xml')}/*"


def _jars(pom: Path) -> Path:
    """Return the folder with a pom's jars; several test runs may ask for it at once."""
    folder = _KEPT / f"{pom.parent.name}-{hashlib.sha256(pom.read_bytes()).hexdigest()[:12]}"
    _KEPT.mkdir(parents=True, exist_ok=True)
    with (_KEPT / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not folder.exists():
            fresh = folder.with_suffix(".new")
            shutil.rmtree(fresh, ignore_errors=True)
            command = ["mvn", "-q", "-B", "-f", str(pom), "dependency:copy-dependencies", f"-DoutputDirectory={fresh}"]
            done = subprocess.run(command, capture_output=True, text=True, timeout=_FETCH_SECONDS, check=False)
            assert done.returncode == 0, f"Maven could not fetch {pom}:\n{done.stdout[-2000:]}{done.stderr[-2000:]}"
            fresh.rename(folder)
    return folder
