"""Handoffs: how they run and what their gaps cost, both sides of the story, early churn; and a page for each."""

from collections.abc import Callable
from datetime import timedelta
from typing import TYPE_CHECKING, NamedTuple

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import path, reverse
from django.views.decorators.http import require_safe

from fairlead.actions.briefing import Brief, brief
from fairlead.actions.building import built
from fairlead.actions.churning import EarlyChurn, left_early
from fairlead.actions.handing import OneHandoff, Running, first, handoff, handoffs
from fairlead.actions.pasts import State, day_asked, past
from fairlead.actions.pricing import EVER, Gap, Seen, gaps_table, seen
from fairlead.actions.tables import Narrowed
from fairlead.analysis.gap import HORIZON, LATE, NEVER
from fairlead.desk.behind import asking
from fairlead.desk.downloads import download
from fairlead.desk.earlier import not_made
from fairlead.desk.pages.tables import address
from fairlead.desk.reading import Typed, typed
from fairlead.desk.refusals import refusing
from fairlead.desk.sheets import Cell, Sheet, sheet
from fairlead.desk.stamp import Stamp, stamp
from fairlead.desk.wordings import said
from fairlead.desk.workplace import workspace
from fairlead.picture.wording import Manner, Number, day_words
from fairlead.values import in_words, moment_from
from fairlead.workspace import Workspace

if TYPE_CHECKING:
    from datetime import datetime

METHOD = (
    "A gap costs what those who lack it would have brought, had they converted like others under the same time limit"
    f" and of the same sources; only handoffs at least {HORIZON} days old are compared. Whatever else sets the two"
    " apart is in it too, so it is what could be won at most, and no proof. A deal with several gaps counts for the"
    " costliest only, so the column Counts adds up. Gaps are in the order of what they count times how easily they are"
    " closed."
)


class Made(NamedTuple):
    """What a stamp says of the build."""

    as_of: "datetime"
    build: str | None
    built_at: "datetime | None"
    seen_at: "datetime | None"
    manner: Manner


class Shown(NamedTuple):
    """A question on its way to a page: the build, and how numbers are written and linked."""

    here: Seen
    manner: Manner

    def rows(self, where: str = "", table: str = "mart.handoff") -> str:
        """The address of the rows behind a number: those of the days asked for, for which `where` holds."""
        span, days = self.here.span, []
        if table == "mart.handoff" and (span.start != EVER or span.end < span.as_of):
            days = [f"triggered_on between date '{span.start}' and date '{span.end}'"]
        return address(self.here.build.name, table, Narrowed(where=" and ".join([*filter(None, [where]), *days])))

    def cell(self, value: Number | None, unit: str, url: str) -> Cell:
        return Cell(number=said(value, unit, self.manner, url))


Tell = Callable[[Shown], dict[str, object]]


@require_safe
@refusing("Handoffs cannot be shown")
def handoffs_page(request: HttpRequest) -> HttpResponse:
    """All handoffs of the model."""
    return _page(request, "Handoffs", _all)


@require_safe
@refusing("There is no such handoff", "handoffs")
def handoff_page(request: HttpRequest, name: str) -> HttpResponse:
    """One handoff: what was agreed, how it ran, what is lacking, and what came back."""
    return _page(request, workspace().model.handoffs.handoffs[name].title if _knows(name) else name, _one(name))


@require_safe
@refusing("There is no such file", "handoffs")
def gaps_file(request: HttpRequest, form: str) -> HttpResponse:
    """Every gap with its price, as CSV or Excel."""
    return download(gaps_table(handoffs(_seen(workspace(), typed(request))).gaps), "handoff-gaps", form)


def _knows(name: str) -> bool:
    return name in workspace().model.handoffs.handoffs


def _seen(place: Workspace, form: Typed) -> Seen:
    return seen(place, start=form.start or None, end=form.end or None, as_of=form.as_of or None)


def _page(request: HttpRequest, title: str, tell: Tell) -> HttpResponse:
    place, form = workspace(), typed(request)
    given: dict[str, object] = {"title": title, "asked": form, "company": place.config.company}
    if place.lake.current() is None:
        return render(request, "handoffs.html", given)
    day = day_asked(place, form.as_of) if form.as_of else None
    if day and (there := past(place, day)).state is not State.READY:
        return not_made(request, there, {"title": title})
    here = _seen(place, form)
    query = asking({"start": form.start, "end": form.end, "as_of": form.as_of})
    files = {kind: reverse("handoff-gaps", kwargs={"form": kind}) + query for kind in ("csv", "xlsx")}
    told = tell(Shown(here, place.manner))
    return render(request, "handoffs.html", {**given, **files, **told, "method": METHOD, "stamp": _stamp(here)})


