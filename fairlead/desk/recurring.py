"""Recurring revenue worded for pages: every number with the accounts and the lines behind it."""

from collections.abc import Mapping, Sequence
from datetime import date, timedelta
from decimal import Decimal
from typing import NamedTuple

from django.urls import reverse

from fairlead.actions.revenue import Line, RevenueTold, Seen
from fairlead.actions.revenue_drawing import RATES, bridge, by_size, course, in_all, kept, named
from fairlead.actions.revenue_rows import Behind, BehindTold
from fairlead.actions.standing import limits_words, status_of
from fairlead.actions.tables import Narrowed
from fairlead.analysis.revenue_rows import CLOSING, GONE, MOVEMENTS, OPENING, RETAINED
from fairlead.desk.behind import Asked as Parts
from fairlead.desk.behind import asking, metric
from fairlead.desk.charting import Figure, Rows, figure
from fairlead.desk.linking import address as entry
from fairlead.desk.pages.tables import address
from fairlead.desk.sheets import Cell, Sheet, sheet
from fairlead.desk.wordings import Said, Standing, said, signed, standing
from fairlead.model.revenue import OURS
from fairlead.model.whole import Model
from fairlead.picture.wording import Manner, change, day_words, period_words, worded
from fairlead.values import in_words, span_of

ALL = "all"
LINES, SPANS, DAYS = "record.contract_line", "mart.mrr_span", "mart.mrr_movement"
# What a number of the report is called over the rows behind it.
TITLES = {MOVEMENTS: "Movements", OPENING: "Revenue at the start", CLOSING: "Revenue at the end"}
TITLES |= {RETAINED: "Kept of the customers there at the start", GONE: "Customers lost"}
MONTHS = 12
# The metrics that agree a target for twelve months, and for one, by what a line calls the rate.
AGREED = {"nrr": ("nrr_year", "nrr"), "grr": ("grr_year", "grr"), "logo_retention": ("logo_retention", "")}
BEHIND = {"nrr": RETAINED, "grr": RETAINED, "logo_retention": GONE}
NOTHING = Said("", "", "0", "")


class Form(NamedTuple):
    """The form as it was filled in; empty where nothing was."""

    start: str = ""
    end: str = ""
    per: str = ""
    by: str = ""
    lens: str = ""
    as_of: str = ""
    known_at: str = ""

    @property
    def main(self) -> str:
        """The lens that the page counts by."""
        return OURS if self.lens in ("", ALL) else self.lens

    def asking(self, **other: str | date | None) -> str:
        """The query part of an address that asks the same, with some of it changed."""
        return asking({**self._asdict(), **other})


class Whole(NamedTuple):
    """What a page tells: the report, the same uncut, and of each lens the last twelve months as one cohort."""

    told: RevenueTold
    uncut: RevenueTold
    since: date
    years: Mapping[str, Line]

    @property
    def main(self) -> Seen:
        """The lens that the page counts by: ours, or the other of two."""
        return self.told.lenses[-1] if len(self.told.lenses) == 2 else self.told.lenses[0]

    @property
    def lines(self) -> tuple[Line, ...]:
        """The periods, uncut."""
        return next(one for one in self.uncut.lenses if one.lens == self.main.lens).lines


class Period(NamedTuple):
    """A period of the report, worded: opening, each kind that ever moved, closing, ..."""

    name: str
    sort: str
    value: str
    numbers: tuple[Said, ...]
    balance: Said
    exact: bool
    rates: tuple[Said, ...]


class Judged(NamedTuple):
    """How a number stands to what was agreed; `goal` is empty where nothing was."""

    standing: Standing | None = None
    goal: str = ""
    url: str = ""


class Big(NamedTuple):
    """A number told large, with what more there is to say; beneath it the last whole `month`, where one is told."""

    title: str
    term: str
    value: Said
    says: str
    note: str = ""
    judged: Judged = Judged()
    month: str = ""
    now: Said | None = None
    monthly: Judged = Judged()


