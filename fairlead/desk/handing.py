"""Handoffs worded for pages: what was agreed, how they run, gaps, both sides of the story, what came back, early churn.

Every number has the rows that it counts behind it.
"""

from collections.abc import Iterator, Sequence
from typing import NamedTuple

from django.urls import reverse

from fairlead.actions.briefing import Brief
from fairlead.actions.churning import Churned, EarlyChurn
from fairlead.actions.handing import Handoffs, OneHandoff, Package, Running
from fairlead.actions.pricing import EVER, ONLY_COSTLY, Gap, Seen
from fairlead.actions.tables import Narrowed
from fairlead.analysis.gap import HORIZON, LATE, LEAST_PEERS, NEVER
from fairlead.analysis.gap_total import Total
from fairlead.analysis.handed import ANSWERED
from fairlead.desk.pages.tables import address
from fairlead.desk.sheets import Cell, Sheet, sheet
from fairlead.desk.wordings import Said, said
from fairlead.model.handoffs import Handoff
from fairlead.model.whole import Model
from fairlead.picture.wording import Manner, Number, day_words, worded
from fairlead.values import in_words

METHOD = (
    "A gap costs what those who lack it would have brought, had they converted like others under the same time limit"
    f" and of the same sources (of all sources where fewer than {LEAST_PEERS} of their own have it); only handoffs at"
    f" least {HORIZON} days old are compared. Whatever else sets the two"
    " apart is in it too, so it is what could be won at most, and no proof. A deal with several gaps counts for one of"
    " them only, the costliest of those told apart from nothing, so the column Counts adds up. Gaps are in the order of"
    " what they count times how easily they are closed; those not told apart from nothing come last, and with"
    " them those of which it is only known how they are today: whoever converts may get it afterwards. A return that"
    " stopped the clock is no answer, late or in time."
)


class Shown(NamedTuple):
    """A question on its way to a page: the build, and how numbers are written and linked."""

    here: Seen
    manner: Manner

    def rows(self, where: str = "", table: str = "mart.handoff") -> str:
        """The address of the rows behind a number: those of the days asked for, for which `where` holds."""
        span, days = self.here.span, []
        if table.startswith("mart.handoff") and (span.start != EVER or span.end < span.as_of):
            days = [f"triggered_on between date '{span.start}' and date '{span.end}'"]
        return address(self.here.build.name, table, Narrowed(where=" and ".join([*filter(None, [where]), *days])))

    def cell(self, value: Number | None, unit: str, url: str) -> Cell:
        return Cell(number=said(value, unit, self.manner, url))

    def handoff(self, name: str) -> Cell:
        title = self.here.workspace.model.handoffs.handoffs[name].title
        return Cell(title, reverse("handoff", kwargs={"name": name}))

    def hours(self, value: float | None, url: str) -> Cell:
        """Hours, told in minutes where they are less than one."""
        if value is None or value >= 1:
            return self.cell(value, "hours", url)
        words = worded(value * 60, "minutes", self.manner)
        return Cell(number=Said(words.text, words.full, str(value), url))


class Term(NamedTuple):
    """Something that was agreed about a handoff; `is_rule`: a predicate or a name, as it stands in the YAML."""

    label: str
    text: str
    is_rule: bool = False


class Sides(NamedTuple):
    """What both sides of the story explain, worded: acceptances that are missing, and the share of them.

    `title` and `what` name them: weak leads, or of a deal or customer what was handed over.
    """

    title: str
    what: str
    says: str
    leads: Said
    leads_share: Said
    answers: Said
    answers_share: Said


def agreement(model: Model, handoff: Handoff) -> Iterator[Term]:
    """What was agreed about a handoff (R37, R38), term by term; what is not said is left out."""
    yield Term("Gives", _role(model, handoff.giver) or in_words(handoff.from_))
    yield Term("Takes", _role(model, handoff.taker) or in_words(handoff.to))
    if handoff.trigger:
        yield Term("Trigger", handoff.trigger, is_rule=True)
    if handoff.action:
        yield Term("Expected action", handoff.action)
    limits = (
        f"{one.name}: {one.within}" + (f" where {one.when}" if one.when else "") for one in handoff.limits.values()
    )
    yield Term("Time", "; ".join(limits) or "no limit is agreed")
    if handoff.quality:
        yield Term("Quality standard", handoff.quality)
    if handoff.escalation:
        ladder = (f"{one.after}: {_role(model, one.to) or in_words(one.to)}" for one in handoff.escalation)
        yield Term("Escalation", "; ".join(ladder))
    if back := handoff.recycling:
        yield Term("Goes back", back.when or "whenever the receiver says so", is_rule=bool(back.when))
        yield Term("Reasons", ", ".join(map(in_words, back.reasons)) or "none is agreed")
    if handoff.converts:
        yield Term("Is for", f"{handoff.converts}, worth {handoff.worth}" if handoff.worth else handoff.converts, True)