def _stamp(here: Seen) -> Stamp:
    found, place = built(here.build, is_current=False), here.workspace
    last = place.end_of(here.span.as_of) - timedelta(seconds=1)
    return stamp(
        Made(
            last,
            found.build,
            moment_from(found.made_at),
            moment_from(found.seen_at),
            place.manner,
        )
    )


# the sheets


def _all(told: Shown) -> dict[str, object]:
    found = handoffs(told.here)
    sheets = [_running_sheet(told, found.handoffs), _gaps(told, found.gaps)]
    if told.here.workspace.model.handoffs.handoffs:
        sheets.append(_sides(told, brief(told.here, first(told.here.workspace))))
    churn = left_early(told.here)
    return {"sentence": found.reason, "sheets": [*sheets, _churn(told, churn), _common(told, churn)]}


def _one(name: str) -> Tell:
    def tell(told: Shown) -> dict[str, object]:
        found = handoff(told.here, name)
        sheets = [_running_sheet(told, [found.running]), _agreed(told, found), _gaps(told, found.gaps)]
        both = brief(told.here, name)
        if both.handed:
            sheets += [_sides(told, both), _choices(told, both)]
        if found.agreement.recycling:
            sheets.append(_recycled(told, found))
        slow = found.slow
        says = f"It takes longest where {slow.dimension} is {slow.value}: {slow.sentence}." if slow else ""
        return {"one": found, "sentence": says, "sheets": sheets}

    return tell


def _running_sheet(told: Shown, running: "tuple[Running, ...] | list[Running]") -> Sheet:
    rows = []
    for one in running:
        own = f"handoff = '{one.name}'"
        rows.append(
            [
                Cell(one.title, reverse("handoff", kwargs={"name": one.name})),
                told.cell(one.handed, "count", told.rows(own)),
                told.cell(one.responded, "count", told.rows(f"{own} and responded_at is not null")),
                told.cell(one.late, "percent", told.rows(f"{own} and is_late")),
                told.cell(one.hours, "hours", told.rows(f"{own} and responded_at is not null")),
                told.cell(one.accepted, "percent", told.rows(f"{own} and is_accepted")),
                told.cell(one.returned, "percent", told.rows(f"{own} and is_returned")),
                told.cell(one.completeness, "percent", told.rows(f"{own} and missing is not null")),
                told.cell(one.quality, "percent", told.rows(f"{own} and quality is not null")),
                told.cell(one.friction, "percent", told.rows(f"{own} and (is_late or is_returned or provided < seen)")),
                told.cell(one.lost, "money", f"{reverse('handoff', kwargs={'name': one.name})}#gaps"),
            ]
        )
    says = "Hours are the median that count for the limit. Not clean: late, returned or incomplete."
    columns = "Handoff|#Handed over|#Answered|#Late|#Hours|#Accepted|#Returned|#Complete|#Quality|#Not clean|#Lost"
    return sheet("running", "How they run", says, columns, rows)


def _gaps(told: Shown, gaps: tuple[Gap, ...]) -> Sheet:
    rows = []
    for gap in gaps:
        price, own = gap.price, f"handoff = '{gap.handoff}'"
        lacking = told.rows(f"{own} and {_lacks(gap)}")
        rows.append(
            [
                Cell(gap.title),
                Cell(in_words(gap.handoff), reverse("handoff", kwargs={"name": gap.handoff})),
                told.cell(gap.lacking if gap.known else None, "count", lacking),
                told.cell(gap.known or None, "count", told.rows(own)),
                told.cell(price.share_without if price else None, "percent", lacking),
                told.cell(price.share_with if price else None, "percent", told.rows(f"{own} and is_converted")),
                told.cell(price.alone if price else None, "money", lacking),
                told.cell(price.interval.low if price else None, "money", lacking),
                told.cell(price.interval.high if price else None, "money", lacking),
                told.cell(gap.charged.amount if price else None, "money", lacking),
                told.cell(gap.ease, "percent", told.rows(own)),
                Cell(gap.note),
            ]
        )
    columns = "Gap|Handoff|#Lack it|#Of|#Convert without|#With|#Costs alone|#From|#To|#Counts|#Ease|"
    return sheet("gaps", "Gaps, priced", "", f"{columns}Why it has no price", rows)


def _lacks(gap: Gap) -> str:
    """The predicate of those that lack it."""
    if gap.gap == LATE:
        return "is_late and responded_at is not null"
    if gap.gap == NEVER:
        return "is_late and responded_at is null"
    return f"', ' || missing || ',' like '%, {gap.gap},%'"


