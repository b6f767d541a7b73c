"""The e-mail channel against a real SMTP server."""

import socket
from email import message_from_bytes
from email.policy import default

import pytest

from notifiers.channels.channel import Ambiguous, Refused, TemporaryFailure, Unreachable
from notifiers.channels.mail_account import mail_account
from notifiers.channels.smtp import SmtpChannel
from tests.integration.notifiers.mail_server import Mailbox, certificate, serving
from tests.integration.notifiers.outbox_kit import LATER, attempts, deliver, deliver_all, fill, row_of
from tests.unit.notifiers.post_kit import message, post_office


@pytest.fixture(scope="module")
def files(tmp_path_factory):
    return certificate(tmp_path_factory.mktemp("tls"))


def _channel(port, *, options="&tls=none", scheme="smtp", user=""):
    return SmtpChannel(
        account=mail_account(f"{scheme}://{user}127.0.0.1:{port}?from=notice@city.example&timeout=1{options}")
    )


def test_a_mail_arrives_with_its_words_and_its_message_id():
    mailbox = Mailbox()
    with serving(mailbox) as port:
        receipt = _channel(port).send(message=message())
    assert (receipt.detail, mailbox.recipients) == ("SMTP 250", ["wang@mail.example"])
    mail = message_from_bytes(mailbox.accepted[0].content, policy=default)
    assert mail["Message-ID"] == "<00000000-0000-0000-0000-000000000001.letter@city.example>"
    assert "尊敬的王秀英" in mail.get_content()
    assert mailbox.accepted[0].mail_from == "notice@city.example"


@pytest.mark.parametrize("implicit", [False, True])
def test_a_mail_goes_encrypted_and_after_login(files, implicit):
    mailbox = Mailbox()
    with serving(mailbox, files=files, implicit=implicit, login=True) as port:
        channel = _channel(
            port, scheme="smtps" if implicit else "smtp", user="notice:s3cret@", options=f"&cafile={files[0]}"
        )
        channel.send(message=message())
    assert len(mailbox.accepted) == 1


def test_a_wrong_password_stops_all_mail_and_is_not_repeated(files):
    with serving(Mailbox(), files=files, login=True) as port:
        channel = _channel(port, user="notice:wr0ng@", options=f"&cafile={files[0]}")
        with pytest.raises(Unreachable, match=r"the mail server lets nobody in \(SMTPAuthenticationError 535\)"):
            channel.send(message=message())


def test_a_server_whose_certificate_nobody_vouches_for_gets_no_mail(files):
    mailbox = Mailbox()
    with serving(mailbox, files=files) as port:
        with pytest.raises(Unreachable, match="lets nobody in"):
            _channel(port, options="").send(message=message())
    assert mailbox.accepted == []


def test_a_server_without_encryption_gets_no_mail_unless_told_so():
    mailbox = Mailbox()
    with serving(mailbox) as port:
        with pytest.raises(Unreachable, match=r"lets nobody in \(SMTPNotSupportedError\)"):
            _channel(port, options="").send(message=message())
    assert mailbox.accepted == []


@pytest.mark.parametrize("stage", ["rcpt", "data"])
@pytest.mark.parametrize(
    ("answer", "error"),
    [
        ("450 mailbox busy", TemporaryFailure),
        ("452 no room for wang@mail.example", TemporaryFailure),
        ("550 no such user wang@mail.example", Refused),
        ("554 spam", Refused),
        ("421 closing", Unreachable),
    ],
)
def test_the_servers_code_decides_and_its_words_are_not_kept(stage, answer, error):
    with serving(Mailbox(**{stage: answer})) as port:
        with pytest.raises(error, match=f"^SMTP {answer[:3]}$"):
            _channel(port).send(message=message())


@pytest.mark.parametrize("accident", [{"hang_up": True}, {"silence": 3.0}])
def test_no_answer_after_the_text_is_a_doubt(accident):
    mailbox = Mailbox(**accident)
    with serving(mailbox) as port:
        with pytest.raises(Ambiguous, match="no answer after the text"):
            _channel(port).send(message=message())
    assert len(mailbox.accepted) == 1


def test_a_server_that_is_not_there_is_unreachable():
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    with pytest.raises(Unreachable, match="the mail server cannot be reached"):
        _channel(port).send(message=message())


def test_a_server_that_never_greets_is_unreachable():
    with socket.create_server(("127.0.0.1", 0)) as silent:
        with pytest.raises(Unreachable, match="the mail server cannot be reached"):
            _channel(silent.getsockname()[1]).send(message=message())


def test_a_repeat_after_a_doubt_carries_the_same_message_id_and_is_on_record(engine):
    fill(engine, channel="email")
    mailbox = Mailbox(hang_up=True)
    with serving(mailbox) as port:
        post = post_office(_channel(port))
        assert deliver(engine, post).ambiguous == 1
        mailbox.hang_up = False
        assert deliver_all(engine, post, now=LATER.replace(hour=11)).sent == 1
    assert attempts(engine) == [("email", 1, "unknown"), ("email", 2, "accepted")]
    ids = {message_from_bytes(envelope.content)["Message-ID"] for envelope in mailbox.accepted}
    assert (len(mailbox.accepted), len(ids)) == (2, 1)
    assert row_of(engine)["state"] == "sent"
