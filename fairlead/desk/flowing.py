"""The lifecycle and the pipelines worded for pages: every number with the stays behind it."""

from collections.abc import Sequence
from datetime import date
from typing import NamedTuple

from django.urls import reverse
from django.utils.safestring import SafeString, mark_safe

from fairlead.actions.flows import Count, Funnel, Leak, Member, Members, Move, Stuck, Time
from fairlead.actions.lifecycle import title_of
from fairlead.actions.presets import model_under
from fairlead.actions.tables import Narrowed
from fairlead.analysis.stages import LIFECYCLE
from fairlead.desk.behind import asking
from fairlead.desk.pages.tables import address
from fairlead.desk.wordings import Said, said
from fairlead.model.whole import Model
from fairlead.picture.flowplot import Leaving, Onward, Place, Return, flowplot
from fairlead.picture.wording import Manner, day_words, moment_words, period_words, worded
from fairlead.values import in_words
from fairlead.workspace import Workspace

TABLE = "mart.stage_entry"
MAPPING = "#mapping"  # where the page says what the presets call the stages


class Line(NamedTuple):
    """A step of the funnel, worded."""

    period: str
    cut: str
    title: str
    url: str
    reached: Said
    advanced: Said
    conversion: Said
    overall: Said


class Lasting(NamedTuple):
    """Time in a stage, worded in days."""

    cut: str
    title: str
    url: str
    ended: Said
    there: Said
    median: Said
    p75: Said
    p90: Said


class Lost(NamedTuple):
    """What left a stage, worded."""

    title: str
    url: str
    left: Said
    money: Said
    how: str


class Late(NamedTuple):
    """Somebody who is stuck, worded."""

    subject: str
    record: str
    owner: str
    url: str
    stage: str
    cut: str
    since: str
    since_at: str
    days: Said
    limit: Said


class Who(NamedTuple):
    """Somebody whom a number counts, worded."""

    name: str
    url: str
    account: str
    owner: str
    on: str
    day: str
    moved_on: str
    value: Said


class Went(NamedTuple):
    """Moves between two stages, worded."""

    stage: str
    then: str
    way: str
    moves: Said
    median: Said


class Week(NamedTuple):
    """How many were in each stage at a week's end, worded."""

    ends: str
    day: str
    counts: tuple[Said, ...]


def stays_behind(found: Funnel | Members, *conditions: str) -> str:
    """The stays behind a number: the rows of mart.stage_entry of this flow for which the conditions hold."""
    where = " and ".join((f"flow = {_text(found.flow)}", *conditions))
    return address(found.build, TABLE, Narrowed(where=where))


def stage_url(flow: str, name: str) -> str:
    """The page of a stage of a flow."""
    return reverse("stage", args=[name]) + asking({"flow": flow if flow != LIFECYCLE else None})


def who(found: Funnel, step: str, what: str, **more: str | None) -> str:
    """Those whom a number of the funnel counts; `more` says of which period (and `per`) and cut."""
    by = {"by": found.by, "cut": more.pop("cut", None) or ""} if found.by and "cut" in more else {}
    mode = {} if found.mode == "cohort" else {"mode": found.mode}
    flow = {} if found.flow == LIFECYCLE else {"flow": found.flow}
    query = {"what": what, **flow, **mode, **by, **more, "preset": found.preset, "from": found.start, "to": found.end}
    as_of = found.as_of.astimezone(found.manner.zone).date()
    counted = {"skipped": found.skipped, "reopened": found.reopened}
    return reverse("who", args=[step]) + asking({**query, **counted, "as_of": as_of})


def _cut(found: Funnel, value: str | None) -> tuple[str, ...]:
    """The condition that holds for one value of what the funnel is cut by."""
    if not found.by:
        return ()
    return (f"{found.by} is null" if value is None else f"{found.by} = {_text(value)}",)


def _text(value: str) -> str:
    return "'" + value.replace("'", "''") + "'"


def within(found: Funnel, name: str) -> str:
    return f"stage = {_text(name)}"


def _during(found: Funnel, column: str) -> str:
    return f"{column} >= {_day(found.start)} and {column} <= {_day(found.end)}"


