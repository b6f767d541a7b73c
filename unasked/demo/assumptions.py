"""What no published figure gives: shares and yearly rates assumed so that the register is as busy as a migrant city's.

Every number here is an assumption of ours, not a fact about Shenzhen. Shares are shares of those named; rates are per
person and year unless said otherwise. Together they give about 1.3 changes per resident and year.
"""

from types import MappingProxyType

# --- The opening population -------------------------------------------------------------------------------------
#: Kind of residence of families and of dormitories. Together about a third hukou, half permit.
FAMILY_RESIDENCE = (("hukou", 0.39), ("permit", 0.47), ("other", 0.14))
DORMITORY_RESIDENCE = (("hukou", 0.05), ("permit", 0.75), ("other", 0.20))
#: Mean years since moving in.
TENURE_YEARS = 7.0
#: Mothers who live with a partner; women of an age (from, share) who do when they have no child at home.
MOTHERS_WITH_PARTNER = 0.95
WOMEN_WITH_PARTNER = ((60, 0.70), (35, 0.74), (30, 0.60), (25, 0.38), (22, 0.12))
#: A child joins a family that already has one; at most this many children and this many persons in it.
SIBLING_SHARE, MOST_CHILDREN, MOST_IN_FAMILY = 0.4, 3, 7
#: People of 60 and more who live with a family that has children.
ELDERS_WITH_FAMILY = 0.5
#: Persons in a dormitory unit; the mean is 2.9, as in the census.
DORMITORY_SIZES = (("1", 0.1), ("2", 0.3), ("3", 0.3), ("4", 0.2), ("5", 0.1))
#: Residents of 66 and more who hold the senior card when the year begins, and at 65.
CARD_FROM_66, CARD_AT_65 = 0.95, 0.5
#: Birth dates known to the year or month only, wholly unknown, and under investigation.
PARTIAL_BIRTH, UNKNOWN_BIRTH, INVESTIGATED_BIRTH = 0.003, 0.0003, 0.0005
#: Not all residents gave these.
HAS_EMAIL, HAS_CHANNEL, OPTED_OUT, PROTECTED, DISABLED = 0.3, 0.6, 0.01, 0.001, 0.008

# --- Births, deaths, moves --------------------------------------------------------------------------------------
TWIN_SHARE = 0.016
#: Births entered before the child has a name.
UNNAMED_SHARE = 0.3
#: Deaths entered weeks late; known to the month only; without any date.
LATE_DEATHS, PARTIAL_DEATHS, UNDATED_DEATHS = 0.2, 0.1, 0.04
#: Persons arriving per resident and year; departures and moves within the city per household and year.
ARRIVALS, DEPARTURES, MOVES = 0.085, 0.075, 0.12
#: Departed households that come back within the year; moves that stay in the district.
RETURN_SHARE, SAME_DISTRICT = 0.15, 0.6

# --- The office ------------------------------------------------------------------------------------------------
#: Permit holders who have the permit endorsed in a year; the law asks it of all of them.
PERMIT_RENEWED = 0.9
#: Grid workers call at the door and the record is confirmed unchanged.
VERIFIED = 0.25
#: Telephone, e-mail or preferred channel; refusal of messages; name; disability; shielded address.
CONTACT, REFUSAL, NAME, DISABILITY, PROTECTION = 0.15, 0.004, 0.0015, 0.001, 0.0004
#: Adults under 60: work, schooling, marriage (unmarried), divorce (married).
EMPLOYMENT, SCHOOLING, MARRIAGE, DIVORCE = 0.17, 0.015, 0.05, 0.006
#: First permits of those without, hukou of permit holders.
PERMIT, HUKOU = 0.3, 0.03
#: Older residents of whom the register learns that they hold the card: those without, and at 65 after the birthday.
CARD_LEARNED, CARD_WRITTEN_BACK = 0.4, 0.6

# --- Things that go wrong, per resident and year, at least one each -------------------------------------------------
BIRTH_CORRECTED, BIRTH_COMPLETED, INVESTIGATED = 0.001, 0.0006, 0.0003
WRONG_DEATH, REGISTERED_TWICE, WRONG_REGISTRATION, KEY_CHANGED, BAD_RECORD = 0.0001, 0.0003, 0.0005, 0.0001, 0.0002
#: Records that the connector sends a second time.
REPEATED = 0.001

# --- Codes, with the shares in which they are given --------------------------------------------------------------
#: GB/T 4658 schooling of adults; GB/T 2261.4 employment of those of working age.
SCHOOLINGS = (("10", 0.03), ("20", 0.18), ("30", 0.16), ("40", 0.10), ("60", 0.17), ("70", 0.28), ("80", 0.08))
EMPLOYMENTS = (("24", 0.42), ("17", 0.25), ("13", 0.12), ("54", 0.08), ("51", 0.05), ("21", 0.03), ("70", 0.05))
CHANNELS = (("sms", 0.5), ("wechat", 0.4), ("letter", 0.1))
#: GB/T 26341 grade 1 (severest) to 4.
DISABILITY_GRADES = (("1", 0.15), ("2", 0.25), ("3", 0.25), ("4", 0.35))
#: GB/T 2261.2 marital status by name.
MARITAL = MappingProxyType({"single": "10", "married": "20", "widowed": "30", "divorced": "40"})
