"""The document of the topics is what the program makes today, is valid AsyncAPI, and means the records that come."""

import fcntl
import json
import shutil
import subprocess
import tarfile
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft7Validator, ValidationError, validate

from streams.asyncapi import document
from tests.house.tree import ROOT

WRITTEN = ROOT / "docs" / "reference" / "asyncapi.json"
_PACKAGE = "@asyncapi/specs@6.11.1"
_KEPT = Path.home() / ".cache" / "unasked" / "asyncapi"
_ROW = {"resident_id": "R1", "birth_date": -4018, "sex": "1", "protected": None, "updated_at": "2026-03-01T08:00:00Z"}
_CHANGE = {"op": "c", "before": None, "after": _ROW, "ts_ms": 1760000000000, "source": {"lsn": 7}, "transaction": None}


@pytest.fixture(scope="module")
def official() -> Draft7Validator:
    """The schema of AsyncAPI 3.0 by its authors, fetched once from the npm registry."""
    if shutil.which("npm") is None:
        pytest.skip("AsyncAPI's own schema needs npm; on Debian: apt-get install npm")
    _KEPT.mkdir(parents=True, exist_ok=True)
    with (_KEPT / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not list(_KEPT.glob("*.tgz")):
            subprocess.run(["npm", "pack", "--silent", _PACKAGE], cwd=_KEPT, check=True, timeout=120)
    with tarfile.open(next(_KEPT.glob("*.tgz"))) as packed:
        member = packed.extractfile("package/schemas/3.0.0-without-$id.json")
        assert member is not None
        return Draft7Validator(json.load(member))


def test_the_written_document_is_what_the_program_makes():
    made = json.loads(WRITTEN.read_text(encoding="utf-8"))
    assert made == document(), "run: .venv/bin/python -m unasked topics describe > docs/reference/asyncapi.json"


def test_the_document_is_valid(official: Draft7Validator):
    assert [error.json_path for error in official.iter_errors(document())] == []
    broken = document()
    broken["operations"]["applyChanges"]["action"] = "eat"
    assert [error.json_path for error in official.iter_errors(broken)] == ["$.operations.applyChanges"]


def _payload() -> dict[str, Any]:
    described = document()
    return described["components"]["schemas"]["change"] | {"components": described["components"]}


def test_a_change_fits_the_schema_and_a_field_out_of_its_code_does_not():
    validate(_CHANGE, _payload())
    for after in (_ROW | {"sex": "male"}, _ROW | {"resident_id": ""}, _ROW | {"birth_date": "01.03.1961"}):
        with pytest.raises(ValidationError):
            validate(_CHANGE | {"after": after}, _payload())
