"""In whose name the post goes out: a document, read with its lines."""

import pytest

from rules.document import load
from rules.shipped import shipped
from unasked.errors import Refusal
from unasked.senders import read_senders, sample_senders

DOCUMENT = """\
schema: unasked/senders@1
city: {zh: 和安市, en: He'an City}
hotline: "12345"
offices:
  civil-affairs: {zh: 和安市民政局, en: Civil Affairs of He'an, address: 人民路1号}
otherwise: {zh: 和安市政务服务局, en: Government Services of He'an, address: 人民路9号}
"""


def test_a_department_has_its_own_office_and_the_others_share_one() -> None:
    senders = read_senders(DOCUMENT, name="senders.yaml")
    own, other = senders.of("civil-affairs"), senders.of("education-bureau")
    assert (own.office.zh, own.address, own.city.en, own.hotline) == (
        "和安市民政局",
        "人民路1号",
        "He'an City",
        "12345",
    )
    assert (other.office.en, other.address) == ("Government Services of He'an", "人民路9号")


def test_every_owner_in_the_catalogue_has_an_office_of_the_sample_city() -> None:
    owners = {load(text, name=name).owner for name, text in shipped().items()}
    assert set(sample_senders().offices) == owners


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("hotline:", "hotlime:", 'senders.yaml:3: hotlime: "hotlime" is no key that is known here; did you mean'),
        ("address: 人民路9号", "adress: x", "senders.yaml:6: otherwise.adress"),
        (", address: 人民路1号", "", 'senders.yaml:5: offices.civil-affairs.address: "address" is missing; add it'),
        ("senders@1", "senders@2", 'schema: "unasked/senders@2" is no schema of senders; write unasked/senders@1'),
        ("city: {", "city: [", "senders.yaml:2"),
        ("  civil-affairs: {zh: 和安市民政局", "  civil-affairs: {zh: ", "offices.civil-affairs.zh"),
    ],
)
def test_a_document_that_cannot_be_used_is_refused_with_its_line(old: str, new: str, said: str) -> None:
    assert old in DOCUMENT
    with pytest.raises(Refusal) as refused:
        read_senders(DOCUMENT.replace(old, new), name="senders.yaml")
    assert said in str(refused.value)
