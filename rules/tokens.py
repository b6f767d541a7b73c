"""A reading position in the tokens of a condition."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rules.errors import RuleError, shorten
from rules.lexer import Kind, Token, tokens

if TYPE_CHECKING:
    from rules.ast import Scalar

#: Most literals in one condition.
MAX_LITERALS = 500
_MAX_INT = 2**63 - 1
_INSTEAD = {"and": "&&", "or": "||", "not": "!", "AND": "&&", "OR": "||", "NOT": "!"}


class Cursor:
    """Walks over the tokens of one condition and counts its literals."""

    def __init__(self, text: str) -> None:
        self._tokens = tokens(text)
        self._literals = 0
        #: The token to be read next, and the one that was read last.
        self.token = next(self._tokens)
        self.last = self.token

    @property
    def column(self) -> int:
        """Where the next token stands, from 1."""
        return self.token.column

    def at_end(self) -> bool:
        """Return whether everything was read."""
        return self.token.kind is Kind.END

    def advance(self) -> Token:
        """Return the next token and step over it; the end is never stepped over."""
        token = self.token
        if token.kind is not Kind.END:
            self.last, self.token = token, next(self._tokens)
        return token

    def take(self, sign: str) -> bool:
        """Step over a sign if it comes next and return whether it did."""
        found = self.token.kind is Kind.SIGN and self.token.text == sign
        if found:
            self.advance()
        return found

    def expect(self, sign: str) -> None:
        """Step over a sign that must come next; raises RuleError."""
        if not self.take(sign):
            raise self.unexpected(zh=f'"{sign}"', en=f'"{sign}"')

    def expect_int(self) -> tuple[int, int]:
        """Return a whole number of signed 64 bit that must come next, and its column; raises RuleError."""
        token = self.token
        if token.kind is not Kind.INT:
            raise self.unexpected(zh="一个整数", en="a whole number")
        self.advance()
        self.count_literal()
        if len(token.text) > 20 or not -_MAX_INT - 1 <= int(token.text) <= _MAX_INT:
            raise RuleError(
                zh=f'"{shorten(token.text, 24)}" 过大；整数须在 64 位有符号范围内',
                en=f'"{shorten(token.text, 24)}" is too large; whole numbers are signed 64 bit',
                column=token.column,
            )
        return int(token.text), token.column

    def count_literal(self) -> None:
        """Count one literal; raises RuleError beyond the limit."""
        self._literals += 1
        if self._literals > MAX_LITERALS:
            raise RuleError(
                zh=f"字面值超过 {MAX_LITERALS} 个；请改用一个登记字段",
                en=f"more than {MAX_LITERALS} literals; keep such a list as a field of the register",
                column=self.column,
            )

    def unexpected(self, *, zh: str, en: str) -> RuleError:
        """Return the error for a token that is not what the grammar wants here."""
        token = self.token
        if token.kind is Kind.END:
            return RuleError(
                zh=f"条件在此中断；此处应为 {zh}", en=f"the condition ends here; expected {en}", column=token.column
            )
        shown = shorten(token.text, 30)
        better = _INSTEAD.get(token.text)
        hint_zh, hint_en = (f'；请写 "{better}"', f'; write "{better}"') if better else ("", "")
        return RuleError(
            zh=f"此处应为 {zh}，而不是 {shown}{hint_zh}",
            en=f"expected {en}, not {shown}{hint_en}",
            column=token.column,
        )


def describe(value: Scalar) -> str:
    """Return a literal as it is written, for messages."""
    if isinstance(value, bool):
        return str(value).lower()
    return f'"{value}"' if isinstance(value, str) else str(value)