def _role(model: Model, name: str | None) -> str:
    role = model.role(name) if name else None
    return f"{role.title} ({', '.join(role.holders)})" if role and role.holders else role.title if role else ""


def sides_of(told: Shown, found: Brief) -> Sides:
    def part(count: float) -> tuple[Said, Said]:
        share = count / found.missing if found.has_shares else None
        return said(round(count), "count", told.manner, "#brief"), said(share, "percent", told.manner, "#brief")

    title = "Weak leads, or no follow-up?" if found.is_of_leads else "What was handed over, or no follow-up?"
    what = "Weak leads explain" if found.is_of_leads else "What was handed over explains"
    return Sides(title, what, found.sentence, *part(found.leads), *part(found.answers))


def running_sheet(told: Shown, running: Sequence[Running]) -> Sheet:
    """How handoffs ran, a line each."""
    rows = []
    for one in running:
        own, page = f"handoff = '{one.name}'", reverse("handoff", kwargs={"name": one.name})
        rows.append(
            [
                Cell(one.title, page),
                told.cell(one.handed, "count", told.rows(own)),
                told.cell(one.responded, "count", told.rows(f"{own} and responded_at is not null")),
                told.cell(one.late, "percent", told.rows(f"{own} and is_late")),
                told.hours(one.hours, told.rows(f"{own} and responded_at is not null")),
                told.cell(one.accepted, "percent", told.rows(f"{own} and is_accepted")),
                told.cell(one.returned, "percent", told.rows(f"{own} and is_returned")),
                told.cell(one.completeness, "percent", told.rows(f"{own} and missing is not null")),
                told.cell(one.quality, "percent", told.rows(f"{own} and quality is not null")),
                told.cell(one.friction, "percent", told.rows(f"{own} and (is_late or is_returned or provided < seen)")),
                told.cell(one.lost, "money", f"{page}#gaps"),
            ]
        )
    says = (
        "Wait: of those answered, half within; the time that counts for the limit. Complete: of what is needed and can"
        " be seen, how much was there. Not clean: late, returned or incomplete. Lost: what its gaps count for."
    )
    columns = "Handoff|#Handed|#Answered|#Late|#Wait|#Accepted|#Returned|#Complete|#Quality|#Not clean|#Lost"
    return sheet("running", "How they run", says, columns, rows, "No handoff is agreed: write one into handoffs.yaml.")


def gap_sheets(told: Shown, found: Handoffs | OneHandoff) -> Iterator[Sheet]:
    """The gaps that have a price, ranked; then those that have none, and why."""
    rows, gaps, of_all = [], found.gaps, isinstance(found, Handoffs)
    for gap in gaps:
        if (price := gap.price) is None:
            continue
        lacking = told.rows(_of(gap, _lacks(gap)))
        rows.append(
            [
                Cell(gap.title),
                *([told.handoff(gap.handoff)] if of_all else []),
                told.cell(gap.lacking, "count", lacking),
                told.cell(gap.known, "count", told.rows(_of(gap, _known(gap)))),
                told.cell(price.share_without, "percent", lacking),
                told.cell(price.share_with, "percent", told.rows(_of(gap, _known(gap), f"not ({_lacks(gap)})"))),
                *(told.cell(amount, "money", lacking) for amount in (price.alone, *price.interval)),
                told.cell(gap.charged.amount, "money", lacking),
                told.cell(gap.ease, "percent", told.rows(_of(gap, _known(gap)))),
                Cell(gap.note),
            ]
        )
    which = "Gap|Handoff|" if of_all else "Gap|"
    columns = f"{which}#Lack it|#Of|#Convert|#With it|#Costs alone|#At least|#At most|#Counts|#Ease|Note"
    empty = "No gap has a price: say in handoffs.yaml what a handoff converts to (converts, worth)."
    title = "Gaps, ranked by what they cost and how easily they are closed"
    yield sheet("gaps", title, _in_all(told, found.certain, found.total), columns, rows, empty)._replace(foot=METHOD)
    if others := list(_unpriced(told, [gap for gap in gaps if not gap.price])):
        yield sheet("unpriced", "Without a price", "", "Handoff|#Lack it|#Of|Gaps|Why", others)


def _in_all(told: Shown, certain: Total, total: Total) -> str:
    """What the gaps count for together: what is told apart from nothing, and all, each with its interval."""
    if not total.amount:
        return ""

    def words(one: Total) -> str:
        amount, low, high = (worded(value, "money", told.manner).text for value in one)
        return f"{amount} ({low} to {high})"

    parts = f"Gaps that are told apart from nothing count for {words(certain)}, all together for {words(total)}"
    return f"{parts}; in brackets at least and at most, at 95 %. {ONLY_COSTLY}."