class Row(NamedTuple):
    """A row behind a number, worded."""

    account: str
    url: str
    product: str
    day: str
    sort: str
    kind: str
    money: Said
    before: Said
    after: Said
    reason: str


class Told(NamedTuple):
    """The report, and what its words and links need."""

    whole: Whole
    form: Form
    manner: Manner

    @property
    def report(self) -> RevenueTold:
        return self.whole.told

    def rows(self, what: str, **more: str | date | None) -> str:
        """The page of the rows behind a number: of the same days, and of the same build's."""
        found, form = self.report, self.form
        lens = "" if form.main == OURS else form.main
        query: dict[str, Parts] = {"from": found.start, "to": found.end, "per": found.per, "by": found.by, "lens": lens}
        query |= {"as_of": found.as_of, "known_at": form.known_at}
        return reverse("revenue-rows", args=[what]) + asking({**query, **more})

    def of(self, line: Line) -> dict[str, str | None]:
        """What says of which period and value of the dimension a number is."""
        return {"period": line.period, "cut": line.value} if self.report.by else {"period": line.period}


def kinds(lines: Sequence[Line]) -> tuple[str, ...]:
    """The kinds that moved anything."""
    moved = [one.kind for one in lines[0].moved] if lines else []
    return tuple(kind for n, kind in enumerate(moved) if any(line.moved[n].money for line in lines))


def period(told: Told, line: Line, shown: Sequence[str]) -> Period:
    """A row of the report."""
    manner, of = told.manner, told.of(line)

    def money(value: Decimal, what: str) -> Said:
        return said(value, "money", manner, told.rows(what, **of))

    moved = dict(line.moved)
    moves = tuple(money(moved[kind], kind) if moved[kind] else NOTHING for kind in shown)
    kept_url, gone = told.rows(RETAINED, **of), told.rows(GONE, **of)
    rates = (
        said(line.nrr, "percent", manner, kept_url),
        said(line.grr, "percent", manner, kept_url),
        said(line.customers, "count", manner, told.rows(OPENING, **of)),
        said(line.lost, "count", manner, gone),
        said(line.logo_retention, "percent", manner, gone),
    )
    return Period(
        period_words(line.period, manner),
        line.period,
        line.value or "",
        (money(line.opening, OPENING), *moves, money(line.closing, CLOSING)),
        signed(line.difference, "money", manner, told.rows(MOVEMENTS, **of)),
        not line.difference,
        rates,
    )


def bigs(told: Told, model: Model) -> tuple[Big, ...]:
    """MRR, and NRR, GRR and logo retention of twelve months and of the last whole month, each with its own target."""
    whole, manner = told.whole, told.manner
    year = whole.years[whole.main.lens]
    times: dict[str, date | str | None] = {"from": whole.since, "to": told.report.end, "by": None, "per": None}
    since = f"{MONTHS} months from {day_words(whole.since, manner)}"
    month = next((one for one in reversed(whole.lines) if _is_whole_month(one.period, told.report)), None)
    mrr = said(whole.lines[-1].closing, "money", manner, told.rows(CLOSING, by=None))
    found = [Big("MRR", "mrr", mrr, day_words(told.report.end, manner), _grew(told))]
    for rate, (agreed, _) in AGREED.items():
        share = getattr(year, rate)
        value = said(share, "percent", manner, told.rows(BEHIND[rate], **times))
        big = Big(
            named(rate),
            agreed if model.metric(agreed) else rate,
            value,
            since,
            judged=_judged(model, agreed, share, manner),
        )
        found.append(_with_month(told, model, big, rate, month) if month else big)
    return tuple(found)


def _with_month(told: Told, model: Model, big: Big, rate: str, month: Line) -> Big:
    """The same with its value of a month."""
    share = getattr(month, rate)
    return big._replace(
        month=period_words(month.period, told.manner),
        now=said(share, "percent", told.manner, told.rows(BEHIND[rate], period=month.period, by=None)),
        monthly=_judged(model, AGREED[rate][1], share, told.manner),
    )


