"""Names and numbers of people who do not exist.

None of them can belong to a living person:
* id numbers are well formed (GB 11643: length, date, sequence, check digit), but begin with 440399 or lower, a region
  code that GB/T 2260 has never assigned in Shenzhen (its codes run from 440300 to 440311 and 440320 to 440321), so no
  police station ever issued one. A register may warn about the region; the number itself is right.
* mobile numbers begin with 154, one of the prefixes that the Chinese numbering plan has given to no operator.
* e-mail addresses end in `.example` (RFC 2606), postal addresses lie on 示例路, "Example Road".
"""

from __future__ import annotations

from collections import Counter
from datetime import date
from operator import mul
from random import Random

_WEIGHTS = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
_CHECK = "10X98765432"
#: What the weighted sum of character codes exceeds that of digits by.
_ZEROS = ord("0") * sum(_WEIGHTS)
#: Sequence numbers of one region, birth date and sex: 0 to 999, odd for men and even for women.
_PER_REGION = 500
_UNASSIGNED_REGION, _LOWEST_UNASSIGNED = 440399, 440390
_SURNAMES = "王李张刘陈杨黄赵吴周徐孙马朱胡郭何林高罗郑梁谢宋唐许韩冯邓曹彭曾肖田董潘袁蔡蒋余杜叶程苏魏吕丁任沈姚卢钟"
_MEN = "伟强磊军勇涛超明刚平辉鹏华飞鑫波斌宇浩凯俊杰峰健翔建国志文海东龙子轩博睿泽家豪天佑"
_WOMEN = "芳娜敏静丽娟艳霞玲桂英秀兰燕红梅雪琳婷慧莹洁倩萍欣怡梦佳思雨涵诗琪语嫣晓月可馨"


class Numbers:
    """Counters from which keys, id numbers and telephone numbers are made, so that none is given twice."""

    def __init__(self) -> None:
        """Start with an empty register."""
        self._residents = self._households = self._phones = 0
        self._births: Counter[tuple[date, bool]] = Counter()

    def copy(self) -> Numbers:
        """Return counters that go on from here on their own."""
        other = Numbers()
        other._residents, other._households, other._phones = self._residents, self._households, self._phones
        other._births = self._births.copy()
        return other

    def resident_id(self) -> str:
        """Return the next pseudonymous key."""
        self._residents += 1
        return f"R{self._residents:09d}"

    def household_id(self, *, collective: bool) -> str:
        """Return the next household number: C for collective households (dormitories), H for families."""
        self._households += 1
        return f"{'C' if collective else 'H'}{self._households:08d}"

    def phone(self) -> str:
        """Return the next unassigned mobile number; the multiplier is coprime to 10, so none repeats."""
        self._phones += 1
        return f"154{self._phones * 37_000_001 % 100_000_000:08d}"

    def id_number(self, *, birth: date, female: bool) -> str:
        """Return the next id number of this birth date and sex; ValueError when the unassigned regions are used up."""
        used = self._births[birth, female]
        self._births[birth, female] = used + 1
        region, sequence = _UNASSIGNED_REGION - used // _PER_REGION, used % _PER_REGION
        if region < _LOWEST_UNASSIGNED:
            raise ValueError(f"residents: {birth} has over {used} births of one sex; ask for a smaller city")
        digits = f"{region}{birth.year:04d}{birth.month:02d}{birth.day:02d}{2 * sequence + (not female):03d}"
        return digits + _CHECK[(sum(map(mul, _WEIGHTS, digits.encode())) - _ZEROS) % 11]


def surname(rng: Random) -> str:
    """Return a common surname; those at the head of the list are commoner, as in China."""
    return _SURNAMES[min(int(rng.expovariate(0.07)), len(_SURNAMES) - 1)]


def given_name(rng: Random, *, female: bool) -> str:
    """Return a given name of one or two characters."""
    characters = _WOMEN if female else _MEN
    return "".join(rng.choices(characters, k=1 if rng.random() < 0.2 else 2))


def email(resident_id: str) -> str:
    """Return an address in a domain that can never exist."""
    return f"{resident_id.lower()}@city.example"