def _unpriced(told: Shown, gaps: Sequence[Gap]) -> Iterator[list[Cell]]:
    """A row for each gap that somebody has, and one for all the others of a handoff with the same reason."""
    alike: dict[tuple[str, str], list[str]] = {}
    for gap in gaps:
        if gap.lacking:
            lacking, known = told.rows(_of(gap, _lacks(gap))), told.rows(_of(gap, _known(gap)))
            numbers = (told.cell(gap.lacking, "count", lacking), told.cell(gap.known, "count", known))
            yield [told.handoff(gap.handoff), *numbers, Cell(gap.title), Cell(gap.note)]
        else:
            alike.setdefault((gap.handoff, gap.note), []).append(gap.title)
    for (handoff, note), titles in alike.items():
        none = told.cell(None, "count", "")
        yield [told.handoff(handoff), none, none, Cell(", ".join(titles)), Cell(note)]


def _of(gap: Gap, *conditions: str) -> str:
    return " and ".join((f"handoff = '{gap.handoff}'", *filter(None, conditions)))


def _lacks(gap: Gap) -> str:
    """The predicate of those that lack it."""
    if gap.gap == LATE:
        return f"is_late and responded_at is not null and {ANSWERED}"
    if gap.gap == NEVER:
        return "is_late and responded_at is null"
    return f"', ' || coalesce(missing, '') || ',' like '%, {gap.gap},%'"


def _known(gap: Gap) -> str:
    """The predicate of those of which it can be told."""
    if gap.gap == LATE:
        return f"is_late is not null and responded_at is not null and {ANSWERED}"
    in_time = f"(is_late = false and {ANSWERED})"
    return f"({in_time} or (is_late and responded_at is null))" if gap.gap == NEVER else ""


def package_sheet(told: Shown, found: OneHandoff) -> Sheet:
    """What the giver provides beside what the receiver needs, and how much of it was there."""
    rows = []
    for one in found.package:
        own = f"handoff = '{found.running.name}' and item = '{one.item}'"
        rows.append(
            [
                Cell(in_words(one.item)),
                Cell("provides" if one.is_promised else "does not"),
                Cell("needs" if one.is_needed else "does not"),
                Cell(_shown_by(one)),
                told.cell(one.there if one.seen else None, "count", told.rows(f"{own} and is_there", ITEMS)),
                told.cell(one.seen if one.seen else None, "count", told.rows(f"{own} and is_there is not null", ITEMS)),
                Cell(one.says),
            ]
        )
    says = "What the giver provides, beside what the receiver needs; the difference leaks."
    return sheet("agreed", "The package", says, "Item|Giver|Receiver|Column|#There|#Of|What it is", rows)


def _shown_by(one: Package) -> str:
    if one.column is None:
        return "no column shows it"
    return one.column if one.seen else f"{one.column}: no source fills it"


BY = {"source": "coalesce(opportunity.source, person.source)", "segment": "account.segment"}
BY |= {"persona": "person.persona", "taker": "taker.name", "return_reason": "return_reason"}


def _cut(handoff: str, subject: str, dimension: str, value: str | None) -> str:
    """The predicate of one value of a dimension; a person's source is their own and not their deal's."""
    column = "person.source" if (dimension, subject) == ("source", "person") else BY[dimension]
    text = (value or "").replace("'", "''")
    return f"handoff = '{handoff}' and {column}" + (f" = '{text}'" if value else " is null")


def brief_sheet(told: Shown, found: Brief) -> Sheet:
    """Both sides of the story, from the same rows."""
    subject = told.here.workspace.model.handoffs.handoffs[found.handoff].subject
    rows = []
    for one in found.sides:
        own = _cut(found.handoff, subject, one.dimension, one.value)
        here = f"{own} and is_late is not null and is_accepted is not null"
        rows.append(
            [
                Cell(in_words(one.value) if one.value else "not known"),
                Cell(in_words(one.dimension)),
                told.cell(one.handed, "count", told.rows(here)),
                told.cell(one.accepted, "percent", told.rows(f"{here} and is_accepted")),
                told.cell(one.in_time, "percent", told.rows(f"{here} and is_accepted and not is_late")),
                told.cell(one.late, "percent", told.rows(f"{here} and is_accepted and is_late")),
                told.cell(one.answered, "percent", told.rows(f"{here} and responded_at is not null")),
                told.cell(one.late_count, "count", told.rows(f"{here} and is_late")),
                told.cell(one.minutes, "minutes", told.rows(f"{here} and responded_at is not null")),
                told.cell(one.attempts, "number", told.rows(here)),
            ]
        )
    columns = "Of|By|#Handed|#Accepted|#If in time|#If late|#Answered|#Late or never|#Wait|#Attempts"
    what = "leads" if found.is_of_leads else "handoffs"
    says = (
        f"Left: how good the {what} are. Right: how well they were followed up. One line, the same {what}."
        " Wait: of those answered, half within."
    )
    return sheet("brief", "Both sides, line by line", says, columns, rows)


