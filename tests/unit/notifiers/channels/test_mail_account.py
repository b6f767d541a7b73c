import pytest

from notifiers.channels.mail_account import MailAccountError, mail_account, usable


def test_an_url_holds_the_whole_account():
    account = mail_account("smtp://clerk:p%40ss@mail.city.example:2525?from=notice@city.example&timeout=5")
    assert (account.host, account.port, account.user, account.password) == ("mail.city.example", 2525, "clerk", "p@ss")
    assert (account.sender, account.timeout, account.tls, account.implicit_tls) == (
        "notice@city.example",
        5.0,
        True,
        False,
    )


@pytest.mark.parametrize(
    ("url", "port", "implicit"),
    [("smtp://mail.example?from=a@b.example", 587, False), ("smtps://mail.example?from=a@b.example", 465, True)],
)
def test_the_scheme_decides_the_port_and_when_encryption_begins(url, port, implicit):
    account = mail_account(url)
    assert (account.port, account.implicit_tls, account.tls) == (port, implicit, True)


def test_the_login_name_is_the_sender_when_it_is_an_address():
    assert mail_account("smtp://notice%40city.example:x@mail.example").sender == "notice@city.example"


def test_the_password_never_shows():
    assert "s3cret" not in repr(mail_account("smtp://u:s3cret@mail.example?from=a@b.example"))


@pytest.mark.parametrize(
    ("url", "said"),
    [
        ("http://s3cret:s3cret@mail.example", "the SMTP URL is not understood; write smtp://"),
        ("smtp://?from=a@b.example", "the SMTP URL is not understood"),
        ("smtp://mail.example?from=a@b.example&colour=s3cret", "options: cafile, from, timeout, tls"),
        (
            "smtp://u:s3cret@mail.example:99999?from=a@b.example",
            "the port in the SMTP URL is no number from 1 to 65535",
        ),
        ("smtp://u:s3cret@mail.example", "the SMTP URL names no sender; add ?from=notice@city.example"),
        ("smtp://mail.example?from=a@b.example&tls=maybe", "tls in the SMTP URL is `required` (the default) or `none`"),
        ("smtp://u:s3cret@mail.example?from=a@b.example&tls=none", "a password never goes over an open wire"),
        ("smtp://mail.example?from=a@b.example&timeout=600", "a number of seconds from 1 to 30"),
        ("smtp://mail.example?from=a@b.example&timeout=soon", "a number of seconds from 1 to 30"),
    ],
)
def test_an_url_that_cannot_be_used_says_why_and_keeps_its_secret(url, said):
    with pytest.raises(MailAccountError) as refused:
        mail_account(url)
    assert said in str(refused.value)
    assert "s3cret" not in str(refused.value)


@pytest.mark.parametrize(
    ("address", "is_usable"),
    [
        ("wang@mail.example", True),
        ("wang+card@mail.city.example", True),
        (None, False),
        ("", False),
        ("wang", False),
        ("wang@", False),
        ("wang@localhost", False),
        ("王@mail.example", False),
        ("wang@mail.example, li@mail.example", False),
        ("wang@mail.example\r\nBcc: all@city.example", False),
        ("<wang@mail.example>", False),
        ("wang@[127.0.0.1]", False),
        ("w" * 250 + "@mail.example", False),
    ],
)
def test_only_one_plain_address_can_stand_on_an_envelope(address, is_usable):
    assert usable(address) is is_usable