def _judged(model: Model, name: str, share: float | None, manner: Manner) -> Judged:
    agreed = model.metric(name)
    if agreed is None:
        return Judged()
    goal = limits_words(agreed.target, "percent", manner)
    return Judged(standing(status_of(agreed, share, ())), goal, metric(name))


def _grew(told: Told) -> str:
    """ARR, and how MRR grew over the time asked for."""
    found, manner = in_all(told.whole.lines), told.manner
    arr = worded(found[CLOSING] * MONTHS, "money", manner).text
    grew = change(found[CLOSING], found[OPENING], "money", "higher", manner)
    return f"ARR {arr}" + (f", MRR {grew.text} since the start" if grew and found[OPENING] else "")


def goals(model: Model, manner: Manner) -> list[str]:
    """What was agreed about NRR and GRR, in words."""
    agreed = [(rate, one) for rate in RATES if (one := model.metric(rate)) and one.target]
    return [f"{named(rate)} {limits_words(one.target, 'percent', manner)}" for rate, one in agreed]


def _is_whole_month(name: str, told: RevenueTold) -> bool:
    span = span_of(name) if told.per == "month" else None
    return span is not None and span.start >= told.start and span.end - timedelta(days=1) <= told.end


def figures(told: Told, model: Model) -> tuple[Figure, ...]:
    """What moved MRR, how it went, what was kept; the numbers of their tables lead to what is behind them."""
    only = told.report._replace(lenses=(told.whole.main,))
    uncut = told.whole.uncut._replace(lenses=(told.whole.main._replace(lines=told.whole.lines),))
    form, by = told.form, told.report.by
    query: dict[str, Parts] = {"start": form.start, "end": form.end, "per": form.per, "as_of": form.as_of}
    query |= {"known_at": form.known_at}
    cut: dict[str, Parts] = {**query, "by": by}

    def parts(row: str, _column: int) -> str:
        return told.rows(row, by=None)

    def went(what: str, names: Sequence[str | None]) -> Rows:
        def rows(row: str, column: int) -> str:
            value = names[column - 1] if by else None
            return told.rows(what, period=row, **({"cut": value} if by else {}))

        return rows

    drawn = (
        (bridge(uncut, model, told.manner), "bridge", query, parts),
        (course(only, model, told.manner), "mrr", cut, went(CLOSING, by_size(only.lenses[0].lines))),
        (kept(only, model, told.manner), "retention", cut, went(RETAINED, by_size(only.lenses[0].lines))),
    )
    return tuple(figure(drawing, kind, form.main, asked, rows=rows) for drawing, kind, asked, rows in drawn)


def lenses(told: Told) -> Sheet:
    """MRR, NRR and GRR as each lens has them, and the switches in which it differs from ours."""
    manner, whole = told.manner, told.whole
    times: dict[str, date | str | None] = {"from": whole.since, "by": None, "per": None}
    apart = {seen.lens: seen.differ for seen in told.report.lenses}
    rows = []
    for seen in whole.uncut.lenses:
        lens, year = ("" if seen.lens == OURS else seen.lens), whole.years[seen.lens]
        closing = said(seen.lines[-1].closing, "money", manner, told.rows(CLOSING, lens=lens, by=None))
        kept_url = told.rows(RETAINED, lens=lens, **times)
        rates = [said(getattr(year, rate), "percent", manner, kept_url) for rate in ("nrr", "grr")]
        differ = said(apart.get(seen.lens, 0), "count", manner, "#differences") if lens else said(0, "count", manner)
        switches = ", ".join(map(in_words, seen.switches))
        rows.append([
            Cell(seen.title, entry("subject:revenue") or told.form.asking(lens=lens)),
            Cell(number=closing),
            *(Cell(number=rate) for rate in rates),
            Cell(number=differ) if lens else Cell(),
            Cell(switches or ("" if not lens else "nothing")),
        ])  # fmt: skip
    says = "The same lines, counted by other switches. NRR and GRR of the last twelve months."
    columns = "Lens|#MRR|#NRR|#GRR|#Accounts that differ|Differs in"
    return sheet("lenses", "As others would count it", says, columns, rows)