def plot(place: Workspace, found: Funnel) -> SafeString:
    """The drawing; everything in it that comes from outside is escaped there."""
    manner = found.manner
    model = place.model
    counts = {one.step: one for one in found.counts}
    times = {one.stage: one for one in found.times}
    places = [
        Place(
            name,
            title_of(model, name),
            _owner(place, found.flow, name),
            stage_url(found.flow, name),
            worded(found.standing.get(name, 0), "count", manner).text,
            stays_behind(found, within(found, name), "left_at is null"),
        )
        for name in found.steps
    ]
    onward = [
        Onward(
            name,
            _share(one.conversion, manner) + " moved on" if one.conversion is not None else "nobody yet",
            _took(times.get(name), manner),
            who(found, name, "advanced"),
        )
        for name, one in counts.items()
    ]
    returns = [
        Return(m.stage, m.next_stage or "", worded(m.moves, "count", manner).text, _moved_rows(found, m))
        for m in found.moves
        if m.way == "back"
    ]
    leaving = [
        Leaving(
            one.stage,
            f"{worded(one.left, 'count', manner).text} left",
            worded(one.value, "money", manner).text if one.value is not None else "",
            who(found, one.stage, "left"),
        )
        for one in found.leaks
    ]
    title = f"The flow between the stages of {found.flow}"
    return mark_safe(flowplot(places, onward, returns, leaving, title=title))  # noqa: S308 - flowplot escapes what it is given


def _owner(place: Workspace, flow: str, name: str) -> str:
    own = place.model.lifecycle
    agreed = own.stages.get(name) if flow == LIFECYCLE else own.pipelines[flow].stages.get(name)
    role = place.model.role(agreed.owner) if agreed else None
    return role.title if role else ""


def _share(value: float | None, manner: Manner) -> str:
    return "" if value is None else worded(value, "percent", manner).text


def _took(time: Time | None, manner: Manner) -> str:
    if time is None or time.median is None:
        return "median not known yet"
    return f"median {long(time.median, manner, '').text}"


def _page_of(found: Funnel, stage: str) -> str:
    """The page of a stage; those of a preset have none, and lead to what the model calls them."""
    return MAPPING if found.preset else stage_url(found.flow, stage)


def _moved_rows(found: Funnel, move: Move) -> str:
    if found.preset:
        return MAPPING
    then = f"next_stage = {_text(move.next_stage)}" if move.next_stage else "next_stage is null"
    return stays_behind(found, within(found, move.stage), then, _during(found, "left_on"))


def line(found: Funnel, one: Count, per: str = "") -> Line:
    """A step of the funnel; behind its numbers those whom they count."""
    manner = found.manner
    more = {"per": per, "period": one.period} if per else {}
    cut = {"cut": one.cut} if found.by else {}
    reached, advanced = (who(found, one.step, what, **more, **cut) for what in ("reached", "advanced"))
    return Line(
        period=period_words(one.period, manner) if "/" not in one.period else "",
        cut=in_words(one.cut or ""),
        title=one.title,
        url=_page_of(found, one.step),
        reached=said(one.reached, "count", manner, reached),
        advanced=said(one.advanced, "count", manner, advanced),
        conversion=said(one.conversion, "percent", manner, advanced),
        overall=said(one.overall, "percent", manner, reached),
    )


def lasting(place: Workspace, found: Funnel, one: Time) -> Lasting:
    """Time in a stage; the stays of a preset's stage are reckoned when it is asked for, and stand in no table."""
    manner = found.manner
    spent = (within(found, one.stage), _during(found, "entered_on"), *_cut(found, one.cut))
    spent += ("is_dated", "not is_created_closed")

    def behind(*conditions: str) -> str:
        return MAPPING if found.preset else stays_behind(found, *spent, *conditions)

    return Lasting(
        in_words(one.cut or ""),
        one.title,
        _page_of(found, one.stage),
        said(one.ended, "count", manner, behind(_ended(place.model, found.flow, one.stage))),
        said(one.still_open, "count", manner, behind("left_at is null")),
        *(long(value, manner, behind()) for value in (one.median, one.p75, one.p90)),
    )


