"""Who is behind a number of the funnel: those who reached a step, moved on from it, or left it for good."""

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

from fairlead.actions.asking import opened
from fairlead.actions.flows import WHOLE, FlowAsked, Member, Members
from fairlead.actions.laws import BAD_QUESTION, UNKNOWN_STAGE
from fairlead.actions.lifecycle import build_asked, title_of, understood
from fairlead.actions.presets import model_under, reading
from fairlead.analysis import lingering
from fairlead.analysis.funnel import Ask, counted_at
from fairlead.problem import Refused, did_you_mean
from fairlead.record.lake import manifest
from fairlead.values import Query, moment_from
from fairlead.workspace import Workspace

WHAT = ("reached", "advanced", "left")
PAGE = 100


def whose(  # noqa: PLR0913 - which of the funnel's numbers, and which of its rows
    workspace: Workspace,
    step: str,
    asked: FlowAsked = WHOLE,
    *,
    what: str = "reached",
    period: str | None = None,
    cut: str | None = None,
    page: int = 1,
    size: int = PAGE,
    offset: int | None = None,
    known_at: datetime | None = None,
    now: datetime | None = None,
) -> Members:
    """The people, deals or customers whom one number of the funnel counts, `size` at a time: a page, or from `offset`.

    `step` and `period` as the funnel tells them; `cut` is the value of `by`, None where it has none. Raises Refused.
    """
    build = build_asked(workspace, asked.as_of, known_at, now=now or datetime.now(UTC))
    open_build = opened(build)
    ask = _narrowed(understood(workspace, open_build, asked), step, what, period)
    query = (
        lingering.left(ask, step) if what == "left" else counted_at(ask, step, cut, only_advanced=what == "advanced")
    )
    subject = next(one.subject for one in ask.steps if one.name == step) if what == "left" else ask.subject
    read = reading(workspace, open_build, asked.preset)
    title = title_of(model_under(workspace, asked.preset), step)
    total = int(read(Query("count", f"SELECT count(*) FROM ({query.sql})")).column(0)[0].as_py())
    pages = max(1, -(-total // size))
    page = min(max(1, page), pages)
    before = (page - 1) * size if offset is None else offset
    rows = read(lingering.named(query, subject, size, before)).to_pylist()
    said: Mapping[str, Any] = manifest(build)
    return Members(
        what, ask.flow, step, title, subject, ask.periods[0].name, ask.by, cut,
        tuple(_member(subject, row) for row in rows), total, page, pages, workspace.manner,
        workspace.end_of(ask.as_of) - timedelta(seconds=1), build.name, moment_from(said["made_at"]),
        moment_from(said["seen_at"]),
    )  # fmt: skip


def _narrowed(ask: Ask, step: str, what: str, period: str | None) -> Ask:
    """The question about one step, and one period where one is named."""
    steps = [one.name for one in ask.steps]
    faults = []
    if step not in steps:
        faults.append(UNKNOWN_STAGE.broken(f"unknown stage '{step}'.", hint=did_you_mean(step, steps)))
    if what not in WHAT:
        faults.append(BAD_QUESTION.broken(f"'{what}' is none of {', '.join(WHAT)}."))
    chosen = tuple(one for one in ask.periods if period in (None, one.name))
    if not chosen:
        faults.append(BAD_QUESTION.broken(f"'{period}' is none of the periods asked for."))
    if faults:
        raise Refused(faults)
    return ask._replace(periods=chosen)


def _member(subject: str, row: Mapping[str, Any]) -> Member:
    value = row.get("value")
    return Member(
        subject, row["subject_id"], row["name"], row["account"], row["owner"], row["day"], row.get("moved_on"),
        None if value is None else float(value),
    )  # fmt: skip
