import math

import pytest

from casework.volume import FALSE_ALARM, PRIOR_DAYS, Flow, expect, negative_binomial_bound


def _quantile(size, chance, tail):
    """The same by adding up every term."""
    number, term = 0, chance**size
    total = term
    while 1 - total > tail:
        term *= (number + size) / (number + 1) * (1 - chance)
        number += 1
        total += term
    return number


@pytest.mark.parametrize(("size", "chance"), [(0.5, 0.9), (3, 0.5), (35, 0.9), (100, 0.6), (10, 0.3), (400, 0.87)])
def test_the_bound_is_the_quantile_of_the_negative_binomial_or_one_more(size, chance):
    bound = negative_binomial_bound(size=size, chance=chance)
    assert bound - _quantile(size, chance, FALSE_ALARM) in (0, 1)


def test_large_numbers_are_bounded_without_a_sum():
    bound = negative_binomial_bound(size=5_000_000.0, chance=0.99)
    middle = 5_000_000 / 99
    assert middle + 4.5 * math.sqrt(middle) < bound < middle + 5.5 * math.sqrt(middle)


def test_known_dates_are_a_count_and_the_flow_is_what_may_vary():
    flow = Flow(runs=[(5, 1), (4, 1), (6, 1), (5, 1)] * 14)
    one, many = expect(known=0, flow=flow, days=1), expect(known=600, flow=flow, days=1)
    assert many.bound - one.bound == 600
    assert (one.expected, many.expected) == (4, 604)
    assert one.passes(one.bound)
    assert not one.passes(one.bound + 1)


def test_a_long_interval_widens_the_bound_and_is_no_reason_to_stop():
    flow = Flow(runs=[(5, 1)] * 56)
    forty = expect(known=0, flow=flow, days=40)
    assert forty.passes(40 * 5)
    assert not forty.passes(2 * 40 * 5)


def test_without_a_record_the_register_speaks_and_weighs_a_week():
    assert expect(known=0, flow=Flow(register_rate=30.0), days=1).expected == 30
    grown = expect(known=0, flow=Flow(register_rate=30.0, runs=[(60, 1)] * 56), days=1)
    assert grown.expected == round((30 * PRIOR_DAYS + 60 * 56) / (PRIOR_DAYS + 56))


def test_entries_that_come_on_working_days_only_widen_the_bound():
    even, weekly = Flow(runs=[(5, 1)] * 56), Flow(runs=[(7, 1), (7, 1), (7, 1), (7, 1), (7, 1), (0, 1), (0, 1)] * 8)
    assert weekly.dispersion > 2 > even.dispersion
    assert expect(known=0, flow=weekly, days=1).bound > expect(known=0, flow=even, days=1).bound