def committed(told: Told) -> list[tuple[str, Said]]:
    """What is known to come and in no revenue yet, by kind, and MRR with it."""
    seen, manner, build = told.whole.main, told.manner, told.report.build
    last = f"cast('{told.report.end}' as date)"
    known = f" and (scheduled_on <= {last} or known_on <= {last})" if told.report.is_past else ""

    def where(kind: str) -> str:
        return address(build, DAYS, Narrowed(where=f"moved_on > {last} and kind = '{kind}'{known}"))

    found = [(named(one.kind), signed(one.money, "money", manner, where(one.kind))) for one in seen.committed]
    # Revenue and what is to come: all that had moved, and was known to move, adds up to it.
    of_then = f"moved_on <= {last} or scheduled_on <= {last} or known_on <= {last}"
    every = address(build, DAYS, Narrowed(where=of_then if told.report.is_past else ""))
    return [*found, ("CMRR", said(seen.cmrr, "money", manner, every))] if found else []


def row(found: BehindTold, one: Behind, manner: Manner, movements: str) -> Row:
    """A row behind a number; `movements` is the address of the account's own."""
    lines = address(found.build, LINES, Narrowed(where=_is("account_id", one.account_id)))
    urls = _urls(found, one, lines, movements)
    kind = "" if not one.kind else named(one.kind)
    if one.kind_of_day and one.kind_of_day != one.kind:
        kind += f" (that day: {in_words(one.kind_of_day).lower()})"
    flow = one.kind is not None or found.what in {RETAINED, GONE}
    return Row(
        one.account or one.account_id,
        lines,
        one.product or "",
        day_words(one.moved_on, manner) if one.moved_on else "",
        one.moved_on.isoformat() if one.moved_on else "",
        kind,
        _exact(one.money, manner, urls[0], sign="+" if flow and one.money > 0 else ""),
        _exact(one.before, manner, urls[1]),
        _exact(one.after, manner, urls[2]),
        ", ".join(filter(None, (in_words(one.churn_kind or ""), one.reason))),
    )


def _exact(value: Decimal | None, manner: Manner, url: str, sign: str = "") -> Said:
    """An amount with its cents: whoever looks at single rows adds them up."""
    words = said(value, "money", manner, url)
    return words._replace(text=sign + words.full) if words.text else words


def _urls(found: BehindTold, one: Behind, lines: str, movements: str) -> tuple[str, str, str]:
    """Where the money, and what was before it and after, are from: the lines, where another lens counted them."""
    if found.lens != OURS:
        return (movements if found.what in {RETAINED, GONE} else lines, lines, lines)
    if one.moved_on:
        days = address(found.build, DAYS, Narrowed(where=_is("account_id", one.account_id)))
        own = address(found.build, LINES, Narrowed(where=_is("id", one.line_id))) if one.line_id else lines
        return own, days, days
    who = "customer_id" if found.what in {RETAINED, GONE} else "account_id"
    first = found.start - timedelta(days=1)
    start, end = (_runs(found, who, one.account_id, day) for day in (first, found.end))
    return (movements if found.what in {RETAINED, GONE} else start if found.what == OPENING else end), start, end


def _runs(found: BehindTold, who: str, account: str, day: date) -> str:
    """The stretches of lines that run on a day."""
    there = f"starts_on <= cast('{day}' as date) and (ends_on is null or ends_on > cast('{day}' as date))"
    return address(found.build, SPANS, Narrowed(where=f"{_is(who, account)} and {there}"))


def _is(column: str, value: str) -> str:
    return f"{column} = '{value.replace(chr(39), chr(39) * 2)}'"
