"""Gates worded for pages: every number with the stays behind it, evidence and conditions in plain words."""

from collections.abc import Sequence
from datetime import date, datetime
from decimal import Decimal
from typing import NamedTuple

from django.urls import reverse

from fairlead.actions.at_gate import EVIDENCE, Asks, AtGate, Criterion, Need, Waiver
from fairlead.actions.gate_report import GateReport, GatesReport, Lack, Part, gates_report
from fairlead.actions.lacking import Found, Lacking, Lacks, items_of
from fairlead.actions.tables import Narrowed
from fairlead.actions.whence import Whence
from fairlead.analysis.gate import EXIT
from fairlead.analysis.gate_report import Fared
from fairlead.desk.behind import asking, in_words
from fairlead.desk.pages.rows import cell as value_cell
from fairlead.desk.pages.tables import address
from fairlead.desk.sheets import Cell, Sheet, sheet
from fairlead.desk.wordings import Said, said, signed
from fairlead.picture.wording import Manner, day_words, moment_words, period_words
from fairlead.workspace import Workspace

MOST_LISTED = 200
FEW_LISTED = 20  # of those who cannot go on: so many fit on a phone
NOT_CAUSAL = (
    "Of deals, how many were won of those closed; of others, how many went on from the next stage; the difference in"
    " points, with its 95 % interval. Nobody was sent through a gate by lot: whoever passes with everything is often"
    " the better deal, or the better seller's. A difference is a reason to keep the gate and no proof that it helps; no"
    " difference is a good reason to ask whether anybody reads what it asks for."
)


class Line(NamedTuple):
    """Something that a gate asks for: whether it is there, what it is now, on what evidence, and from where."""

    is_met: bool
    label: str
    code: str
    now: str
    evidence: str
    whence: tuple[str, ...]
    owner: str


class Leave(NamedTuple):
    """A waiver, worded. `state` is in force, ran out, taken back or not yet; `id` only where it can be taken back."""

    id: str
    what: str
    reason: str
    by: str
    given: str
    until: str
    state: str
    counts: bool
    taken_back: str


class AskedFor(NamedTuple):
    """What one stage asks of a record, worded. `stage` is what a waiver calls it; `rows` the record among its facts."""

    stage: str
    label: str
    standing: str
    may_pass: bool
    lines: tuple[Line, ...]
    missing: tuple[tuple[str, str], ...]
    waivers: tuple[Leave, ...]
    deciders: tuple[str, ...]
    rows: str


class Short(NamedTuple):
    """A gate in short, for the page of its stage."""

    found: GateReport
    came: Said
    clean: Said
    slipped: Said
    waived: Said
    stopped: Said
    completeness: Said
    lacks: tuple[tuple[str, Said], ...]


