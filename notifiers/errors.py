"""What the post says when something cannot be done.

NotifiersError
├── TextError            a text that may not be used: place, what, how to mend it
├── ComposeError         a text that cannot be filled in for one message
├── PaperError           no typesetter, no font, a layout that warns
│   └── GlyphError       a character that the font lacks
└── ChannelError         channels/channel.py: Unreachable, TemporaryFailure, Refused, Ambiguous
"""

from __future__ import annotations


class NotifiersError(Exception):
    """Base of everything that this room raises."""


class TextError(NotifiersError, ValueError):
    """A text that may not be used; `zh` and `en` say the same, and `str()` is the English one."""

    def __init__(self, *, place: str, zh: str, en: str) -> None:
        super().__init__(f"{place}: {en}")
        self.place = place
        self.zh = f"{place}：{zh}"
        self.en = f"{place}: {en}"


class ComposeError(NotifiersError, ValueError):
    """A text that cannot be filled in for one message; names fields and lengths, never a value."""


class PaperError(NotifiersError):
    """Paper cannot be printed: the message says what is missing and where to put it."""


class GlyphError(PaperError):
    """The font lacks a character of this letter; the character is not repeated, it is part of a person's name."""
