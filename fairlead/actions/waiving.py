"""Waive a gate: let one record pass without all that a stage asks for, with a reason, by who may, until a day.

What is waived lands as a row and stays one; who takes it back lands it again with who did and when.
"""

from collections.abc import Sequence
from datetime import UTC, date, datetime
from typing import Any, NamedTuple

from fairlead.actions.asking import Opened, opened, published
from fairlead.actions.days import day_of
from fairlead.actions.gates import record_of
from fairlead.actions.laws import BAD_GATE, BAD_WAIVER, MAY_NOT_WAIVE, UNKNOWN_RECORD
from fairlead.actions.waivers import A_SECOND, waivers_sql
from fairlead.analysis.gate import EXIT, Gate, deciders, gates
from fairlead.connect.desk import SOURCE, Act, act, land_held
from fairlead.model.agreed import Subject
from fairlead.model.tables import CANONICAL_BY_NAME
from fairlead.model.whole import Model
from fairlead.problem import Problem, Refused, did_you_mean
from fairlead.record.views import raw_view
from fairlead.values import Query
from fairlead.workspace import Workspace

LONGEST = 2000


class Waived(NamedTuple):
    """A waiver as it was given: it counts at once for the record, and in reports from the next build on.

    `withdrawn_at` None: it has not been taken back.
    """

    id: str
    subject: str
    subject_id: str
    name: str
    stage: str
    what: str
    reason: str
    by: str
    at: datetime
    until: date | None
    withdrawn_at: datetime | None = None
    withdrawn_by: str = ""


class NotWaived(Refused):
    """Nothing was written down; `fields` names, for each problem, the part of the waiver that is at fault."""

    def __init__(self, faults: Sequence[tuple[str, Problem]]) -> None:
        self.fields = tuple(field for field, _ in faults)
        super().__init__([problem for _, problem in faults])


class Colleague(NamedTuple):
    """Whoever decides: their id where the record knows them, and every name they go by."""

    id: str | None
    names: tuple[str, ...]


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
    email: str = "",
    now: datetime | None = None,
) -> Waived:
    """Give leave to pass the gate of `stage`, and write it down for good; the same twice is written down once.

    `stage` may have its flow before it (lifecycle.closed_won); of two of one name it must.

    `what` is a required column or `exit`, the exit criterion; without it everything is waived. `by` names a colleague
    by name, email or id; `email` is a further name of theirs. `until` is the last day on which it holds. Raises
    NotWaived, and writes nothing, without a reason, for whoever may not waive this gate, and for a day that is over.
    """
    now = now or datetime.now(UTC)
    there, model = opened(published(workspace)), workspace.model
    kind, found_id, name = record_of(there, subject, subject_id)
    one = gate_of(model, kind, stage)
    if one.has_namesake and stage != one.name:
        hint = f"Name one: {' or '.join(g.name for g in gates(model) if (g.subject, g.stage) == (kind, stage))}."
        raise Refused([BAD_GATE.broken(f"There are two gates called '{stage}'.", hint=hint)])
    day = day_of(until, workspace.config.fiscal_year_start, last=True)
    who = _colleague(there, by, email)
    said = " ".join(reason.split())
    faults = [*_faults(one, what, said, (day, until), workspace.as_of(now)), *_rights(model, one, who)]
    if faults or day is None:
        raise NotWaived(faults)
    given = Waived(
        "", str(kind), found_id, name, one.called, what or "", said, who.names[0], _moment(workspace, now), day
    )
    values = {
        "subject": given.subject,
        "subject_id": given.subject_id,
        "stage": given.stage,
        "what": what or None,
        "waiver_reason": said,
        "waived_by_id": who.id,
        "waived_by": given.by,
        "at": given.at.isoformat(),
        "expires_on": day.isoformat(),
    }
    done = act("waiver", values, now)
    with workspace.lake.editing():  # whoever sends the same at the same time waits, and then finds it
        if same := _same(workspace, there, given):
            return given._replace(**same)
        land_held(workspace.lake, done, now)
    return given._replace(id=f"{SOURCE}:{done.id}")


