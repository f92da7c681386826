"""What gaps cost together: worlds whose loss is known, gaps that err together, and gaps that seem to cost something."""

from collections import Counter, defaultdict
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from statistics import mean

import numpy as np
import pytest

from fairlead.analysis import handed
from fairlead.analysis.gap import Cell, Pull, Worth, charged, costliest_first, price, pulls
from fairlead.analysis.gap_total import Lost, Part, Total, lost
from fairlead.record.engine import connect
from tests.analysis.flows import table

WORLDS = 200
LIMITS, SOURCES = ("hot", "others"), ("ads", "events")
CONVERTS = np.array([[0.35, 0.55], [0.12, 0.25]])
SOLD = ((40_000.0, 0.5), (8_000.0, 0.7))  # a conversion's worth by limit: mean and coefficient of variation
# Who lacks one thing converts so much as often; 1.0: lacking it costs nothing.
STRONG, MIXED, NOTHING = (0.4, 0.5, 0.6), (0.4, 0.7, 0.9, 1.0, 1.0, 1.0), (1.0,) * 6


def world(seed: int, harms: tuple[float, ...], size: int = 1500) -> tuple[Lost, dict[bool, float]]:
    """What the gaps of a world count for, and what those that are charged, certain or not, truly cost on average.

    Whoever is careless lacks several things, so that the prices of gaps err together.
    """
    dice = np.random.default_rng(seed)
    limit, source = dice.integers(0, 2, size), dice.integers(0, 2, size)
    often = np.where(dice.random(size) < 0.3, 0.45, 0.12)
    lacks = [dice.random(size) < often for _ in harms]
    chance = CONVERTS[limit, source] * np.prod([np.where(a, h, 1.0) for a, h in zip(lacks, harms, strict=True)], axis=0)
    converted = dice.random(size) < chance
    worths = []
    for place, (each, spread) in enumerate(SOLD):
        amounts = dice.gamma(spread**-2, each * spread**2, int(converted[limit == place].sum()))
        worths.append(Worth(LIMITS[place], len(amounts), float(amounts.sum()), float((amounts**2).sum())))
    prices, pulled, true = [], [], []
    for own in lacks:
        cells, groups = [], []
        for a, b, c in np.ndindex(2, 2, 2):
            these = (limit == a) & (source == b) & (own == bool(c))
            cells.append(Cell(LIMITS[a], SOURCES[b], bool(c), int(these.sum()), int(converted[these].sum())))
            groups.append((these, a))
        by = {one[:3]: one.by for one in pulls(cells, worths)}
        prices.append(price(cells, worths))
        pulled.append(
            sum(
                by[c[:3]] * these * (converted - converted[these].mean())
                for c, (these, _) in zip(cells, groups, strict=True)
            )
        )
        true.append(sum(by[c[:3]] * SOLD[a][0] / (worths[a].total / worths[a].conversions) * chance[these].sum()
                        for c, (these, a) in zip(cells, groups, strict=True)))  # fmt: skip
    taken: Counter[int] = Counter()
    left = np.ones(size, dtype=bool)
    for place in costliest_first(prices):
        taken[place] = int((left & lacks[place]).sum())
        left &= ~lacks[place]
    charges = charged(prices, taken)
    parts = [Part(n, "h", p, c) for n, (p, c) in enumerate(zip(prices, charges, strict=True)) if p and c.deals]
    products = {(i, j): float(pulled[i] @ pulled[j]) for i in range(len(harms)) for j in range(i, len(harms))}
    truly = {
        told: sum(p.share * true[p.place] for p in parts if p.price.is_certain or not told) for told in (False, True)
    }
    assert sum(c.deals for c in charges) <= int(np.any(lacks, axis=0).sum())
    return lost(parts, products, len(harms)), truly


@pytest.mark.parametrize("harms", [STRONG, MIXED, NOTHING])
def test_the_interval_holds_the_true_total_as_often_as_it_says(harms: tuple[float, ...]) -> None:
    """At 95 %: what is told apart, and all of it, even where some only seem to cost anything. Never much too wide."""
    held, widths = Counter[str](), []
    for seed in range(WORLDS):
        found, true = world(seed, harms)
        for name, one, truth in (("certain", found.certain, true[True]), ("total", found.total, true[False])):
            held[name] += float(one.low) - 0.01 <= truth <= float(one.high) + 0.01
        if found.certain.amount:
            widths.append(float((found.certain.high - found.certain.low) / found.certain.amount))
    allowed = 2.6 * (WORLDS * 0.95 * 0.05) ** 0.5  # what chance takes from 95 %, one time in two hundred
    assert min(held.values()) >= 0.95 * WORLDS - allowed
    if harms == STRONG:
        assert max(held.values()) < WORLDS  # an interval that always holds says nothing
        assert mean(widths) < 0.6


