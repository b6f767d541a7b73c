import random

import pytest

from rules.parse import parse
from rules.sentence import Language, sentence
from tests.unit.rules import samples


@pytest.mark.parametrize(
    ("text", "zh", "en"),
    [
        ("age(birth_date) >= 65", "年满 65 周岁", "aged 65 or over"),
        ("age(birth_date) < 3", "未满 3 周岁", "under 3 years old"),
        ("age(birth_date) > 3", "年龄超过 3 周岁", "older than 3"),
        ("age(birth_date) <= 3", "年龄不超过 3 周岁", "aged 3 or younger"),
        ("age(birth_date) == 6", "年龄为 6 周岁", "aged 6"),
        ("age(birth_date) != 6", "年龄不是 6 周岁", "not aged 6"),
        ("age(birth_date, 90) >= 65", "90 天后年满 65 周岁", "90 days from now aged 65 or over"),
        ("age(birth_date, -1) >= 65", "1 天前年满 65 周岁", "1 day ago aged 65 or over"),
        ("age(hukou_on) >= 2", "距入户日期已满 2 年", "2 years or more since: hukou since"),
        ("days_to(moved_in_on) <= 0", "迁入日期不晚于当日", "moved in on is not after today"),
        ("days_to(moved_in_on) >= -30", "迁入日期不早于 30 天前", "moved in on is not before 30 days ago"),
        ("days_to(moved_in_on) == 1", "迁入日期是 1 天后", "moved in on is 1 day from now"),
        ("hukou_on < date('2026-03-01')", "入户日期早于 2026-03-01", "hukou since is before 2026-03-01"),
        ("residence == 'hukou'", "居住类型为户籍", 'kind of residence is "household registration"'),
        ("residence != 'hukou'", "居住类型不为户籍", 'kind of residence is not "household registration"'),
        ("sex in ['1', '2']", "性别属于：男性、女性", 'sex is one of "male", "female"'),
        ("district == '440305'", "区为“440305”", 'district is "440305"'),
        ("protected", "住址保密为是", "protected address is yes"),
        ("protected != true", "住址保密不为是", "protected address is not yes"),
        ("has(senior_card_on)", "有老年优待证发放日期", '"holds the senior card since" is on record'),
        ("!has(senior_card_on)", "没有老年优待证发放日期", '"holds the senior card since" is not on record'),
        ("!protected", "并非（住址保密为是）", "not (protected address is yes)"),
        ("protected && opted_out", "住址保密为是，且不接收推送为是", "protected address is yes and opted out is yes"),
        ("protected && (opted_out || has(sex))", "住址保密为是，且（不接收推送为是，或有性别）",
         'protected address is yes and (opted out is yes or "sex" is on record)'),
        ("!(protected && opted_out)", "并非（住址保密为是，且不接收推送为是）",
         "not (protected address is yes and opted out is yes)"),
    ],
)  # fmt: skip
def test_a_condition_reads_as_a_sentence_in_both_languages(text, zh, en):
    assert (sentence(parse(text), Language.ZH), sentence(parse(text), Language.EN)) == (zh, en)


def test_every_condition_has_a_sentence():
    rnd = random.Random(13)
    for _ in range(500):
        condition = samples.condition(rnd, depth=4)
        for language in Language:
            assert sentence(condition.full, language)