def _agreed(told: Shown, found: OneHandoff) -> Sheet:
    own = f"handoff = '{found.running.name}'"
    rows = [
        [
            Cell(in_words(one.item)),
            Cell("promised" if one.is_promised else "not promised"),
            Cell("needed" if one.is_needed else "not needed"),
            Cell(one.column or "no column shows it"),
            told.cell(one.there if one.column else None, "count", told.rows(own)),
            told.cell(one.seen if one.column else None, "count", told.rows(own)),
            Cell(one.says),
        ]
        for one in found.package
    ]
    agreement = found.agreement
    limits = "; ".join(f"{limit.name} within {limit.within}" for limit in agreement.limits.values())
    says = f"Trigger: {agreement.trigger or 'none'}. In time: {limits or 'not said'}."
    return sheet("agreed", "What was agreed", says, "Item|Giver|Receiver|Column|#There|#Of|What it is", rows)


def _sides(told: Shown, found: Brief) -> Sheet:
    own = f"handoff = '{found.handoff}'"
    prefix = {"source": "person.source", "segment": "account.segment", "persona": "person.persona"}
    rows = []
    for one in found.sides:
        value = one.value.replace("'", "''")
        here = f"{own} and {prefix[one.dimension]}" + (f" = '{value}'" if value else " is null")
        rows.append(
            [
                Cell(one.value or "none"),
                Cell(one.dimension),
                told.cell(one.handed, "count", told.rows(here)),
                told.cell(one.answered, "percent", told.rows(f"{here} and responded_at is not null")),
                told.cell(one.late_count, "count", told.rows(f"{here} and is_late")),
                told.cell(one.minutes, "minutes", told.rows(here)),
                told.cell(one.attempts, "number", told.rows(here)),
                told.cell(one.accepted, "percent", told.rows(f"{here} and is_accepted")),
                told.cell(one.in_time, "percent", told.rows(f"{here} and is_accepted and not is_late")),
                told.cell(one.late, "percent", told.rows(f"{here} and is_accepted and is_late")),
            ]
        )
    columns = "Of|By|#Handed over|#Answered|#Late or never|#Minutes|#Attempts each|#Accepted|#In time|#Late or never"
    title = "Weak leads, or no follow-up?"
    return sheet("brief", title, f"{found.title}. {found.sentence}", columns, rows)


def _choices(told: Shown, found: Brief) -> Sheet:
    rows = [
        [Cell(one.name.capitalize()), Cell(one.says), Cell("speaks for it" if one.supported else "")]
        for one in found.choices
    ]
    return sheet("choices", "What could be done", "", "Choice|What the rows say|", rows)


def _recycled(told: Shown, found: OneHandoff) -> Sheet:
    own = f"handoff = '{found.running.name}' and is_returned"
    columns = {"source": "person.source", "persona": "person.persona", "taker": "taker.name"}
    rows = []
    for one in found.recycled:
        value = one.value.replace("'", "''")
        here = told.rows(f"{own} and {columns.get(one.dimension, one.dimension)} = '{value}'")
        numbers = (one.handed, one.returned, one.not_agreed, one.came_back, one.converted)
        rows.append([Cell(one.value), Cell(in_words(one.dimension)), *(told.cell(n, "count", here) for n in numbers)])
    labels = "Of|By|#Handed over|#Returned|#Reason not agreed|#Came back|#Converted after all"
    return sheet("returned", "What came back", "", labels, rows)


def _churn(told: Shown, found: EarlyChurn) -> Sheet:
    rows = []
    for one in found.churned:
        line = told.rows(f"account_id = '{one.account_id}'", "record.contract_line")
        deal = told.rows(f"id = '{one.opportunity_id}'", "record.opportunity") if one.opportunity_id else ""
        rows.append(
            [
                Cell(one.account, told.rows(f"id = '{one.account_id}'", "record.account")),
                Cell(day_words(one.starts_on, told.manner)),
                told.cell(one.days, "days", line),
                told.cell(one.mrr, "money", line),
                Cell(one.deal or "no deal", deal),
                Cell(one.seller or ""),
                Cell(in_words(one.source) if one.source else ""),
                told.cell(one.discount, "percent", line),
                Cell(", ".join(map(in_words, filter(None, one.unwritten.split(", "))))),
                Cell(", ".join(map(in_words, filter(None, one.late.split(", "))))),
                Cell(", ".join(filter(None, (one.slipped, one.waived)))),
            ]
        )
    columns = "Customer|From|#Stayed|#MRR|Deal|Sold by|Source|#Discount|Not written down|Late|Gates slipped or waived"
    return sheet("early-churn", "Left within 90 days, traced to the sale", found.sentence, columns, rows)


def _common(told: Shown, found: EarlyChurn) -> Sheet:
    rows = [
        [Cell(in_words(c.value)), Cell(c.what), told.cell(c.customers, "count", "#early-churn")] for c in found.common
    ]
    return sheet("in-common", "What they have in common", "", "Value|What|#Customers", rows)


urls = [
    path("handoffs/", handoffs_page, name="handoffs"),
    path("handoffs/gaps.<str:form>", gaps_file, name="handoff-gaps"),
    path("handoffs/<str:name>/", handoff_page, name="handoff"),
]