def withdraw(  # noqa: PLR0913 - who takes back what, of whom, when
    workspace: Workspace,
    waiver: str,
    *,
    by: str,
    email: str = "",
    of: tuple[str, str] | None = None,
    now: datetime | None = None,
) -> Waived:
    """Take a waiver back from now on; what passed by it until now has passed. Twice is once.

    Whoever gave it may, and whoever may waive the gate. `of` is the subject and id of the record it is thought to be
    of. Raises Refused for a waiver there is not, for one that is of another record, has run out or was not given here
    (its source takes it back), and for whoever may not.
    """
    now = now or datetime.now(UTC)
    there = opened(published(workspace))
    with workspace.lake.editing():  # whoever takes it back at the same time waits, and then finds that it has been
        given, row = _as_it_stands(workspace, there, waiver, of)
        if given.withdrawn_at is not None:
            return given
        if row["expires_on"] is not None and row["expires_on"] < workspace.as_of(now):
            raise NotWaived([("waiver", BAD_WAIVER.broken(f"It has run out on {row['expires_on']}.", hint=""))])
        who = _colleague(there, by, email)
        own = (who.id is not None and who.id == row["waived_by_id"]) or _speaks(who, [given.by])
        one = gate_of(workspace.model, Subject(given.subject), given.stage)
        if not own and (faults := _rights(workspace.model, one, who)):
            raise NotWaived(faults)
        at = _moment(workspace, now)
        key = waiver.removeprefix(f"{SOURCE}:")
        back = {"withdrawn_at": at.isoformat(), "withdrawn_by_id": who.id, "withdrawn_by": who.names[0]}
        land_held(workspace.lake, Act("waiver", key, {**_as_landed(workspace, there, key), **back}), now)
    return given._replace(withdrawn_at=at, withdrawn_by=who.names[0])


def _as_it_stands(
    workspace: Workspace, there: Opened, waiver: str, of: tuple[str, str] | None
) -> tuple[Waived, dict[str, Any]]:
    """A waiver and its row; raises Refused where there is none, and for one of another record than `of`."""
    row = _waiver(workspace, there, waiver)
    kind, found_id, name = record_of(there, row["subject"], row["subject_id"])
    if of is not None and record_of(there, *of)[:2] != (kind, found_id):
        hint = f"Take it back on the page of {name}."
        raise NotWaived([("waiver", BAD_WAIVER.broken(f"It is a waiver of another record, {name}.", hint=hint))])
    given = Waived(
        waiver, str(kind), found_id, name, row["stage"], row["what"] or "", row["waiver_reason"],
        row["waived_by"] or "", row["given_at"], row["expires_on"], row["taken_back_at"], row["withdrawn_by"] or "",
    )  # fmt: skip
    return given, row


def _moment(workspace: Workspace, now: datetime) -> datetime:
    """When it is decided: now, or in the last second of the day that the workspace pins."""
    return min(now, workspace.end_of(workspace.as_of(now)) - A_SECOND).astimezone(UTC)


def gate_of(model: Model, subject: Subject, stage: str) -> Gate:
    """The gate of a stage, which may have its flow before it: lifecycle.closed_won.

    Of two of one name that of the pipeline, as a waiver has it. Raises Refused where the stage asks for nothing.
    """
    own = [g for g in gates(model) if g.subject is subject]
    found = [g for g in own if stage in g.names]
    if not found:
        message = f"No gate of {'a' if subject is Subject.PERSON else 'an'} {subject} is called '{stage}'."
        known = tuple(dict.fromkeys(g.called for g in own))
        raise Refused([BAD_GATE.broken(message, hint=did_you_mean(stage, known))])
    return found[-1]


def may_waive(workspace: Workspace, subject: str, stage: str, by: str, email: str = "") -> bool:
    """Whether somebody may waive the gate of a stage."""
    there = opened(published(workspace))
    return not _rights(workspace.model, gate_of(workspace.model, Subject(subject), stage), _colleague(there, by, email))


def _same(workspace: Workspace, there: Opened, given: Waived) -> dict[str, Any]:
    """The id and time of the same waiver by the same person, where it holds already: sent twice, it is one."""
    rows = there.reader.rows(
        Query(
            "the same waiver",
            f"SELECT v.id, v.given_at AS at FROM {waivers_sql(workspace)} AS v WHERE v.subject = ? AND v.subject_id = ?"
            " AND v.stage = ? AND coalesce(v.what, '') = ? AND v.waiver_reason = ? AND v.waived_by = ?"
            " AND v.expires_on = CAST(? AS DATE) AND v.withdrawn_at IS NULL AND v.deleted_at IS NULL"
            " ORDER BY v.at LIMIT 1",
            (
                *(given.subject, given.subject_id, given.stage, given.what, given.reason, given.by),
                str(given.until),
            ),
        )
    ).to_pylist()
    return rows[0] if rows else {}


