"""What the tests of the post share: a sender, an addressee, outbox rows, and a post office put together from parts."""

from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import date, datetime
from typing import Any
from zoneinfo import ZoneInfo

from notifiers.channels.channel import Channel
from notifiers.channels.memory import MemoryChannel
from notifiers.message import Addressee, Medium, Message, Sender, Words
from notifiers.post_office import Counter, OneSender, PostOffice
from notifiers.render import Occasion, compose
from notifiers.texts import Text, load_text, shipped_texts

ZONE = ZoneInfo("Asia/Shanghai")
NOW = datetime(2026, 3, 1, 10, 0, tzinfo=ZONE)
TODAY = date(2026, 3, 1)
SENDER = Sender(
    city=Words(zh="和安市", en="He'an City"),
    office=Words(zh="政务服务局", en="Government Services"),
    address="和安市锦绣区人民路1号",
)
WANG = Addressee(
    name="王秀英",
    address="和安市锦绣区长安街道幸福路18号3栋1502室",
    phone="13800000000",
    email="wang@mail.example",
    fields={
        "sex": "2",
        "card_number": "440300202603018826",
        "child_name": "王小宝",
        "school": "幸福路小学",
        "amount": "300",
    },
)
OCCASION = Occasion(sender=SENDER, at=NOW, on=TODAY)
TEXTS = shipped_texts()

TIP = """
schema: unasked/text@1
id: tip
repeat: at_most_once
fields: {name: text}
short: {zh: "{{ name }}您好", en: "Hello {{ name }}"}
letter:
  title: {zh: 提示, en: A tip}
  body: {zh: "{{ name }}您好", en: "Hello {{ name }}"}
  why: {zh: 无, en: None}
"""


def tip() -> Text:
    """A text that is rather lost than sent twice."""
    return load_text(source=TIP, name="tip.yaml")


def outbox_row(number: int = 1, **changes: Any) -> dict[str, Any]:
    """A planned row of the outbox, due at once."""
    return {
        "notification_id": f"00000000-0000-0000-0000-{number:012}",
        "occurrence_id": f"10000000-0000-0000-0000-{number:012}",
        "trigger_id": "senior-card",
        "version": 1,
        "step": "contact",
        "lineage": f"r{number}",
        "resident_id": f"r{number}",
        "to": "resident",
        "recipient": f"r{number}",
        "channel": "sms",
        "fallbacks": "",
        "template": "senior-card-notice",
        "moment": date(2026, 3, 31),
        "created_on": TODAY,
        "state": "planned",
        "state_on": TODAY,
        "reason": None,
        "tries": 0,
        "next_try_ms": 0,
        "lease_until_ms": None,
        "lease_token": None,
    } | changes


def message(
    *, medium: Medium = Medium.LETTER, template: str = "senior-card-notice", to: Addressee = WANG, number: int = 1
) -> Message:
    """A message as channels get it."""
    channel = {Medium.SHORT: "sms", Medium.LETTER: "letter", Medium.CARD: "card", Medium.EVENT: "topic"}[medium]
    content = None if medium is Medium.EVENT else (TEXTS[template], to)
    row = outbox_row(number, template=template, channel=channel)
    return compose(row=row, attempt_id=f"attempt-{number}", medium=medium, content=content, occasion=OCCASION)


def open_gate(*, db: Any, rows: Any, today: date) -> dict[str, Any]:
    """A gate that lets everything go."""
    return {}


def everybody(*, db: Any, rows: Any) -> dict[str, Addressee]:
    """A directory in which everybody is Wang."""
    return {row["notification_id"]: WANG for row in rows}


def post_office(channel: Channel | None = None, **changes: Any) -> PostOffice:
    """A post office in which every name leads to one channel, with the shipped texts and an open gate."""
    channel = channel or MemoryChannel()
    media = {
        "sms": Medium.SHORT,
        "wechat": Medium.SHORT,
        "letter": Medium.LETTER,
        "card": Medium.CARD,
        "email": Medium.LETTER,
        "topic": Medium.EVENT,
    }
    post = PostOffice(
        counters={name: Counter(channel=channel, medium=medium) for name, medium in media.items()},
        texts={**TEXTS, "tip": tip()},
        senders=OneSender(sender=SENDER),
        gate=open_gate,
        lookup=everybody,
        stopwatch=lambda: 0.0,
    )
    return replace(post, **changes)


def with_counters(post: PostOffice, counters: Mapping[str, Counter]) -> PostOffice:
    """The same post office with other counters."""
    return replace(post, counters=dict(counters))


class Crash(BaseException):
    """The process dies here; nothing may catch it."""


def crashing(times: int = 1) -> Callable[[Message], None]:
    """A hook that lets the process die a number of times."""
    left = [times]

    def hook(_message: Message) -> None:
        if left[0]:
            left[0] -= 1
            raise Crash

    return hook