class Telling:
    """Words the report of the gates of one build."""

    def __init__(self, found: GatesReport, manner: Manner) -> None:
        self.found, self.manner = found, manner

    def rows(self, one: GateReport | Part, *conditions: str) -> str:
        """The address of the stays behind a number."""
        where = [f"flow = {_text(one.flow)}", f"stage = {_text(one.stage)}", *self._days(one), *conditions]
        if isinstance(one, Part) and self.found.by:
            by = self.found.by
            where.append(f"{by} is null" if one.cut is None else f"{by} = {_value(one.cut)}")
        return address(self.found.build, "mart.gate", Narrowed(where=" and ".join(where)))

    def _days(self, one: GateReport | Part) -> list[str]:
        span = one if isinstance(one, Part) else self.found
        days = [f"day >= {_day(span.start)}"] if span.start else []
        return days + ([f"day <= {_day(span.end)}"] if span.end else [])

    def count(self, value: int, url: str) -> Cell:
        return Cell(number=said(value, "count", self.manner, url))

    def share(self, value: float | None, url: str) -> Cell:
        return Cell(number=said(value, "percent", self.manner, url))

    def passages(self, one: GateReport | Part) -> list[Cell]:
        """Came, still there, clean, slipped, waived, stopped, complete."""
        return [
            self.count(one.came, self.rows(one)),
            self.count(one.waiting, self.rows(one, "is_open")),
            self.count(one.clean, self.rows(one, "is_clean")),
            self.count(one.slipped, self.rows(one, "is_slipped")),
            self.count(one.waived + one.waiting_waived, self.rows(one, "is_waived", "not is_stopped")),
            self.count(one.stopped, self.rows(one, "is_stopped", *_there(one))),
            self.share(one.completeness, self.rows(one, *(_there(one) or ("is_passed",)))),
        ]

    def fared(self, one: GateReport | Part, way: str, how: Fared) -> list[Cell]:
        """The share of those who passed one way that succeeded, and of how many."""
        passed = self.rows(one, way, "is_last_pass", *(self._closed() if one.won else ()))
        return [self.share(how.share, passed), self.count(how.cases, passed)]

    def _closed(self) -> tuple[str, ...]:
        """Of deals closed by the build's day."""
        by_then = f"coalesce(opportunity.closed_on <= {_day(self.found.as_of)}, true)"
        return "opportunity.is_closed", by_then

    def worth(self, one: GateReport | Part) -> list[Cell]:
        """Clean and slipped with their counts, and the difference with its interval."""
        known = one.won or one.went_on
        passed = self.rows(one, "is_last_pass", "not is_waived", *(self._closed() if one.won else ()))
        low, high = known.interval or (None, None)
        apart = [self._points(value, passed) for value in (known.difference, low, high)]
        return [*self.fared(one, "is_clean", known.clean), *self.fared(one, "is_slipped", known.slipped), *apart]

    def _points(self, value: float | None, url: str) -> Cell:
        return Cell(number=signed(None if value is None else Decimal(str(value)), "percent", self.manner, url))

    def sheets(self) -> list[Sheet]:
        """The report: who came through, whether each gate is worth it, what they lacked, and all of it cut."""
        found = self.found.gates
        came = [[_gate(one), *self.passages(one), Cell(one.owner)] for one in found]
        worth = [[_gate(one), *self.worth(one), Cell(one.says)] for one in found if one.passed]
        lacks = sorted(((x, one) for one in found for x in one.lacks), key=lambda pair: -pair[0].lacked)
        sheets = [
            sheet("came", "Who came through", CAME, f"Gate|{PASSAGES}|Owner", came),
            sheet("worth", "Is each gate worth its trouble?", NOT_CAUSAL, f"Gate|{WORTH}|Verdict", worth),
            sheet("lacked", "What they lacked", LACKED, LACKS, [self._lacked(one, x) for x, one in lacks]),
        ]
        return [*sheets, self._cut()] if self.found.parts else sheets

    def _lacked(self, one: GateReport, lack: Lack) -> list[Cell]:
        lacks = " and ".join((lacks_where(lack.item), *_there(one)))
        return [
            Cell(f"Exit: {one.exit_when}" if lack.item == EXIT else what_words(lack.item)),
            _gate(one),
            self.count(lack.lacked, self.rows(one, lacks)),
            self.count(lack.slipped, self.rows(one, lacks, "is_slipped")),
            self.count(lack.waived, self.rows(one, lacks, "is_waived", "not is_stopped")),
            self.count(lack.stopped, self.rows(one, lacks, "is_stopped")),
        ]

    def _cut(self) -> Sheet:
        by, labels = self.found.by, {one.name: one.label for one in self.found.gates}
        rows = []
        for part in self.found.parts[:MOST_LISTED]:
            name = labels[f"{part.flow}.{part.stage}"]
            own = [Cell(name, reverse("stage", args=[part.stage]))]
            own += [Cell(period_words(part.period, self.manner))] if self.found.per else []
            own += [Cell(part.cut if part.cut is not None else "(none)")] if by else []
            rows.append([*own, *self.passages(part), *self.worth(part), Cell(in_words(part.verdict))])
        names = "|".join(["Gate", *(["Period"] if self.found.per else []), *([in_words(by)] if by else [])])
        title = " ".join(
            filter(None, (f"by {in_words(by).lower()}" if by else "", self.found.per and f"per {self.found.per}"))
        )
        most = f"The first {MOST_LISTED} of {len(self.found.parts)}; the files have all."
        says = most if len(self.found.parts) > MOST_LISTED else ""
        return sheet("cut", f"The same {title}", says, f"{names}|{PASSAGES}|{WORTH}|Verdict", rows)

    def short(self, one: GateReport) -> Short:
        came, _, clean, slipped, waived, stopped, complete = (
            cell.number or Said("", "", "", "") for cell in self.passages(one)
        )
        lacks = tuple(
            (
                what_words(x.item),
                said(x.lacked, "count", self.manner, self.rows(one, lacks_where(x.item), *_there(one))),
            )
            for x in one.lacks
        )
        return Short(one, came, clean, slipped, waived, stopped, complete, lacks)


