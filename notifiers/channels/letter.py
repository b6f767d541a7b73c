"""Letters and cards on paper: a PDF in the print folder, held there until it is handed over."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict
from typing import Any, Final

from notifiers.channels.channel import Ambiguous, Capability, Outcome, Receipt, Refused, Unreachable
from notifiers.errors import GlyphError, PaperError
from notifiers.fields import date_en, date_zh
from notifiers.message import Medium, Message
from notifiers.press import Press
from notifiers.tray import Tray

_LAYOUTS: Final = {Medium.LETTER: "letter", Medium.CARD: "card"}
#: What fits into the window of the envelope, in characters.
_LONGEST_ADDRESS: Final = 120


class LetterChannel:
    """Prints one PDF for each attempt, once; keyed, because the attempt id is the file's name."""

    capability = Capability.KEYED

    def __init__(self, *, press: Press, tray: Tray, name: str = "letter") -> None:
        self.name = name
        self._press = press
        self._tray = tray

    def send(self, *, message: Message) -> Receipt:
        """Print a letter into the tray; raises Refused (no address, a rare character), Unreachable (disk, layout)."""
        held = Receipt(outcome=Outcome.HELD, detail=f"{message.attempt_id}.pdf")
        if self._tray.holds(message.attempt_id):
            return held
        pdf = self._print(message)
        try:
            self._tray.put(attempt_id=message.attempt_id, pdf=pdf)
        except OSError as error:
            kind = Ambiguous if self._tray.holds(message.attempt_id) else Unreachable
            raise kind(f"the print folder cannot be written ({error.strerror})") from error
        return held

    def _print(self, message: Message) -> bytes:
        to = message.to
        if to is None or not (to.address or "").strip() or len(to.address or "") > _LONGEST_ADDRESS:
            raise Refused("no postal address that fits into the window of the envelope")
        if message.medium not in _LAYOUTS:
            raise Refused(f"no layout for a {message.medium}")
        try:
            return self._press.set(layout=_LAYOUTS[message.medium], data=_data(message), day=message.on)
        except GlyphError as error:
            raise Refused(str(error)) from error
        except PaperError as error:
            raise Unreachable(str(error)) from error


def _data(message: Message) -> Mapping[str, Any]:
    """Return what the layouts read; strings only, set as they are."""
    assert message.to is not None
    return {
        "to": {"name": message.to.name, "address": message.to.address},
        "sender": asdict(message.sender),
        "pages": [asdict(page) | {"body": page.body.split("\n\n")} for page in message.pages],
        "card": None if message.card is None else asdict(message.card),
        "date": {"zh": date_zh(message.on), "en": date_en(message.on)},
        "reference": message.notification_id[:8].upper(),
    }
