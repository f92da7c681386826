"""The forecast of renewals against worlds whose rates are known."""

import random

import pytest

from fairlead.analysis.renewal_forecast import Before, forecast, rates

TRUE = {"smb": 0.8, "enterprise": 0.95}
WORLDS = 400


def kept(dice: random.Random, segment: str) -> float:
    """The share that one renewal keeps: nothing, part, or all, on average what is true of its segment."""
    if dice.random() < 0.1:
        return dice.choice([TRUE[segment] - 0.2, min(TRUE[segment] + 0.2, 1.0)]) if segment == "smb" else TRUE[segment]
    return 1.0 if dice.random() < TRUE[segment] else 0.0


def before(dice: random.Random, segment: str, count: int) -> Before:
    shares = [kept(dice, segment) for _ in range(count)]
    return Before(segment, count, sum(shares), sum(s * s for s in shares), 100.0 * count, 8.0 * count)


def test_the_interval_holds_what_is_really_renewed_nineteen_times_of_twenty() -> None:
    dice, held, expected, really = random.Random(5), 0, 0.0, 0.0
    for _ in range(WORLDS):
        rate = rates([before(dice, "smb", 60), before(dice, "enterprise", 40)], (), 10)
        coming = [(dice.choice(list(TRUE)), float(dice.randint(1, 40))) for _ in range(40)]
        found = forecast(coming, rate)
        assert found
        renewed = sum(money * kept(dice, segment) for segment, money in coming)
        held += found.interval.low <= renewed <= found.interval.high
        expected, really = expected + found.expected, really + renewed
    assert 0.92 <= held / WORLDS <= 0.985
    assert expected == pytest.approx(really, rel=0.02)


def test_a_segment_with_few_renewals_takes_the_rate_of_the_company_and_says_so() -> None:
    told = rates([Before("smb", 20, 16, 16, 2000, 200), Before("enterprise", 2, 2, 2, 900, 0)], ["new"], 10)
    assert (told["smb"].is_own, told["enterprise"].is_own, told["new"].is_own) == (True, False, False)
    assert told["smb"].share == pytest.approx(16.5 / 21)
    assert told["enterprise"].share == told["new"].share == pytest.approx(18.5 / 23)
    assert told["new"].renewals == 22


def test_e36_upsell_is_beside_the_forecast_and_never_in_it() -> None:
    told = rates([Before("smb", 20, 20, 20, 1000, 5000)], (), 10)
    found = forecast([("smb", 100.0), ("smb", 50.0)], told)
    assert found
    assert found.expected <= found.interval.high <= 150
    assert found.upsell == pytest.approx(5 * 150)


def test_e60_nothing_before_is_no_forecast_and_a_rate_is_never_certain() -> None:
    assert rates([], ["smb"], 10) == {}
    assert forecast([("smb", 10.0)], {}) is None
    certain = rates([Before("smb", 30, 30, 30, 1, 0)], (), 10)
    assert forecast([], certain) is None
    found = forecast([("smb", 100.0)], certain)
    assert found
    assert found.interval.low < found.expected < 100
    assert certain["smb"].interval == pytest.approx((0.94, 1.0), abs=0.02)


def test_segments_of_one_rate_err_together() -> None:
    """Two thin segments share one rate that is known badly: their errors add up, and do not cancel."""
    told = rates([Before("a", 4, 3, 3, 1, 0), Before("b", 4, 3, 3, 1, 0)], (), 10)
    apart = [forecast([(name, 100.0)] * 50, told) for name in "ab"]
    both = forecast([("a", 100.0)] * 50 + [("b", 100.0)] * 50, told)
    assert both
    assert apart[0]
    assert apart[1]
    alone = (apart[0].interval.half ** 2 + apart[1].interval.half ** 2) ** 0.5
    assert both.interval.half > 1.2 * alone
    assert both.expected == pytest.approx(apart[0].expected + apart[1].expected)
