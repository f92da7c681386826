"""Waive a gate: let one record pass without all that a stage asks for, with a reason, by who may, until a day."""

from datetime import UTC, date, datetime, timedelta
from typing import NamedTuple

from fairlead.actions.asking import Opened, day_of, opened
from fairlead.actions.gates import record_of
from fairlead.actions.laws import BAD_GATE, BAD_WAIVER, MAY_NOT_WAIVE
from fairlead.analysis.gate import EXIT, Gate, deciders, gates
from fairlead.connect.desk import act, land_act
from fairlead.model.agreed import Subject
from fairlead.model.whole import Model
from fairlead.problem import Problem, Refused, did_you_mean
from fairlead.record.laws import NO_BUILD
from fairlead.values import Query
from fairlead.workspace import Workspace

LONGEST = 2000
A_SECOND = timedelta(seconds=1)  # a waiver of a day that the workspace pins was given on that day


class Waived(NamedTuple):
    """A waiver as it was given: it counts at once for the record, and in reports from the next build on."""

    subject: str
    subject_id: str
    name: str
    stage: str
    what: str
    reason: str
    by: str
    at: datetime
    until: date


def waive(  # noqa: PLR0913 - the parts of a waiver
    workspace: Workspace,
    subject: str,
    subject_id: str,
    *,
    stage: str,
    reason: str,
    by: str,
    until: date | str,
    what: str | None = None,
    now: datetime | None = None,
) -> Waived:
    """Give leave to pass the gate of `stage`, and write it down for good.

    `what` is a required column or `exit`, the exit criterion; without it everything is waived. `by` names a colleague
    by name, email or id. `until` is the last day on which it holds. Raises Refused, and writes nothing, without a
    reason, for whoever may not waive this gate, and for a day that is over.
    """
    now = now or datetime.now(UTC)
    build = workspace.lake.current()
    if build is None:
        raise Refused([NO_BUILD.broken(f"There is no build in {workspace.root} yet.")])
    there, model = opened(build), workspace.model
    kind, found_id, name = record_of(there, subject, subject_id)
    one = gate_of(model, kind, stage)
    day = _day(until, workspace)
    member_id, person = _colleague(there, by)
    said = " ".join(reason.split())
    faults = [*_faults(one, what, said, day, workspace.as_of(now)), *_rights(model, one, by, person)]
    if faults or day is None:
        raise Refused(faults)
    values = {
        "subject": str(kind),
        "subject_id": found_id,
        "stage": one.stage,
        "what": what,
        "waiver_reason": said,
        "waived_by_id": member_id,
        "waived_by": person[0],
        "at": min(now, workspace.end_of(workspace.as_of(now)) - A_SECOND).astimezone(UTC).isoformat(),
        "expires_on": day.isoformat(),
    }
    land_act(workspace.lake, act("waiver", values, now), now)
    return Waived(str(kind), found_id, name, one.stage, what or "", said, person[0], now, day)


def gate_of(model: Model, subject: Subject, stage: str) -> Gate:
    """The gate of a stage; of two of one name that of the pipeline. Raises Refused where the stage asks for nothing."""
    own = [g for g in gates(model) if g.subject is subject]
    found = [g for g in own if g.stage == stage]
    if not found:
        message = f"No gate of a {subject} is called '{stage}'."
        raise Refused([BAD_GATE.broken(message, hint=did_you_mean(stage, [g.stage for g in own]))])
    return found[-1]


def _day(until: date | str, workspace: Workspace) -> date | None:
    return day_of(until, workspace.config.fiscal_year_start, last=True)


def _colleague(there: Opened, by: str) -> tuple[str | None, tuple[str, ...]]:
    """The id of the colleague meant, and every name they go by; (None, what was written) for nobody of the record."""
    wanted = " ".join(by.split())
    found = there.reader.rows(
        Query(
            "a colleague",
            "SELECT m.id, m.name, m.email FROM record.member AS m WHERE m.deleted_at IS NULL"
            " AND coalesce(m.is_active, true) AND (m.id = ? OR lower(m.email) = lower(?) OR lower(m.name) = lower(?))"
            " ORDER BY m.id LIMIT 2",
            (wanted, wanted, wanted),
        )
    ).to_pylist()
    if len(found) != 1:
        return None, (wanted,)
    one = found[0]
    return one["id"], tuple(n for n in (one["name"], one["email"]) if n)


def _faults(one: Gate, what: str | None, reason: str, until: date | None, today: date) -> list[Problem]:
    found = []
    known = [*(column for column, _ in one.required), *([EXIT] if one.exit_when else [])]
    if what and what not in known:
        message = f"The gate of {one.stage} does not ask for '{what}'."
        found.append(BAD_WAIVER.broken(message, hint=did_you_mean(what, known)))
    if not reason:
        found.append(BAD_WAIVER.broken("A waiver needs a reason.", hint="Say why it is right to go on without it."))
    if len(reason) > LONGEST:
        found.append(BAD_WAIVER.broken(f"The reason is longer than {LONGEST} letters."))
    if until is None:
        found.append(BAD_WAIVER.broken("A waiver ends on a day.", hint="Write it as 2026-03-31."))
    elif until < today:
        found.append(BAD_WAIVER.broken(f"{until} is over: today is {today}.", hint="Name a day from today on."))
    return found


def _rights(model: Model, one: Gate, by: str, names: tuple[str, ...]) -> list[Problem]:
    """Nothing where one of the roles that may waive is held by somebody of these names."""
    roles = deciders(model, one)
    spoken = {name.casefold() for name in names}
    if any(holder.casefold() in spoken for role in roles for holder in role.holders):
        return []
    who = ", ".join(f"{r.title} ({', '.join(r.holders)})" if r.holders else r.title for r in roles)
    message = f"{by.strip() or 'Nobody'} may not waive the gate of {one.stage}."
    return [MAY_NOT_WAIVE.broken(message, hint=f"It may be waived by: {who}." if who else None)]