def _ended(model: Model, flow: str, stage: str) -> str:
    """The stays that went on to a stage whose entry is dated, or ended by a loss or parting: not by being deleted."""
    if flow != LIFECYCLE:
        return "next_stage is not null"
    undated = ", ".join(_text(one.name) for one in model.stages if not one.enters)
    onward = f"next_stage not in ({undated})" if undated else "next_stage is not null"
    agreed = model.stage(stage)
    if agreed is None:
        return onward
    deleted_at = f"{agreed.subject}.deleted_at"
    parted = "next_stage is null and left_at is not null"
    return f"({onward} or {parted} and ({deleted_at} is null or {deleted_at} > left_at))"


def lost(found: Funnel, one: Leak) -> Lost:
    """What left a stage, with those who did."""
    url = who(found, one.stage, "left")
    left, money = said(one.left, "count", found.manner, url), said(one.value, "money", found.manner, url)
    return Lost(one.title, _page_of(found, one.stage), left, money, one.how)


def went(place: Workspace, found: Funnel, one: Move) -> Went:
    url, model = _moved_rows(found, one), model_under(place, found.preset)
    then = title_of(model, one.next_stage) if one.next_stage else "nowhere"
    return Went(
        title_of(model, one.stage),
        then,
        one.way,
        said(one.moves, "count", found.manner, url),
        long(one.median, found.manner, url),
    )


def late(place: Workspace, found: Funnel, one: Stuck) -> Late:
    manner = found.manner
    here = () if found.preset else (within(found, one.stage), "left_at is null")
    url = of_subject(found, one.subject, one.subject_id, *here)
    return Late(
        one.subject,
        one.name or one.subject_id,
        one.owner or "",
        url,
        title_of(model_under(place, found.preset), one.stage),
        in_words(one.cut or ""),
        moment_words(one.entered_at, manner),
        one.entered_at.isoformat(),
        long(one.days, manner, url),
        long(one.p90, manner, url),
    )


def of_subject(found: Funnel | Members, subject: str, subject_id: str, *conditions: str) -> str:
    """The stays of one person, deal or customer in the flow."""
    return stays_behind(found, f"subject = {_text(subject)}", f"subject_id = {_text(subject_id)}", *conditions)


def member(found: Members, one: Member) -> Who:
    """Somebody whom a number counts, with their stays and what they are worth."""
    own = f"account_id = {_text(one.subject_id)}" if one.subject == "account" else f"id = {_text(one.subject_id)}"
    table = "record.contract_line" if one.subject == "account" else f"record.{one.subject}"
    return Who(
        one.name or one.subject_id,
        of_subject(found, one.subject, one.subject_id),
        one.account or "",
        one.owner or "",
        day_words(one.day, found.manner) if one.day else "",
        one.day.isoformat() if one.day else "",
        {True: "yes", False: "no", None: ""}[one.moved_on],
        said(one.value, "money", found.manner, address(found.build, table, Narrowed(where=own))),
    )


def long(days: float | None, manner: Manner, url: str) -> Said:
    """A length in days, told in hours or minutes where it is a short one."""
    if days is None or days >= 1 or not days:
        return said(days, "days", manner, url)
    words = worded(days * 24, "hours", manner) if days * 24 >= 1 else worded(days * 1440, "minutes", manner)
    return Said(words.text, words.full, str(days), url)


def weeks(found: Funnel, stages: Sequence[str], most: int) -> list[Week]:
    told = {(one.week_ends, one.stage): one.standing for one in found.weekly}
    ends = sorted({one.week_ends for one in found.weekly}, reverse=True)[:most]
    return [
        Week(
            day_words(end, found.manner),
            end.isoformat(),
            tuple(
                said(
                    told.get((end, name), 0),
                    "count",
                    found.manner,
                    stays_behind(found, within(found, name), _there(end)),
                )
                for name in stages
            ),
        )
        for end in ends
    ]


def _there(end: date) -> str:
    """The condition under which a stay lasted over a day's end."""
    return f"entered_on <= {_day(end)} and (left_on is null or left_on > {_day(end)})"


def _day(day: date) -> str:
    return f"cast('{day}' as date)"
