from email import message_from_bytes
from email.policy import default

import pytest

from notifiers.channels.channel import Refused
from notifiers.channels.mail_account import mail_account
from notifiers.channels.smtp import SmtpChannel, write
from notifiers.message import Addressee
from tests.unit.notifiers.post_kit import message

SENDER = "notice@city.example"


def _mail(**changes):
    return message_from_bytes(write(message=message(**changes), sender=SENDER), policy=default)


def test_a_mail_carries_both_languages_why_it_came_and_the_telephone_line():
    mail = _mail()
    assert mail["Subject"] == "您的老年人优待证即将寄出"
    body = mail.get_content()
    for part in ("尊敬的王秀英", "Dear 王秀英", "为什么给您写信: 依据人口库", "Why we write to you: ", "12345"):
        assert part in body


def test_a_mail_says_that_a_machine_wrote_it_and_when():
    mail = _mail()
    assert mail["Auto-Submitted"] == "auto-generated"
    assert mail["Date"] == "Sun, 01 Mar 2026 10:00:00 +0800"


def test_every_try_at_a_notification_has_the_same_message_id():
    ids = {_mail(number=1)["Message-ID"] for _ in range(2)}
    assert ids == {"<00000000-0000-0000-0000-000000000001.letter@city.example>"}
    assert _mail(number=2)["Message-ID"] not in ids


def test_a_name_cannot_add_a_header():
    forged = Addressee(name="王\r\nBcc: all@city.example", email="wang@mail.example")
    mail = _mail(to=forged)
    assert mail["Bcc"] is None


@pytest.mark.parametrize("email", [None, "nobody", "a@b.example\nBcc: c@d.example"])
def test_without_a_usable_address_there_is_no_mail(email):
    channel = SmtpChannel(account=mail_account("smtp://nowhere.invalid?from=notice@city.example"))
    with pytest.raises(Refused, match=r"^no usable e-mail address$"):
        channel.send(message=message(to=Addressee(name="王秀英", email=email)))