def short_of(place: Workspace, flow: str, stage: str, as_of: str) -> Short | None:
    """The gate of a stage in short; None where it asks for nothing."""
    found = gates_report(place, as_of=as_of or None)
    one = next((gate for gate in found.gates if (gate.flow, gate.stage) == (flow, stage)), None)
    return Telling(found, place.manner).short(one) if one else None


CAME = (
    "Passed clean: with everything. Slipped: passed without something, and nobody had waived it. Waived: passed by"
    " leave, or still there and may. Stopped: left backward or lost, or still there and lacks something. The others"
    " are there and lack nothing. Complete: of the required fields of those who passed, the share that was there, as in"
    " the metric Deal completeness at gates; at a last stage, that nobody passes, of those who are in it."
)
LACKED = "The most frequent first. Who lacks two things counts with both."
PASSAGES = "#Came|#Still there|#Clean|#Slipped|#Waived|#Stopped|#Complete"
WORTH = "#Of the clean|#Of|#Of the slipped|#Of|#Difference|#From|#To"
LACKS = "What|Gate|#Lacked it|#Slipped|#Waived|#Stopped"


def _there(one: GateReport | Part) -> tuple[str, ...]:
    """The predicate of those whom the gate of a last stage counts: nobody passes it, and who is reopened is gone."""
    return ("is_open",) if one.is_end else ()


def _gate(one: GateReport) -> Cell:
    return Cell(one.label, reverse("stage", args=[one.stage]))


def lacks_where(item: str) -> str:
    """The predicate of the stays that lack something."""
    return "is_exit_met = false" if item == EXIT else f"', ' || missing || ',' like '%, {item},%'"


def what_words(item: str) -> str:
    """A required column, the exit criterion, or everything, in words."""
    return {EXIT: "Exit criterion", "": "Everything"}.get(item) or in_words(item.removesuffix("_id"))


def _day(day: date) -> str:
    return f"cast('{day}' as date)"


def _text(value: str) -> str:
    return "'" + value.replace("'", "''") + "'"


def _value(cut: str) -> str:
    """A value of a dimension as a predicate writes it; true and false are no text."""
    return cut if cut in ("true", "false") else _text(cut)


# one record


def who(found: Found) -> tuple[str, str]:
    """The gate of a record that was found, and where it is, in words."""
    return gate_address(found.subject, found.subject_id), in_words(found.stage) if found.stage else ""


def gate_address(subject: str, subject_id: str, **asked: str) -> str:
    return reverse("gate", args=[subject, subject_id]) + asking(asked)


def lacking_sheet(found: Lacking, manner: Manner, most: int | None) -> Sheet:
    """Who lacks something now, each with its gate: the first `most` of them, None for all."""
    says = f"As of {day_words(found.as_of, manner)}; what was waived since counts from the next sync on."
    rows = [_lacks(one, manner) for one in found.records[:most]]
    return sheet("lacking", "Cannot go on", says, "Record|Company|Gate|Lacks|Owner|#In it for", rows)


