"""E-mail through a submission server, with the same Message-ID for every try at one notification."""

from __future__ import annotations

import smtplib
from email.message import EmailMessage
from email.policy import SMTP as SMTP_POLICY
from email.utils import format_datetime
from typing import Final

from notifiers.channels.channel import Ambiguous, Capability, Receipt, Refused, TemporaryFailure, Unreachable
from notifiers.channels.mail_account import MailAccount, usable
from notifiers.message import Message, Page, Sender

#: Service not available, closing the channel (RFC 5321, 4.2.3): said at any point, it is about the server.
_CLOSING: Final = 421
_WHY: Final = {"zh": "为什么给您写信", "en": "Why we write to you"}


class SmtpChannel:
    """Hands in one message per connection.

    A server can neither recognise a repeat nor be asked, so the channel is blind; but the Message-ID stays the same for
    all tries, by which most mailboxes fold a repeat into one.
    """

    capability = Capability.BLIND

    def __init__(self, *, account: MailAccount, name: str = "email") -> None:
        self.name = name
        self._account = account

    def send(self, *, message: Message) -> Receipt:
        """Hand a message in; raises Refused, TemporaryFailure, Unreachable or, once the text was sent, Ambiguous."""
        address = message.to.email if message.to else None
        if not usable(address):
            raise Refused("no usable e-mail address")
        assert address is not None
        letter = write(message=message, sender=self._account.sender)
        server = self._connect()
        try:
            self._envelope(server, address)
            return self._data(server, letter)
        finally:
            server.close()

    def _connect(self) -> smtplib.SMTP:
        """Return a server that is greeted, encrypted and logged in to; raises Unreachable."""
        account = self._account
        try:
            if account.implicit_tls:
                server: smtplib.SMTP = smtplib.SMTP_SSL(
                    account.host, account.port, timeout=account.timeout, context=account.context()
                )
            else:
                server = smtplib.SMTP(account.host, account.port, timeout=account.timeout)
        except (OSError, smtplib.SMTPException) as error:
            raise Unreachable(f"the mail server cannot be reached ({_short(error)})") from error
        try:
            self._secure(server)
        except (OSError, smtplib.SMTPException) as error:
            server.close()
            raise Unreachable(f"the mail server lets nobody in ({_short(error)})") from error
        return server

    def _secure(self, server: smtplib.SMTP) -> None:
        account = self._account
        if account.tls and not account.implicit_tls:
            server.starttls(context=account.context())
        if account.user is not None:
            server.login(account.user, account.password or "")
        else:
            server.ehlo_or_helo_if_needed()

    def _envelope(self, server: smtplib.SMTP, address: str) -> None:
        try:
            _expect(server.mail(self._account.sender)[0])
            _expect(server.rcpt(address)[0])
        except (OSError, smtplib.SMTPException) as error:
            raise Unreachable(f"the connection broke before the text ({_short(error)})") from error

    def _data(self, server: smtplib.SMTP, letter: bytes) -> Receipt:
        try:
            code = server.data(letter)[0]
        except smtplib.SMTPDataError as error:
            raise _verdict(error.smtp_code) from error
        except (OSError, smtplib.SMTPException) as error:
            raise Ambiguous(f"no answer after the text ({_short(error)})") from error
        _expect(code)
        return Receipt(detail=f"SMTP {code}")


def _expect(code: int) -> None:
    if code >= 400:
        raise _verdict(code)


def _verdict(code: int) -> Refused | TemporaryFailure | Unreachable:
    if code == _CLOSING:
        return Unreachable(f"SMTP {code}")
    return TemporaryFailure(f"SMTP {code}") if code < 500 else Refused(f"SMTP {code}")


def _short(error: Exception) -> str:
    """Return what an error says without the server's own words, which may repeat the address."""
    code = getattr(error, "smtp_code", None)
    return f"{type(error).__name__} {code}" if code is not None else type(error).__name__


def write(*, message: Message, sender: str) -> bytes:
    """Return the message as the bytes of an e-mail (RFC 5322), plain text, both languages one after the other."""
    assert message.to is not None and message.pages
    mail = EmailMessage(policy=SMTP_POLICY)
    mail["From"] = sender
    mail["To"] = message.to.email
    mail["Subject"] = message.pages[0].title or message.sender.office.zh
    mail["Date"] = format_datetime(message.at)
    # The attempt id changes after a definite refusal; this must not, or a mailbox could not fold a repeat.
    mail["Message-ID"] = f"<{message.notification_id}.{message.channel}@{sender.rpartition('@')[2]}>"
    mail["Auto-Submitted"] = "auto-generated"
    parts = [_page(page) for page in message.pages]
    mail.set_content("\n\n".join([*parts, _signature(message.sender)]) + "\n", charset="utf-8", cte="base64")
    return mail.as_bytes()


def _page(page: Page) -> str:
    lines = [page.title, page.body, f"{_WHY[page.language]}: {page.why}" if page.why else ""]
    return "\n\n".join(line for line in lines if line)


def _signature(sender: Sender) -> str:
    return f"-- \n{sender.city.zh} {sender.office.zh}\n{sender.city.en}, {sender.office.en}\n{sender.hotline}"
