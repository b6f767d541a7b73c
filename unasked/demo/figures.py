"""Published figures that the synthetic city follows, each with its source.

[census] Shenzhen Municipal Bureau of Statistics, bulletin of the seventh national population census, 2021-05-17; ages,
    sex and districts from the press reports of that bulletin.
[gender] Shenzhen gender statistics report for 2015: birth rate, death rate, median age.
[wpp] United Nations, Department of Economic and Social Affairs, Population Division (2019): World Population Prospects
    2019, country 156 (China), licensed under CC BY 3.0 IGO; rounded to thousands and to four significant digits.
[permit] Interim Regulations on Residence Permits (State Council decree 663, 2015), article 10: endorsed once a year.
[division] Administrative division of Shenzhen: district codes (GB/T 2260) and number of street offices, 74 in all.
"""

from typing import NamedTuple


class District(NamedTuple):
    """One district with its census population of 2020 (ten thousand persons) and its number of streets."""

    code: str
    zh: str
    population: float
    streets: int


# [census], [division]. Longgang includes the functional zone Dapeng (15.62), which has no code of its own; the
# Shenshan zone (6.57 of 1,756) has neither a code nor borders with the city and is left out.
DISTRICTS: tuple[District, ...] = (
    District("440303", "罗湖区", 114.38, 10),
    District("440304", "福田区", 155.32, 10),
    District("440305", "南山区", 179.58, 8),
    District("440306", "宝安区", 447.66, 10),
    District("440307", "龙岗区", 397.90 + 15.62, 14),
    District("440308", "盐田区", 21.42, 4),
    District("440309", "龙华区", 252.89, 6),
    District("440310", "坪山区", 55.13, 6),
    District("440311", "光明区", 109.53, 6),
)

#: [census] (from age, to age exclusive, share of the population). 60+ is 5.36 %, of which 65+ 3.22 %.
AGE_BANDS: tuple[tuple[int, int, float], ...] = (
    (0, 15, 0.1511),
    (15, 60, 0.7953),
    (60, 65, 0.0536 - 0.0322),
    (65, 105, 0.0322),
)
#: [census]
MALE_SHARE = 0.5504
#: [gender] Years.
MEDIAN_AGE = 31.21
#: [gender] Births and deaths per person and year.
BIRTH_RATE = 0.01964
DEATH_RATE = 0.00128
#: [census] Persons in collective households, and persons per household of either kind.
COLLECTIVE_SHARE = 3_079_366 / 17_560_061
FAMILY_SIZE = 14_480_695 / 6_424_556
COLLECTIVE_SIZE = 3_079_366 / 1_062_594

#: [wpp] China 2020, thousand persons in the ages 0-4, 5-9, ... 95-99, 100+.
MALES = (
    *(44456, 46320, 45350, 44103, 46274, 51523, 66443, 51346, 49289, 61173, 62348),
    *(49958, 38917, 36527, 21425, 12207, 6884, 2843, 731, 116, 13),
)
FEMALES = (
    *(39476, 40415, 38913, 38239, 40884, 46466, 62296, 48746, 46985, 58664, 61097),
    *(48782, 38597, 37623, 23525, 14337, 9298, 4739, 1574, 359, 62),
)

#: [wpp] 2015-2020, deaths per person and year from these ages on.
MORTALITY_FROM = (0, 1, *range(5, 105, 5))
MALE_MORTALITY = (
    *(0.01158, 0.00047, 0.00034, 0.00027, 0.00039, 0.00057, 0.00079, 0.00098, 0.00124, 0.00172, 0.00258),
    *(0.00436, 0.00734, 0.01385, 0.02524, 0.04624, 0.07861, 0.1146, 0.1764, 0.2559, 0.3418, 0.4460),
)
FEMALE_MORTALITY = (
    *(0.00819, 0.00035, 0.00028, 0.00019, 0.00028, 0.00037, 0.00047, 0.00062, 0.00079, 0.00116, 0.00166),
    *(0.0027, 0.00455, 0.0086, 0.01559, 0.02888, 0.04912, 0.08274, 0.1332, 0.1929, 0.2695, 0.3288),
)

#: [wpp] 2015-2020, births per woman and year in the ages 15-19, 20-24, ... 45-49.
FERTILITY = (0.007635, 0.1167, 0.1172, 0.06306, 0.02317, 0.00917, 0.001041)
#: [wpp] Boys born per girl.
BOYS_PER_GIRL = 1.13

#: [permit] Years between two endorsements of a residence permit.
PERMIT_YEARS = 1
