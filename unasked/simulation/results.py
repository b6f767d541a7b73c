"""What a simulation leaves behind: the files of the contract and the summary."""

from __future__ import annotations

import json
import platform
from importlib.metadata import version
from pathlib import Path
from typing import Any

import sqlalchemy

from casework.exports import summary, write_files
from models.database import transaction
from unasked.office import Office
from unasked.simulation.stage import Stage


def write_results(office: Office, stage: Stage, out: Path, *, seconds: float, as_json: bool) -> dict[str, Any]:
    """Write all files into `out`, print the summary, and return it."""
    with transaction(office.engine) as db:
        write_files(db, out)
        counts = summary(db)
    total = stage.total
    document = {
        "applied": total.applied,
        "ignored": total.ignored,
        "quarantined": total.quarantined,
        "residue": stage.residue,
        **counts,
        "wall_seconds": round(seconds, 3),
        "versions": {
            "unasked": version("unasked"),
            "python": platform.python_version(),
            "sqlalchemy": sqlalchemy.__version__,
        },
    }
    text = json.dumps(document, ensure_ascii=False, sort_keys=True, indent=2)
    (out / "summary.json").write_text(text + "\n", encoding="utf-8")
    if as_json:
        print(json.dumps(document, ensure_ascii=False, sort_keys=True))
    else:
        rate = total.applied / seconds if seconds else 0.0
        print(
            f"{total.applied} changes applied, {total.ignored} ignored, {total.quarantined} quarantined, "
            f"{rate:,.0f} a second; certificate residue {stage.residue}; files in {out}"
        )
    return document