def _waiver(workspace: Workspace, there: Opened, waiver: str) -> dict[str, Any]:
    """A waiver that was given at the desk or the command line. Raises Refused for any other."""
    rows: list[dict[str, Any]] = there.reader.rows(
        Query("a waiver", f"SELECT v.* FROM {waivers_sql(workspace)} AS v WHERE v.id = ?", (waiver,))
    ).to_pylist()
    if not rows:
        hint = "`fairlead gate SUBJECT ID` lists the waivers of a record."
        raise Refused([UNKNOWN_RECORD.broken(f"There is no waiver '{waiver}'.", hint=hint)])
    if not waiver.startswith(f"{SOURCE}:"):
        said = waiver.partition(":")[0]
        raise NotWaived([("waiver", BAD_WAIVER.broken(f"It comes from {said}: take it back there.", hint=""))])
    return rows[0]


def _as_landed(workspace: Workspace, there: Opened, key: str) -> dict[str, str | None]:
    """The values of a waiver as they were landed, as text."""
    loads = [load for load in workspace.lake.loads() if (load.source, load.table) == (SOURCE, "waiver")]
    sql = f"SELECT r.* FROM ({raw_view(loads)}) AS r WHERE r._key = ?"
    row = there.reader.rows(Query("a waiver as landed", sql, (key,))).to_pylist()[0]
    return {c.name: row.get(c.name) for c in CANONICAL_BY_NAME["waiver"].columns if not c.derived}


def _colleague(there: Opened, by: str, email: str = "") -> Colleague:
    """The colleague meant, where the record knows one of that name, email or id; else what was written."""
    wanted = tuple(dict.fromkeys(filter(None, (" ".join(by.split()), email.strip())))) or ("",)
    said = " OR ".join("m.id = ? OR lower(m.email) = lower(?) OR lower(m.name) = lower(?)" for _ in wanted)
    found = there.reader.rows(
        Query(
            "a colleague",
            "SELECT m.id, m.name, m.email FROM record.member AS m WHERE m.deleted_at IS NULL"
            f" AND coalesce(m.is_active, true) AND ({said}) ORDER BY m.id LIMIT 2",
            tuple(name for name in wanted for _ in range(3)),
        )
    ).to_pylist()
    if len(found) != 1:
        return Colleague(None, wanted)
    one = found[0]
    known = filter(None, (one["name"], one["email"], *(wanted if email else ())))
    return Colleague(one["id"], tuple(dict.fromkeys(known)))


def _faults(
    one: Gate, what: str | None, reason: str, until: tuple[date | None, date | str], today: date
) -> list[tuple[str, Problem]]:
    found = []
    known = [*(column for column, _ in one.required), *([EXIT] if one.exit_when else [])]
    if what and what not in known:
        message = f"what: the gate of {one.called} does not ask for '{what}'."
        found.append(("what", BAD_WAIVER.broken(message, hint=did_you_mean(what, known))))
    if not reason:
        hint = "Say why it is right to go on without it."
        found.append(("reason", BAD_WAIVER.broken("reason: a waiver needs one.", hint=hint)))
    if len(reason) > LONGEST:
        found.append(("reason", BAD_WAIVER.broken(f"reason: it is longer than {LONGEST} letters.", hint="")))
    day, said = until
    if day is None:
        message = f"until: '{said}' is no day." if said else "until: a waiver ends on a day."
        found.append(("until", BAD_WAIVER.broken(message, hint="Write it as 2026-03-31.")))
    elif day < today:
        message = f"until: {day} is over, today is {today}."
        found.append(("until", BAD_WAIVER.broken(message, hint="Name a day from today on.")))
    return found


def _rights(model: Model, one: Gate, who: Colleague) -> list[tuple[str, Problem]]:
    """Nothing where one of the roles that may waive is held by somebody of these names."""
    roles = deciders(model, one)
    if any(_speaks(who, role.holders) for role in roles):
        return []
    named = ", ".join(f"{r.title} ({', '.join(r.holders)})" if r.holders else r.title for r in roles)
    message = f"{who.names[0] or 'Nobody'} may not waive the gate of {one.called}."
    hints = ["No one colleague goes by that name, email or id."] if who.id is None and who.names[0] else []
    hints += [f"It may be waived by: {named}."] if named else []
    if roles and not any(role.holders for role in roles):
        hints.append("Nobody holds any of these roles: name them under `holders:` in people.yaml.")
    return [("by", MAY_NOT_WAIVE.broken(message, hint=" ".join(hints) or None))]


def _speaks(who: Colleague, names: Sequence[str]) -> bool:
    spoken = {name.casefold() for name in who.names if name}
    return any(name.casefold() in spoken for name in names)
