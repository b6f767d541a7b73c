"""Run a command and turn every error that a person can mend into a message and an exit code."""

from __future__ import annotations

import gc
import importlib
import os
import sys
import traceback
from collections.abc import Sequence

from sqlalchemy.exc import OperationalError

from casework.inbox import TaskError
from casework.publishing import PublishError
from models.database import DatabaseUnreachable
from models.schema import WrongSchema
from models.sealing import SealError
from rules.errors import RulesError
from streams.broker import BrokerUnreachable
from streams.topics import MissingTopics
from unasked.errors import Exit, Refusal

#: Errors of the rooms that a person can mend, with their exit codes.
_KNOWN: dict[type[Exception], Exit] = {
    RulesError: Exit.BAD_INPUT,
    PublishError: Exit.BAD_INPUT,
    TaskError: Exit.BAD_INPUT,
    LookupError: Exit.BAD_INPUT,
    SealError: Exit.BAD_INPUT,
    WrongSchema: Exit.UNREACHABLE,
    DatabaseUnreachable: Exit.UNREACHABLE,
    BrokerUnreachable: Exit.UNREACHABLE,
    MissingTopics: Exit.UNREACHABLE,
}


def run(module: str, words: Sequence[str]) -> int:
    """Import a command's module and run it with the command's name and options."""
    try:
        main = importlib.import_module(module).main
        spare_garbage()
        return int(main(list(words)))
    except Refusal as refusal:
        return _say(str(refusal), refusal.code)
    except BrokenPipeError:
        # The reader of our output (`| head`) has gone; nothing is wrong.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return Exit.DONE
    except KeyboardInterrupt:
        return _say("stopped", Exit.INTERNAL)
    except Exception as error:
        return _known(error)


def spare_garbage() -> None:
    """Let Python look for garbage more rarely, once a command is loaded.

    What is loaded stays until the end: looking through it cost a tenth of an intake. A batch makes some 100,000 objects
    that all live until it is written: looking through them at every 700th cost another twentieth.
    """
    gc.freeze()
    gc.set_threshold(20_000, 20, 20)


def _known(error: Exception) -> int:
    for kind, code in _KNOWN.items():
        if isinstance(error, kind) and not isinstance(error, (KeyError, IndexError)):
            return _say(str(error), code)
    if isinstance(error, OperationalError):
        return _say(
            f"the database refused: {error.orig}; check that it runs, is writable and has room", Exit.UNREACHABLE
        )
    traceback.print_exc()
    return _say("internal error; please report it with the lines above", Exit.INTERNAL)


def _say(message: str, code: Exit) -> int:
    print(f"unasked: {message}", file=sys.stderr)
    return int(code)
