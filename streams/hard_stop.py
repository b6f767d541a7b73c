"""The hard stop: end the process at once with code 70, so that its supervisor starts it again from the ledger.

Nothing is lost by it: what was not committed is read again. Raising instead would lose records, because Faust takes
a batch for done when an exception leaves it.
"""

from __future__ import annotations

import os
import sys
import traceback
from typing import NoReturn

import structlog

#: Exit code of an internal error or a hard stop of a role.
CODE = 70

log = structlog.get_logger(__name__)


def hard_stop(event: str, *, error: BaseException | None = None, **fields: object) -> NoReturn:
    """Log why, flush, and end the process with code 70; threads and open transactions end with it."""
    try:
        # Written out here: some renderers add the values of local variables, which may be anybody's.
        told = {"error": repr(error), "exception": "".join(traceback.format_exception(error))} if error else {}
        log.error(event, **fields, **told)
        sys.stdout.flush()
        sys.stderr.flush()
    finally:
        os._exit(CODE)
