import pytest

from models.fields import FIELDS
from rules.ast import Age, And, Compare, DaysTo, Has, Not, OneOf, Op, Or, walk
from rules.errors import RuleError
from rules.parse import parse

RESIDENT = Compare(field=FIELDS["status"], op=Op.EQ, value="resident")
PROTECTED = Compare(field=FIELDS["protected"], op=Op.EQ, value=True)
CARD = Has(field=FIELDS["senior_card_on"])


@pytest.mark.parametrize(
    ("text", "tree"),
    [
        ("protected", PROTECTED),
        ("protected == true", PROTECTED),  # a bare field says the same
        ("protected != false", Compare(field=FIELDS["protected"], op=Op.NE, value=False)),
        ("status == 'resident'", RESIDENT),
        ("has(senior_card_on)", CARD),
        ("!has(senior_card_on)", Not(item=CARD)),
        ("!!protected", Not(item=Not(item=PROTECTED))),
        ('!(status == "resident")', Not(item=RESIDENT)),
        ("((protected))", PROTECTED),
        ("age(birth_date)>=65", Age(field=FIELDS["birth_date"], days=0, op=Op.GE, years=65)),
        ("age(hukou_on, -30) < 3", Age(field=FIELDS["hukou_on"], days=-30, op=Op.LT, years=3)),
        ("days_to(moved_in_on) != -30", DaysTo(field=FIELDS["moved_in_on"], op=Op.NE, days=-30)),
        ('sex in ["1"]', OneOf(field=FIELDS["sex"], values=("1",))),
        (r'district != "a\"b\\c\'d"', Compare(field=FIELDS["district"], op=Op.NE, value="a\"b\\c'd")),
    ],
)
def test_an_atom_means_what_it_says(text, tree):
    assert parse(text) == tree


def test_and_binds_tighter_than_or():
    left = And(items=(PROTECTED, CARD))
    assert parse("protected && has(senior_card_on) || protected") == Or(items=(left, PROTECTED))
    right = And(items=(PROTECTED, Or(items=(CARD, PROTECTED))))
    assert parse("protected && (has(senior_card_on) || protected)") == right


def test_blanks_and_line_breaks_mean_nothing():
    assert parse("\n protected\t&&\r\n has( senior_card_on )\n") == parse("protected&&has(senior_card_on)")


def test_text_is_brought_to_the_normal_form_of_the_register():
    assert parse('district == "e\u0301"') == parse('district == "\u00e9"')


def test_nodes_know_where_they_stand_and_have_stable_ids():
    tree = parse('protected && (has(hukou_on) || status == "resident")')
    assert [(path, node.at) for path, node in walk(tree)] == [
        ("0", 1),
        ("0.0", 1),
        ("0.1", 15),
        ("0.1.0", 15),
        ("0.1.1", 32),
    ]