def choices_sheets(found: Brief) -> Iterator[Sheet]:
    """What could be done about leads (R48)."""
    if not found.choices:
        return
    rows = [
        [
            Cell(one.name.capitalize()),
            Cell(one.says),
            Cell("speaks for it" if one.supported else "does not speak for it"),
        ]
        for one in found.choices
    ]
    yield sheet("choices", "What could be done", "", "Choice|What the rows say|Verdict", rows)


def returned_sheet(told: Shown, found: OneHandoff) -> Sheet:
    """What came back, why, and what became of it."""
    rows = []
    for one in sorted(found.recycled, key=lambda one: (RETURNED.index(one.dimension), -one.returned, one.value)):
        own = _cut(found.running.name, found.agreement.subject, one.dimension, one.value)
        numbers = (
            (one.handed, ""), (one.returned, "is_returned"), (one.not_agreed, "is_reason_agreed = false"),
            (one.came_back, "came_back"), (one.converted, "converted_after"),
        )  # fmt: skip
        cells = (told.cell(n, "count", told.rows(" and ".join(filter(None, (own, holds))))) for n, holds in numbers)
        rows.append([Cell(in_words(one.value)), Cell(NAMES.get(one.dimension, in_words(one.dimension))), *cells])
    labels = "Of|By|#Handed|#Returned|#Reason not agreed|#Came back|#Converted after all"
    says = "Why and of whom leads were returned, how many were handed over again, and how many converted after all."
    return sheet("returned", "What came back", says, labels, rows, "Nothing was returned.")


ITEMS = "mart.handoff_item"
RETURNED = ("return_reason", "source", "persona", "taker")
NAMES = {"return_reason": "Reason", "taker": "Rep"}


def churn_sheet(told: Shown, found: EarlyChurn) -> Sheet:
    """Those who left early, each with the sale that brought them (R100)."""
    rows = []
    for one in found.churned:
        line = told.rows(f"account_id = '{one.account_id}'", "record.contract_line")
        deal = told.rows(f"id = '{one.opportunity_id}'", "record.opportunity") if one.opportunity_id else ""
        rows.append(
            [
                Cell(one.account, told.rows(f"id = '{one.account_id}'", "record.account")),
                Cell(day_words(one.starts_on, told.manner), when=one.starts_on.isoformat()),
                told.cell(one.days, "days", line),
                told.cell(one.mrr, "money", line),
                Cell(one.deal or "no deal", deal),
                Cell(one.seller or ""),
                Cell(in_words(one.source) if one.source else ""),
                told.cell(one.discount, "percent", line),
                Cell("; ".join(promise.sentence for promise in one.promises), deal if one.promises else ""),
                Cell(", ".join(map(in_words, filter(None, one.unwritten.split(", "))))),
                Cell(", ".join(told.handoff(name).text for name in filter(None, one.late.split(", ")))),
                Cell(", ".join(map(in_words, filter(None, one.slipped.split(", "))))),
                _waived(told, one),
            ]
        )
    columns = (
        "Customer|From|#Stayed|#MRR|Deal|Sold by|Source|#Discount|Written down|Not written down|Late"
        "|Gates slipped|Gates waived"
    )
    return sheet("early-churn", "Left within 90 days, traced to the sale", found.sentence, columns, rows, "Nobody did.")


def _waived(told: Shown, one: Churned) -> Cell:
    """Which gates were waived, by whom and why; it leads to the deal's waivers."""
    where = f"subject = 'opportunity' and subject_id = '{one.opportunity_id}'"
    said = "; ".join(leave.sentence for leave in one.waived)
    return Cell(said, told.rows(where, "record.waiver") if said else "")


def common_sheet(told: Shown, found: EarlyChurn) -> Sheet:
    """What those who left early share."""
    rows = []
    for one in found.common:
        ids = ", ".join(f"'{customer}'" for customer in one.accounts)
        behind = told.rows(f"id in ({ids})", "record.account")
        rows.append([Cell(in_words(one.value)), Cell(one.what), told.cell(one.customers, "count", behind)])
    return sheet("in-common", "What they have in common", "", "Value|What|#Customers", rows)