def test_of_one_gap_it_is_the_gaps_own_interval() -> None:
    cells = [Cell("a", "x", True, 80, 16), Cell("a", "x", False, 200, 90)]
    one = price(cells, [Worth("a", 106, 106_000.0, 150_000_000.0)])
    assert one is not None
    (whole,) = charged([one], {0: 80})
    (half,) = charged([one], {0: 40})
    own = Total(one.alone, *one.interval)
    found = lost([Part(0, "h", one, whole)], {(0, 0): 1.0}, 1)
    for told in (found.certain, found.total):
        assert [float(a) for a in told] == pytest.approx([float(a) for a in own], abs=0.02)
    less = lost([Part(0, "h", one, half)], {(0, 0): 1.0}, 1)
    assert [float(a) for a in less.total] == pytest.approx([float(a) / 2 for a in own], abs=0.02)
    chosen = lost([Part(0, "h", one, whole)], {(0, 0): 1.0}, 10).total  # the best of ten is a little less sure
    assert (chosen.low < own.low, chosen.high) == (True, found.total.high)


def test_gaps_that_err_together_make_the_total_less_certain() -> None:
    cells = [Cell("a", "x", True, 80, 16), Cell("a", "x", False, 200, 90)]
    one = price(cells, [Worth("a", 106, 106_000.0, 150_000_000.0)])
    assert one is not None
    parts = [Part(n, f"h{n}", one, charged([one], {0: 40})[0]) for n in range(2)]
    apart, alike, against = (
        lost(parts, {(0, 0): 4.0, (1, 1): 9.0, (0, 1): both}, 2).total for both in (0.0, 6.0, -6.0)
    )
    assert against.high < apart.high < alike.high
    same = lost([Part(n, "h", one, p.charged) for n, p in enumerate(parts)], {(0, 0): 4.0, (1, 1): 9.0}, 2).total
    assert same.high > apart.high  # of one handoff both are priced at the same worth of a conversion


def test_no_gap_counts_for_nothing() -> None:
    nothing = Total(Decimal("0.00"), Decimal("0.00"), Decimal("0.00"))
    assert lost([], {}, 0) == Lost(nothing, nothing)


def test_what_each_deal_pulls_two_gaps_by_is_multiplied_deal_by_deal() -> None:
    """The SQL against a loop: handoffs of one deal belong together, whatever they lack and whichever they are."""
    day = datetime(2026, 1, 5, 9, tzinfo=UTC)
    dice = np.random.default_rng(7)
    handoffs, items = [], []
    for n in range(60):
        for name in ("first", "second")[: 1 + n % 2]:
            of = {"handoff": name, "subject": "person", "subject_id": f"{name}{n}", "cycle": 1}
            wins = bool(dice.random() < 0.5)
            handoffs.append(
                {
                    **of,
                    "opportunity_id": f"d{n // 2}",
                    "person_id": f"p{n}",
                    "limit_name": None,
                    "triggered_at": day,
                    "is_converted": wins,
                    "is_returned": False,
                    "converted_at": day + timedelta(days=20) if wins else None,
                }
            )
            items.append({**of, "item": "email", "is_needed": True, "is_promised": True,
                          "is_there": bool(dice.random() < 0.6)})  # fmt: skip
    connection = connect(threads=1)
    people = [{"id": f"p{n}", "source": ("ads", None)[n % 2]} for n in range(60)]
    for name, rows in (("handoff", handoffs), ("handoff_item", items), ("person", people), ("opportunity", ()),
                       ("account", ()), ("member", ())):  # fmt: skip
        table(connection, name, rows)
    weights = {("first", "ads", True): -3.0, ("first", "", True): -3.0, ("first", "ads", False): 2.0,
               ("second", "", True): -5.0, ("second", "", False): 7.0}  # fmt: skip
    asked = [handed.Pulled(("first", "second").index(h), h, "email", Pull("", s, lacks, by))
             for (h, s, lacks), by in weights.items()]  # fmt: skip
    span = handed.Span(date(2026, 1, 1), date(2026, 12, 31), date(2026, 12, 31))
    found = {(r["place"], r["other"]): r["product"]
             for r in connection.sql(handed.pulled(span, asked).sql).to_arrow_table().to_pylist()}  # fmt: skip
    connection.close()
    groups: dict[tuple[str, str, bool], list[tuple[str, bool]]] = {}
    for one, item in zip(handoffs, items, strict=True):
        source = ("ads", "")[int(str(one["person_id"])[1:]) % 2]
        key = str(one["handoff"]), source, not item["is_there"]
        groups.setdefault(key, []).append((str(one["opportunity_id"]), bool(one["is_converted"])))
    pull: dict[tuple[str, int], float] = defaultdict(float)
    for key, by in weights.items():
        usual = mean(won for _, won in groups[key])
        for deal, won in groups[key]:
            pull[deal, ("first", "second").index(key[0])] += by * (won - usual)
    for i, j in ((0, 0), (0, 1), (1, 1)):
        wanted = sum(pull[f"d{n}", i] * pull[f"d{n}", j] for n in range(30))
        assert found[i, j] == pytest.approx(wanted)
    assert abs(found[0, 1]) > 0.01
