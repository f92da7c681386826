"""The lifecycle and the pipelines worded for pages: every number with the stays behind it."""

from collections.abc import Sequence
from datetime import date
from typing import NamedTuple

from django.urls import reverse
from django.utils.safestring import SafeString, mark_safe

from fairlead.actions.flows import Count, Funnel, Leak, Move, Stuck, Time
from fairlead.actions.lifecycle import title_of
from fairlead.actions.tables import Narrowed
from fairlead.analysis.stages import LIFECYCLE
from fairlead.desk.pages.tables import address
from fairlead.desk.wordings import Said, said
from fairlead.picture.flowplot import Leaving, Onward, Place, Return, flowplot
from fairlead.picture.wording import Manner, day_words, moment_words, period_words, worded
from fairlead.workspace import Workspace

WEEKS = 13  # of the weekly table; the API has all
TABLE = "mart.stage_entry"


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
    url: str
    stage: str
    cut: str
    since: str
    since_at: str
    days: Said
    limit: Said


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


def stays_behind(found: Funnel, *conditions: str) -> str:
    """The stays behind a number: the rows of mart.stage_entry of this flow for which the conditions hold."""
    where = " and ".join((f"flow = {_text(found.flow)}", *conditions))
    return address(found.build, TABLE, Narrowed(where=where))


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
            reverse("stage", args=[name]),
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
            stays_behind(found, within(found, name), _during(found, "entered_on")),
        )
        for name, one in counts.items()
    ]
    returns = [
        Return(m.stage, m.next_stage or "", str(m.moves), _moved_rows(found, m)) for m in found.moves if m.way == "back"
    ]
    leaving = [
        Leaving(
            one.stage,
            f"{worded(one.left, 'count', manner).text} left",
            worded(one.value, "money", manner).text if one.value is not None else "",
            "#leaks",
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
        return "half are still there"
    return f"median {worded(time.median, 'days', manner).text}"


def _moved_rows(found: Funnel, move: Move) -> str:
    then = f"next_stage = {_text(move.next_stage)}" if move.next_stage else "next_stage is null"
    return stays_behind(found, within(found, move.stage), then, _during(found, "left_on"))


def line(place: Workspace, found: Funnel, one: Count) -> Line:
    manner = found.manner
    url = stays_behind(found, within(found, one.step), *_cut(found, one.cut)) if not found.preset else "#mapping"
    return Line(
        period=period_words(one.period, manner) if "/" not in one.period else "",
        cut=one.cut or "",
        title=one.title,
        url=reverse("stage", args=[one.step]),
        reached=said(one.reached, "count", manner, url),
        advanced=said(one.advanced, "count", manner, url),
        conversion=said(one.conversion, "percent", manner, url),
        overall=said(one.overall, "percent", manner, url),
    )


def lasting(found: Funnel, one: Time) -> Lasting:
    """Time in a stage; the stays of a preset's stage are those of several stages here."""
    manner = found.manner
    spent = (within(found, one.stage), _during(found, "entered_on"), *_cut(found, one.cut))

    def behind(*conditions: str) -> str:
        return "#mapping" if found.preset else stays_behind(found, *spent, *conditions)

    return Lasting(
        one.cut or "",
        one.title,
        reverse("stage", args=[one.stage]),
        said(one.ended, "count", manner, behind("next_stage is not null")),
        said(one.still_open, "count", manner, behind("left_at is null")),
        *(said(value, "days", manner, behind()) for value in (one.median, one.p75, one.p90)),
    )


def lost(found: Funnel, one: Leak) -> Lost:
    """What left a stage; behind it all stays that ended there other than forward."""
    steps = found.steps
    later = steps[steps.index(one.stage) + 1 :] if one.stage in steps else ()
    onward = f"next_stage in ({', '.join(map(_text, later))})" if later else "false"
    ended = (within(found, one.stage), _during(found, "left_on"), f"(next_stage is null or not {onward})")
    url = stays_behind(found, *ended)
    left, money = said(one.left, "count", found.manner, url), said(one.value, "money", found.manner, url)
    return Lost(one.title, reverse("stage", args=[one.stage]), left, money, one.how)


def went(place: Workspace, found: Funnel, one: Move) -> Went:
    url = _moved_rows(found, one)
    then = title_of(place.model, one.next_stage) if one.next_stage else "nowhere"
    return Went(
        title_of(place.model, one.stage),
        then,
        one.way,
        said(one.moves, "count", found.manner, url),
        said(one.median, "days", found.manner, url),
    )


def late(place: Workspace, found: Funnel, one: Stuck) -> Late:
    manner = found.manner
    subject = _text(one.subject_id)
    url = stays_behind(found, f"subject = {_text(one.subject)}", f"subject_id = {subject}")
    return Late(
        one.subject,
        one.subject_id,
        url,
        title_of(place.model, one.stage),
        one.cut or "",
        moment_words(one.entered_at, manner),
        one.entered_at.isoformat(),
        said(one.days, "days", manner, url),
        said(one.p90, "days", manner, url),
    )


def weeks(found: Funnel, stages: Sequence[str]) -> list[Week]:
    told = {(one.week_ends, one.stage): one.standing for one in found.weekly}
    ends = sorted({one.week_ends for one in found.weekly}, reverse=True)[:WEEKS]
    return [
        Week(
            day_words(end, found.manner),
            end.isoformat(),
            tuple(
                said(
                    told.get((end, name), 0),
                    "count",
                    found.manner,
                    stays_behind(
                        found, within(found, name), f"entered_on <= '{end}' and (left_on is null or left_on > '{end}')"
                    ),
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
