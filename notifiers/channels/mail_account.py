"""Where e-mail is handed in: one URL, read once, whose password never shows."""

from __future__ import annotations

import re
import ssl
from dataclasses import dataclass, field
from typing import Final
from urllib.parse import parse_qs, unquote, urlsplit

from notifiers.errors import NotifiersError

_FORM: Final = "smtp://user:password@host:587?from=notice@city.example (or smtps:// for TLS from the start)"
_PORTS: Final = {"smtp": 587, "smtps": 465}
#: A dot-atom before the @ and a domain of at least two labels (RFC 5321, 4.1.2, without its quoted forms).
_ATOM: Final = r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+"
_LABEL: Final = r"[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?"
_ADDRESS: Final = re.compile(rf"{_ATOM}(?:\.{_ATOM})*@(?:{_LABEL}\.)+{_LABEL}")
_OPTIONS: Final = {"from", "tls", "cafile", "timeout"}


class MailAccountError(NotifiersError, ValueError):
    """The SMTP URL cannot be used; the message never repeats the URL, which may hold a password."""


@dataclass(frozen=True, slots=True, kw_only=True)
class MailAccount:
    """A submission account at a mail server."""

    host: str
    port: int
    #: Address that the messages come from.
    sender: str
    #: TLS from the first byte (smtps) instead of STARTTLS.
    implicit_tls: bool = False
    #: False only for a server on a trusted wire, and never with a password.
    tls: bool = True
    cafile: str | None = None
    user: str | None = None
    password: str | None = field(default=None, repr=False)
    #: Seconds for each answer of the server.
    timeout: float = 10.0

    def context(self) -> ssl.SSLContext:
        """Return a context that checks the server's certificate and name."""
        return ssl.create_default_context(cafile=self.cafile)


def mail_account(url: str) -> MailAccount:
    """Read an SMTP URL; raises MailAccountError."""
    parts = urlsplit(url)
    options = {key: found[-1] for key, found in parse_qs(parts.query, keep_blank_values=True).items()}
    if parts.scheme not in _PORTS or not parts.hostname or parts.path not in ("", "/") or set(options) - _OPTIONS:
        raise MailAccountError(f"the SMTP URL is not understood; write {_FORM}, options: {', '.join(sorted(_OPTIONS))}")
    tls = _tls(options.get("tls", "required"))
    if parts.password and not tls:
        raise MailAccountError("the SMTP URL holds a password and tls=none; a password never goes over an open wire")
    return MailAccount(
        host=parts.hostname,
        port=_port(parts.netloc, parts.scheme),
        sender=_sender(options.get("from") or unquote(parts.username or "")),
        implicit_tls=parts.scheme == "smtps",
        tls=tls,
        cafile=options.get("cafile"),
        user=unquote(parts.username) if parts.username else None,
        password=unquote(parts.password) if parts.password else None,
        timeout=_seconds(options.get("timeout", "10")),
    )


def _port(netloc: str, scheme: str) -> int:
    try:
        return urlsplit(f"//{netloc}").port or _PORTS[scheme]
    except ValueError as error:
        raise MailAccountError("the port in the SMTP URL is no number from 1 to 65535; write host:587") from error


def _tls(word: str) -> bool:
    if word not in ("required", "none"):
        raise MailAccountError("tls in the SMTP URL is `required` (the default) or `none`")
    return word == "required"


def _sender(address: str) -> str:
    if not usable(address):
        raise MailAccountError("the SMTP URL names no sender; add ?from=notice@city.example")
    return address


def _seconds(text: str) -> float:
    try:
        seconds = float(text)
    except ValueError:
        seconds = 0.0
    if not 1 <= seconds <= 30:
        raise MailAccountError("timeout in the SMTP URL is a number of seconds from 1 to 30")
    return seconds


def usable(address: str | None) -> bool:
    """Whether an e-mail address can stand in an envelope: one plain ASCII addr-spec of at most 254 characters."""
    return address is not None and len(address) <= 254 and _ADDRESS.fullmatch(address) is not None