@pytest.mark.parametrize(
    ("text", "column", "en", "zh"),
    [
        # what cannot be read at all
        ("", 0, "the condition is empty; write for example age(birth_date) >= 65", "条件是空的"),
        ("  \n", 0, "the condition is empty", "条件是空的"),
        ("a" * 4097, 0, "the condition has 4097 bytes; at most 4096 are accepted", "条件有 4097 字节"),
        ('status = "resident"', 8, 'write "==" for equal', '相等请写 "=="'),
        ("protected & protected", 11, 'write "&&" for and', '"并且" 请写 "&&"'),
        ("protected | protected", 11, 'write "||" for or', '"或者" 请写 "||"'),
        ("protected ? true : false", 11, "there is no ternary; write it with && and ||", "不支持三元表达式"),
        ("resident.age", 9, "write the field's name alone, without a dot", "不要加点号"),
        ("protected # why", 11, 'conditions have no comments; in YAML the text after " #" is lost', "条件内没有注释"),
        ("protected // why", 11, "conditions have no comments and no division", "条件内没有注释"),
        ("age(birth_date) + 1 >= 65", 17, "there is no arithmetic in conditions", "条件中不能做算术"),
        ('status == "resident', 11, "the quotation mark is never closed", "引号没有配对"),
        ("age(birth_date\uff09 >= 65", 15, 'write ")" instead', '请改用半角 ")"'),
        ("status == \u201cresident\u201d", 11, "write '\"' instead".replace("'", '"'), "请改用半角"),
        ("age(birth_date) \u2265 65", 17, 'write ">=" instead', '请改用半角 ">="'),
        ("protected \U0001f600", 11, "cannot stand in a condition; remove it", "请删除"),
        (
            "age(birth_date) >= 65.5",
            20,
            "is no whole number; conditions use whole numbers only, money is in fen",
            "不是整数",
        ),
        ("age(birth_date) >= 1e9", 20, "is no whole number", "不是整数"),
        (r'district == "a\nb"', 15, r'the escape "\n" is not known', "不支持转义"),
        # what stands in the wrong place
        ("protected protected", 11, 'expected "&&", "||" or the end, not protected', "此处应为"),
        ("protected and protected", 11, 'not and; write "&&"', '请写 "&&"'),
        ("protected &&", 13, "the condition ends here; expected a field, has(), age() or days_to()", "条件在此中断"),
        ("(protected", 11, 'the condition ends here; expected ")"', "条件在此中断"),
        ("65 <= age(birth_date)", 1, "expected a field, has(), age() or days_to(), not 65", "此处应为 一个字段"),
        ("has(65)", 5, "expected the name of a field, not 65", "此处应为 一个字段名"),
        ("age(birth_date) in [1]", 17, "expected one of == != < <= > >=, not in", "此处应为 == !="),
        ("age(birth_date) >= true", 20, "expected a whole number, not true", "一个整数"),
        ('age(birth_date) >= "65"', 20, 'expected a whole number, not "65"', "一个整数"),
        ("status in []", 12, 'expected a quoted text such as "resident", not ]', "带引号的文本"),
        # names
        (
            "brith_date == date('2020-01-01')",
            1,
            'there is no field "brith_date"; did you mean "birth_date"?',
            "是否应为",
        ),
        ("qqq", 1, 'there is no field "qqq"; write one of: sex, birth_date', "没有字段"),
        ("name == 'x'", 1, '"name" may not stand in a condition; personal identifiers', "个人标识"),
        ("has(updated_at)", 5, '"updated_at" may not stand in a condition', "不能用于条件"),
        ("agee(birth_date) > 1", 1, 'there is no function "agee"; did you mean "age"?', "没有函数"),
        ("pg_sleep(10)", 1, 'there is no function "pg_sleep"; write one of: has, age, days_to', "没有函数"),
        ("null == 1", 1, 'there is no null; write has(field) or "!has(field)"', "没有 null"),
        ("status == null", 11, "there is no null", "没有 null"),
        ("hukou_on != null", 13, "there is no null", "没有 null"),
        # types
        ("status", 1, '"status" is not true or false by itself; compare it, or write has(status)', "不是真假字段"),
        ('status < "resident"', 8, '"status" has no order, so "<" means nothing; use == or !=', "不能用"),
        ("protected >= true", 11, '"protected" has no order', "不能用"),
        ("protected == 1", 14, "expected true or false, not 1", "此处应为 true 或 false"),
        ("protected in [true]", 11, '"in" is not for "protected"; use comparisons', "不能用 in"),
        ("sex == 1", 8, 'expected a quoted text such as "resident", not 1', "带引号的文本"),
        ('sex in ["1", 2]', 14, 'expected a quoted text such as "resident", not 2', "带引号的文本"),
        ("hukou_on < 3", 12, 'expected a date, written date("2026-03-01"), not 3', "只能与日期比较"),
        ("hukou_on < '2026-03-01'", 12, "expected a date, written date", "只能与日期比较"),
        ("hukou_on == moved_in_on", 13, "expected a date, written date", "只能与日期比较"),
        ("hukou_on < date(2026)", 17, 'expected a quoted day such as "2026-03-01", not 2026', "带引号的日期"),
        ('hukou_on < date("2019-02-30")', 17, '"2019-02-30" is no day of the calendar', "不是历法中的一天"),
        ('hukou_on < date("20190201")', 17, '"20190201" is no day of the calendar', "不是历法中的一天"),
        ("age(status) > 1", 1, 'age() needs a date, and "status" is none', "需要日期字段"),
        ("days_to(protected) > 1", 1, 'days_to() needs a date, and "protected" is none', "需要日期字段"),
        ('status == "residnet"', 11, '"residnet" is no value of status; did you mean "resident"?', "不是 status"),
        ('sex == "x"', 8, '"x" is no value of sex; write one of: 0, 1, 2, 9', "可用：0, 1, 2, 9"),
        ('district == ""', 13, "an empty text counts as absent; write has(field)", "空文本等于没有值"),
        ('district == " a"', 13, "outer blanks or control characters never matches", "首尾不能有空格"),
        ('district == "a\tb"', 13, "outer blanks or control characters never matches", "控制字符"),
        # CEL binds "!" to the field alone
        ("!age(birth_date) >= 65", 1, "write !(age(birth_date) >= 65)", "请加括号：!(age(birth_date) >= 65)"),
        ('protected && !!status == "resident"', 15, 'write !(status == "resident")', '!(status == "resident")'),
        ("! days_to( hukou_on )<0", 1, "write !(days_to(hukou_on) < 0)", "只作用于紧跟的字段"),
        ('!sex in ["1"]', 1, 'write !(sex in ["1"])', '!(sex in ["1"])'),
        ("!protected == true", 1, "write !(protected)", "!(protected)"),
        ("!protected != false", 1, "write !(protected != false)", "!(protected != false)"),
        # limits
        ("age(birth_date) >= 151", 20, "151 is out of range; write an age from 0 to 150", "年龄须在 0 到 150 之间"),
        ("age(birth_date) >= -1", 20, "-1 is out of range", "年龄须在 0 到 150 之间"),
        ("age(birth_date, 36601) > 1", 17, "write days from -36600 to 36600", "天数须在"),
        ("days_to(hukou_on) > -36601", 21, "write days from -36600 to 36600", "天数须在"),
        ("days_to(hukou_on) > 9223372036854775808", 21, "is too large; whole numbers are signed 64 bit", "64 位"),
        ("days_to(hukou_on) > " + "9" * 3000, 21, "is too large", "过大"),
        ("(" * 41 + "protected" + ")" * 41, 42, "nested deeper than 40 levels", "嵌套超过 40 层"),
        ("!" * 41 + "protected", 42, "nested deeper than 40 levels", "嵌套超过 40 层"),
        (
            "(protected && (opted_out || " * 7 + "protected" + "))" * 7,
            170,
            "&& and || are nested deeper than 12",
            "嵌套",
        ),
        ("sex in [" + '"1",' * 500 + '"1"]', 2012, "more than 500 literals", "字面值超过 500 个"),
    ],
)
def test_a_refusal_says_where_and_what_and_how_to_mend_it(text, column, en, zh):
    with pytest.raises(RuleError) as raised:
        parse(text)
    assert en in raised.value.en
    assert zh in raised.value.zh
    assert raised.value.column == column


@pytest.mark.parametrize(
    "text",
    [
        "(" * 40 + "protected" + ")" * 40,
        "!" * 40 + "protected",
        "!(" * 40 + "protected" + ")" * 40,
        "!" * 40 + '(status == "resident")',
        "sex in [" + '"1",' * 499 + '"1"]',
        "protected" + "||protected" * 371,
        "(protected && (opted_out || " * 6 + "protected" + "))" * 6,
        "age(birth_date) >= 150 && age(birth_date, -36600) >= 0",
    ],
)
def test_everything_up_to_the_limits_is_accepted(text):
    parse(text)
