"""Who is behind a number of the funnel: those who reached a step, moved on from it, or left it for good."""

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

from fairlead.actions.asking import Day, opened
from fairlead.actions.flows import Member, Members
from fairlead.actions.laws import BAD_QUESTION, UNKNOWN_STAGE
from fairlead.actions.lifecycle import build_asked, title_of, understood
from fairlead.analysis import lingering
from fairlead.analysis.funnel import Ask, counted_at
from fairlead.analysis.stages import LIFECYCLE
from fairlead.model.lifecycle import Again, Skipped
from fairlead.model.whole import Model
from fairlead.problem import Refused, did_you_mean
from fairlead.record.lake import manifest
from fairlead.values import Grain, Query, moment_from
from fairlead.workspace import Workspace

WHAT = ("reached", "advanced", "left")
PAGE = 100


def whose(  # noqa: PLR0913 - as the funnel's, and which of its numbers
    workspace: Workspace,
    step: str,
    *,
    what: str = "reached",
    period: str | None = None,
    cut: str | None = None,
    page: int = 1,
    flow: str = LIFECYCLE,
    by: str | None = None,
    cohort: bool = True,
    per: Grain | str | None = None,
    start: Day = None,
    end: Day = None,
    preset: str | None = None,
    skipped: Skipped | str | None = None,
    reopened: Again | str | None = None,
    as_of: Day = None,
    known_at: datetime | None = None,
    now: datetime | None = None,
) -> Members:
    """The people, deals or customers whom one number of the funnel counts, `PAGE` at a time.

    `step` and `period` as the funnel tells them; `cut` is the value of `by`, None where it has none. Raises Refused.
    """
    build = build_asked(workspace, as_of, known_at, now=now or datetime.now(UTC))
    open_build = opened(build)
    ask = understood(workspace, open_build, flow, by, cohort, per, start, end, preset, skipped, reopened)
    ask = _narrowed(ask, step, what, period)
    query = (
        lingering.left(ask, step) if what == "left" else counted_at(ask, step, cut, only_advanced=what == "advanced")
    )
    subject = _subject(workspace.model, ask, step) if what == "left" else ask.subject
    total = int(open_build.reader.rows(Query("count", f"SELECT count(*) FROM ({query.sql})")).column(0)[0].as_py())
    pages = max(1, -(-total // PAGE))
    page = min(max(1, page), pages)
    rows = open_build.reader.rows(lingering.named(query, subject, PAGE, (page - 1) * PAGE)).to_pylist()
    said: Mapping[str, Any] = manifest(build)
    return Members(
        what, ask.flow, step, title_of(workspace.model, step), subject, ask.periods[0].name, ask.by, cut,
        tuple(_member(subject, row) for row in rows), total, page, pages, workspace.manner,
        workspace.end_of(ask.as_of) - timedelta(seconds=1), build.name, moment_from(said["made_at"]),
        moment_from(said["seen_at"]),
    )  # fmt: skip


def _narrowed(ask: Ask, step: str, what: str, period: str | None) -> Ask:
    """The question about one step, and one period where one is named."""
    steps = [one.name for one in ask.steps]
    faults = []
    if step not in steps and not (what == "left" and any(step in one.stages for one in ask.steps)):
        faults.append(UNKNOWN_STAGE.broken(f"unknown stage '{step}'.", hint=did_you_mean(step, steps)))
    if what not in WHAT:
        faults.append(BAD_QUESTION.broken(f"'{what}' is none of {', '.join(WHAT)}."))
    chosen = tuple(one for one in ask.periods if period in (None, one.name))
    if not chosen:
        faults.append(BAD_QUESTION.broken(f"'{period}' is none of the periods asked for."))
    if faults:
        raise Refused(faults)
    return ask._replace(periods=chosen)


def _subject(model: Model, ask: Ask, stage: str) -> str:
    """Who is in a stage; a preset's step may hold stages of several subjects."""
    own = model.lifecycle.stages.get(stage) if ask.flow == LIFECYCLE else None
    return str(own.subject) if own else ask.subject


def _member(subject: str, row: Mapping[str, Any]) -> Member:
    value = row.get("value")
    return Member(
        subject, row["subject_id"], row["name"], row["account"], row["owner"], row["day"], row.get("moved_on"),
        None if value is None else float(value),
    )  # fmt: skip