def _lacks(one: Lacks, manner: Manner) -> list[Cell]:
    url = gate_address(one.subject, one.subject_id)
    return [
        Cell(one.name, url),
        Cell(one.account if one.subject != "account" else ""),
        Cell(one.label, reverse("stage", args=[one.stage])),
        Cell(", ".join(map(what_words, items_of(one)))),
        Cell(one.owner),
        Cell(number=said(one.days, "days", manner, url)),
    ]


def asked_for(one: Asks, found: AtGate, manner: Manner) -> AskedFor:
    """What a stage asks of a record, worded."""
    lines = (*(_need(need, manner) for need in one.needs), *(criterion_line(c, manner) for c in one.criteria))
    lacks = [*one.missing, *([EXIT] if one.is_exit_met is False else [])]
    words = ", ".join(what_words(item).lower() for item in one.blocks or lacks)
    standing = f"Waived: {words}" if one.is_waived else f"Lacks {words}" if lacks else "Everything is there"
    return AskedFor(
        one.called,
        one.label,
        standing,
        one.may_pass,
        lines,
        tuple((item, what_words(item)) for item in lacks),
        tuple(_leave(waiver, manner) for waiver in one.waivers),
        tuple(f"{r.title} ({', '.join(r.holders)})" if r.holders else r.title for r in one.may_waive),
        facts_of(found),
    )


def facts_of(found: AtGate) -> str:
    """The address of a record's row among the facts of its subject."""
    return address(found.build, f"mart.facts_{found.subject}", Narrowed(where=f"id = {_text(found.subject_id)}"))


def _need(need: Need, manner: Manner) -> Line:
    evidence = EVIDENCE[need.grade]
    if need.proof:
        whose = f", {need.proof.by}" if need.proof.by else ""
        evidence += f": {in_words(need.proof.kind).lower()}, {_day_of(need.proof.at, manner)}{whose}"
    if need.is_newer and need.written_at:
        evidence += f"; written later, {_day_of(need.written_at, manner)}"
    if need.demanded > 1:
        evidence += f"; asked for: {EVIDENCE[need.demanded]}"
    if need.is_today and need.value is not None:
        evidence += "; as it is today, what it was then is not told"
    now = need.shown or value_cell(need.value, need.column, manner).text
    return Line(need.is_met, need.label, need.column, now, evidence, *_from([need.comes_from]))


def _day_of(moment: datetime, manner: Manner) -> str:
    return day_words(moment.astimezone(manner.zone).date(), manner)


def criterion_line(one: Criterion, manner: Manner) -> Line:
    now = "; ".join(
        f"{in_words(column)}: {value_cell(value, column, manner).text or 'empty'}" for column, value in one.values
    )
    return Line(bool(one.holds), "", one.text, now, "holds" if one.holds else "does not hold", *_from(one.comes_from))


def _from(places: Sequence[Whence]) -> tuple[tuple[str, ...], str]:
    """From where values come, in words, and who answers for them."""
    words = []
    for place in places:
        filled = [f"{f.source}: {', '.join(f.columns)} in {', '.join(f.files) or 'no file'}" for f in place.fills]
        lead = f"no source fills it; {place.system} leads" if place.system else "no source fills it"
        words += filled or [f"{in_words(place.column)}: {lead}"]
    owners = dict.fromkeys(place.owner for place in places if place.owner)
    return tuple(dict.fromkeys(words)), ", ".join(owners) or "nobody"


def _leave(one: Waiver, manner: Manner) -> Leave:
    back = one.withdrawn_at is not None
    state = "in force" if one.counts else "taken back" if back else "ran out" if one.has_run_out else "not yet given"
    return Leave(
        id=one.id if one.counts and one.id.startswith("desk:") else "",
        what=what_words(one.what),
        reason=one.reason,
        by=one.by,
        given=moment_words(one.at, manner),
        until=day_words(one.until, manner) if one.until else "for good",
        state=state,
        counts=one.counts,
        taken_back=f"{moment_words(one.withdrawn_at, manner)}, {one.withdrawn_by}" if one.withdrawn_at else "",
    )
