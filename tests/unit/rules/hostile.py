"""Texts that nobody means well: what people try on rule languages, and what breaks readers of YAML."""

from __future__ import annotations

import random

#: None of these is a condition.
CONDITIONS = (
    # code, templates, look-ups
    *(
        '__import__("os").system("id")',
        "().__class__.__mro__[1].__subclasses__()",
        "eval('1')",
        "exec(open('x').read())",
    ),
    *(
        "${jndi:ldap://x/a}",
        "{{ 7*7 }}",
        "{% raw %}",
        "<% 1 %>",
        "#{7*7}",
        "$(id)",
        "`id`",
        "lambda: 0",
        "age.__globals__",
    ),
    # SQL
    *("1 OR 1=1", "' OR '1'='1", "status == 'resident' OR 1=1", "protected; DROP TABLE resident", "protected -- x"),
    *(
        "pg_sleep(10)",
        "sleep(10)",
        "status == (SELECT 1)",
        "birth_date IS NULL",
        "status LIKE '%a%'",
        "protected /* x */",
    ),
    # other engines' ways to run for ever
    *("[1,2].exists(x, x > 0)", "residents.all(r, r.age > 1)", "matches(name, '(a+)+$')", "status =~ '(a+)+$'"),
    *("r.age >= 65", "age(r.birth_date) >= 65", "protected ? true : false", "age(birth_date) >= 60 + 5"),
    # numbers
    *(
        "age(birth_date) >= 1e9999",
        "age(birth_date) >= 0x41",
        "age(birth_date) >= 9" + "9" * 4000,
        "age(birth_date) >= NaN",
    ),
    *("age(birth_date) >= -0x1", "days_to(hukou_on) > 9223372036854775808", "age(birth_date, 99999) >= 1"),
    # letters that look like others, that turn the line around, that cannot be seen
    *("\u0430ge(birth_date) >= 65", "age(birth_d\u0430te) >= 65", "age(birth_date)\u200b >= 65", "\ufeffprotected"),
    *("protected\u202e && x", "protected\u2028&& opted_out", "p\u0301rotected", "\u2060protected", "prot\u00adected"),
    *("protected\x00", "\x1b[31mprotected", "protected\x7f", "\ud800", "protected \U0001f4a3", "\u0661\u0662 == 1"),
    *('status == "resident\u200b"', 'district == "\u202ea"', 'district == "a\x00"', 'status == "\ufdfa"'),
    # half of something
    *(
        '"',
        "'",
        "\\",
        '"\\',
        "(",
        ")",
        "[",
        "]",
        "!",
        "&&",
        "||",
        "==",
        ",",
        "has(",
        "age(",
        "date(",
        "in",
        "protected &&",
    ),
    *("has()", "age()", "date()", "has(has(sex))", "age(age(birth_date)) > 1", "age(birth_date,,1) > 1", "sex in []"),
    *('sex in [["1"]]', 'sex in ["1",]', "!!", "!()", "()", "(())", "protected protected", "protected,protected"),
    # too much
    *("(" * 4096, "!" * 4096, "((" * 41 + "protected" + "))" * 41, "a" * 4097, "protected||" * 400, '"' * 4096),
    *("[" * 4096, "age(" * 1024, "sex in [" + '"1",' * 1000, "\u6c49" * 1365, " " * 4097, "\n" * 4096, "date(" * 800),
)

_BOMB = "a: &a [x,x,x,x,x,x,x,x,x]\n" + "".join(
    f"{name}: &{name} [{','.join(['*' + before] * 9)}]\n" for before, name in zip("abcdefgh", "bcdefghi", strict=True)
)
#: None of these is a trigger document.
DOCUMENTS = (
    # tags and aliases
    *('a: !!python/object/apply:os.system ["id"]', "!!python/object:x.Y {}", "a: !!binary aGk=", "!<tag:x> a: 1"),
    *(_BOMB, "a: &a [*a]", "<<: {a: 1}", "a: &x 1\n<<: *x", "? {a: 1}\n: b", "? [a]\n: b", "? |\n  a\n: b", "&a a: 1"),
    # more than one thing, or none
    *("a: 1\n---\nb: 2", "---\n---\n", "%YAML 1.1\n---\na: 1\n...\n%YAML 1.2\n---\nb: 2", "", "\n", "#", "---", "..."),
    *(
        "%TAG ! tag:x,2000:\n---\n!y a: 1",
        "null",
        "~",
        "[]",
        "{}",
        "- a",
        "a",
        "42",
        "true",
        "|",
        ">-\n  x",
        "!",
        "@",
        "`",
    ),
    # signs that readers disagree about
    *(
        "a: 1\r b: 2",
        "a: \x00",
        "a: \x07",
        "a: \ud800",
        "\ufeffa: 1\n\ufeffb: 2",
        "a: \x85b: 1",
        "a: \u2028b",
        "\ta: 1",
    ),
    *(
        "a:\t1\n\tb: 2",
        "a: 'x",
        'a: "x',
        'a: "\\q"',
        'a: "\\ud800"',
        "a: b: c",
        "a: [1",
        "a: {b: 1",
        "a: }",
        "a: ]",
        "a: ,",
    ),
    # twice, deep, long
    *("a: 1\na: 2", "a: {b: 1, b: 2}", "[" * 60_000, "{" * 60_000, "- " * 30_000, "? " * 30_000, "a: " * 20_000),
    *(
        "a: [" * 15_000,
        "{a: " * 15_000,
        "!" * 60_000,
        "&" * 60_000,
        "'" * 60_000,
        '"' * 60_000,
        "#" * 60_000,
        "|" * 60_000,
    ),
    *(
        "a: " + "x" * 70_000,
        "\n" * 65_000,
        " " * 65_000,
        "a:\n" * 20_000,
        "".join(f"k{n}: {n}\n" for n in range(6_000)),
    ),
    *(
        "- {a: 1}\n" * 6_000,
        "a: '" + "''" * 30_000 + "'",
        "a: " + "[]," * 20_000,
        "x" * 65_000 + ": 1",
        "a: >\n" + " \n" * 30_000,
    ),
)


def damaged(rnd: random.Random, text: str, pieces: tuple[str, ...], most: int) -> str:
    """Return a text with some pieces put in, taken out or doubled at random places."""
    for _ in range(rnd.randint(1, 4)):
        place = rnd.randrange(len(text) + 1)
        match rnd.randrange(4):
            case 0:
                text = text[:place] + rnd.choice(pieces) + text[place:]
            case 1:
                text = text[:place] + text[place + rnd.randint(1, 12) :]
            case 2:
                text = text[:place] + text[place : place + 40] * rnd.randint(2, 6) + text[place + 40 :]
            case _:
                text = text[:place] + chr(rnd.choice((rnd.randrange(128), rnd.randrange(0x11000)))) + text[place + 1 :]
    return text[:most]
