"""Who acts at the command line, for the audit trail."""

from __future__ import annotations

import os
import pwd
import time

from casework.audit_trail import Act


def act(action: str, subject: str, detail: str = "") -> Act:
    """Return an act of the person at the command line, now."""
    at_ms = time.time_ns() // 1_000_000
    return Act(at_ms=at_ms, actor=f"cli:{_user()}"[:80], action=action, subject=subject, detail=detail)


def _user() -> str:
    try:
        return pwd.getpwuid(os.getuid()).pw_name
    except KeyError:
        # A container may run under a number that has no name.
        return str(os.getuid())
