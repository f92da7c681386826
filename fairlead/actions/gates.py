"""Gates: what one record lacks to go on, who may let it pass all the same, and how the gates do."""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any, NamedTuple

from fairlead.actions.asking import Asked, Opened, build_for, opened, published
from fairlead.actions.at_gate import Asks, AtGate, Criterion, Need, Proof, Waiver
from fairlead.actions.building import built
from fairlead.actions.days import Day
from fairlead.actions.laws import BAD_GATE, UNKNOWN_FLOW, UNKNOWN_RECORD
from fairlead.actions.waivers import A_SECOND, waivers_sql
from fairlead.actions.whence import whence
from fairlead.analysis.gate import EXIT, Gate, deciders, gates
from fairlead.analysis.gate_record import ahead, judged_ahead, proofs, stays_of, values_ahead, waivers_of, written
from fairlead.analysis.scan import text
from fairlead.model.agreed import Subject
from fairlead.model.predicate import Predicate, columns_of, conjuncts, parse
from fairlead.model.tables import TABLES
from fairlead.model.whole import Model
from fairlead.problem import Refused, did_you_mean
from fairlead.record.lake import manifest
from fairlead.values import Progress, Query, in_words, moment_from, quiet
from fairlead.workspace import Workspace
from fairlead.zones import zone

# What the move into a stage itself brings: a criterion on these says nothing about what is missing before.
BROUGHT = frozenset({"stage", "is_won", "is_closed", "closed_at"})


def gate(  # noqa: PLR0913 - a record, a way and a time
    workspace: Workspace,
    subject: str,
    subject_id: str,
    *,
    to: str | None = None,
    flow: str | None = None,
    as_of: Day = None,
    known_at: datetime | None = None,
    now: datetime | None = None,
    progress: Progress = quiet,
) -> AtGate:
    """What a record lacks to leave its stage, or to reach stage `to`, at the end of day `as_of` (default: the build's).

    `flow`: of which flow, as also `to` may say (sales.proposal); without it a deal's pipeline comes first.
    Raises Refused for a subject, record, stage or flow that there is not, and for a record that is in no stage.
    """
    now = now or datetime.now(UTC)
    build = build_for(workspace, Asked((), as_of=as_of), known_at, now=now, progress=progress)
    there, model, made = opened(build), workspace.model, built(build, is_current=False)
    what, found_id, name = record_of(there, subject, subject_id)
    stays = _stays(there, what, found_id)
    to, flow = _apart(model, what, to, flow)
    stay, path = _path(model, stays if flow is None else _only(stays, flow), what, to)
    last, today = workspace.end_of(there.as_of) - A_SECOND, max(workspace.as_of(now), there.as_of)
    waivers = waivers_sql(workspace, last, today) if as_of is known_at is None else waivers_sql(workspace)
    source = ahead(path, found_id, stay["sequence"], clock(there)) if path else None

    def rows_of(query: Query) -> list[dict[str, Any]]:
        found: list[dict[str, Any]] = there.reader.rows(query).to_pylist()
        return found

    record = _Record(
        manifest(build),
        {r.pop("grade"): Proof(**r) for r in rows_of(proofs(what, found_id, stay["sequence"], clock(there)))},
        {r["field"]: r["at"] for r in rows_of(written(what, found_id, clock(there)))},
    )
    rows = there.reader.rows(judged_ahead(model, path, source, waivers)).to_pylist() if source else []
    given = there.reader.rows(waivers_of(what, found_id, waivers)).to_pylist()
    asks = tuple(
        _asks(model, there, path[row["sequence"]], row, source._replace(), given, record) for row in rows if source
    )
    entry = _entry(model, there, to, path, source, record.said) if source and to else ()
    return AtGate(
        subject=str(what),
        subject_id=found_id,
        name=name,
        flow=stay["flow"],
        flows=tuple(stays),
        stage=stay["stage"],
        to=to,
        entered_at=stay["entered_at"],
        asks=asks,
        entry=entry,
        may_go=all(one.may_pass for one in asks) and all(one.holds for one in entry),
        as_of=there.as_of,
        build=build.name,
        built_at=moment_from(made.made_at),
        seen_at=moment_from(made.seen_at),
    )


def record_named(workspace: Workspace, subject: str, subject_id: str) -> str:
    """The id of a record of the published build, named by id or key. Raises Refused where there is none."""
    return record_of(opened(published(workspace)), subject, subject_id)[1]


def clock(there: Opened) -> str:
    """The clock of a build as a relation."""
    return f"(SELECT DATE '{there.as_of}' AS as_of_day, {text(there.timezone)} AS timezone)"


def record_of(there: Opened, subject: str, subject_id: str) -> tuple[Subject, str, str]:
    """The subject, id and name of a record, named by its id or by its key in a source. Raises Refused."""
    what = next((s for s in Subject if s == subject), None)
    if what is None:
        message = f"There is no subject '{subject}'."
        raise Refused([UNKNOWN_RECORD.broken(message, hint=did_you_mean(subject, [str(s) for s in Subject]))])
    found = there.reader.rows(
        Query(
            "a record",
            f"SELECT o.id, o.name FROM record.{what.value} AS o WHERE o.id = ? OR o.source_id = ?"
            " ORDER BY o.id <> ?, o.id LIMIT 1",
            (subject_id, subject_id, subject_id),
        )
    ).to_pylist()
    if not found:
        raise Refused([UNKNOWN_RECORD.broken(f"There is no {what} '{subject_id}' in this build.")])
    return what, found[0]["id"], found[0]["name"] or found[0]["id"]


class _Record(NamedTuple):
    """What the needs of a record are told from: the build's manifest, entries of the stay, when fields were written."""

    said: Mapping[str, Any]
    proofs: Mapping[int, Proof]
    written: Mapping[str, datetime]


Stays = Mapping[str, Mapping[str, Any]]


def _stays(there: Opened, subject: Subject, subject_id: str) -> Stays:
    """The stay that a record is in, of every flow it goes through. Raises Refused where there is none."""
    last = {stay["flow"]: stay for stay in there.reader.rows(stays_of(subject, subject_id)).to_pylist()}
    if not last:
        message = f"{subject} {subject_id} is in no stage as of {there.as_of}."
        earlier = "Ask as of a later day: it had not come into one by then."
        hint = earlier if there.is_past else "It has not come into one yet: nothing in the record says when."
        raise Refused([BAD_GATE.broken(message, hint=hint)])
    return last


def _only(stays: Stays, flow: str) -> Stays:
    if flow not in stays:
        message = f"It does not go through '{flow}'."
        raise Refused([UNKNOWN_FLOW.broken(message, hint=did_you_mean(flow, tuple(stays)))])
    return {flow: stays[flow]}


def _path(model: Model, last: Stays, subject: Subject, to: str | None) -> tuple[Mapping[str, Any], tuple[Gate, ...]]:
    """The stay the record is in, and the gates on its way: its own stage's, and those of the stages up to `to`.

    A stage that nothing follows asks on entering, so that of `to` counts where it is such a one.
    """
    orders = _orders(model, subject)
    flow = next((f for f in last if to is not None and to in orders.get(f, ())), None)
    if to is not None and flow is None:
        every = [stage for f in last for stage in orders.get(f, ())]
        known = [s if every.count(s) == 1 else f"{f}.{s}" for f in last for s in orders.get(f, ())]
        raise Refused([BAD_GATE.broken(f"It cannot go to '{to}'.", hint=did_you_mean(to, known))])
    stay = last[flow] if flow else max(last.values(), key=lambda s: (s["flow"] != "lifecycle", s["sequence"]))
    order = orders.get(stay["flow"], ())
    own = [g for g in gates(model) if g.subject is subject and g.flow == stay["flow"]]
    wanted = (stay["stage"],) if to is None else _between(order, stay["stage"], to)
    return stay, tuple(g for g in own if g.stage in wanted and (g.stage != to or not g.forward))


def _apart(model: Model, subject: Subject, to: str | None, flow: str | None) -> tuple[str | None, str | None]:
    """A stage to go to without its flow, and the flow, where the stage has it before its name: sales.closed_won."""
    before, _, stage = (to or "").partition(".")
    return (stage, before) if stage and flow in {None, before} and before in _orders(model, subject) else (to, flow)


def _orders(model: Model, subject: Subject) -> dict[str, tuple[str, ...]]:
    """The stages of every flow that a subject goes through, in order."""
    lines = model.lifecycle.pipelines.values() if subject is Subject.OPPORTUNITY else ()
    found = {line.name: tuple(line.stages) for line in lines}
    return found | {"lifecycle": tuple(s.name for s in model.stages if s.subject is subject)}


def _between(order: Sequence[str], here: str, to: str) -> tuple[str, ...]:
    """The stages from `here` to `to`, both included; none when that is no way forward.

    A lost stage is reached from anywhere: nothing but itself is asked then.
    """
    if here not in order or order.index(to) <= order.index(here):
        return ()
    return tuple(order[order.index(here) : order.index(to) + 1])


def _asks(  # noqa: PLR0913, PLR0917 - one gate and everything it is told from
    model: Model,
    there: Opened,
    one: Gate,
    row: Mapping[str, Any],
    source: Any,
    given: Sequence[Mapping[str, Any]],
    record: _Record,
) -> Asks:
    required = tuple(column for column, _ in one.required)
    parts = _conditions(one.exit_when.text, one.subject) if one.exit_when else ()
    values = there.reader.rows(values_ahead(model, [one], source, parts, required)).to_pylist()[0]
    missing = tuple((row["missing"] or "").split(", ")) if row["missing"] else ()
    lacks = (*missing, *((EXIT,) if row["is_exit_met"] is False else ()))
    waivers = tuple(_waiver(w, there) for w in given if w["stage"] in one.names)
    waived = {w.what for w in waivers if w.counts}
    return Asks(
        flow=one.flow,
        stage=one.stage,
        called=one.called,
        label=label_of(model, one),
        needs=tuple(_need(model, there, one, values, missing, record, c) for c in one.required),
        criteria=tuple(_criterion(model, one.subject, p, values, n, record.said) for n, p in enumerate(parts)),
        missing=missing,
        is_exit_met=row["is_exit_met"],
        blocks=() if row["is_waived"] else tuple(x for x in lacks if not waived & {x, ""}),
        is_waived=row["is_waived"],
        may_pass=row["is_waived"] or not lacks,
        waivers=waivers,
        may_waive=deciders(model, one),
    )


def gates_of(model: Model, flow: str | None) -> tuple[Gate, ...]:
    """The gates of one flow, or of all. Raises Refused for a flow that there is not."""
    flows = ("lifecycle", *model.lifecycle.pipelines)
    if flow is not None and flow not in flows:
        raise Refused([UNKNOWN_FLOW.broken(f"unknown flow '{flow}'.", hint=did_you_mean(flow, flows))])
    return tuple(one for one in gates(model) if flow in (None, one.flow))


def label_of(model: Model, one: Gate) -> str:
    """The name of a gate's stage on pages."""
    return _title(model, one.flow, one.stage)


def _title(model: Model, flow: str, name: str) -> str:
    line = model.lifecycle.pipelines.get(flow)
    if line is not None and name in line.stages:
        return line.stages[name].label or in_words(name)
    stage = model.stage(name)
    return stage.title if stage else in_words(name)


def _conditions(condition: str, subject: Subject) -> tuple[Predicate, ...]:
    known = columns_of(TABLES[subject.facts])
    return tuple(p for part in conjuncts(condition) if (p := parse(part, known)[0]) is not None)


def _need(  # noqa: PLR0913, PLR0917
    model: Model,
    there: Opened,
    one: Gate,
    values: Mapping[str, Any],
    missing: Sequence[str],
    record: _Record,
    required: tuple[str, int],
) -> Need:
    column, demanded = required
    value = values[column]
    filled = value is not None and str(value).strip() != ""
    grade = values[f"evidence_{column}"] if filled else 0
    return Need(
        column=column,
        label=in_words(column.removesuffix("_id")),
        value=value,
        shown=_name_of(there, one.subject, column, value) if filled else "",
        grade=grade,
        demanded=demanded,
        is_met=column not in missing,
        is_today=values[f"today_{column}"],
        proof=_proof(record.proofs, grade, demanded),
        written_at=record.written.get(column) if filled else None,
        comes_from=whence(model, record.said, one.subject.facts, column),
    )


def _proof(proofs: Mapping[int, Proof], grade: int, demanded: int) -> Proof | None:
    """The entry that gives a value its grade; of one that was written after every entry, the one it came after."""
    return None if grade == 0 else proofs.get(grade) or proofs.get(demanded) or proofs.get(2)


def _name_of(there: Opened, subject: Subject, column: str, value: object) -> str:
    """The name of the record that a reference means; empty for what is no reference."""
    known = TABLES[subject.facts].column(column)
    if known is None or not known.refers or TABLES[known.refers].column("name") is None:
        return ""
    sql = f"SELECT o.name FROM record.{known.refers} AS o WHERE o.id = ?"
    rows = there.reader.rows(Query("a name", sql, (str(value),))).to_pylist()
    return (rows[0]["name"] or "") if rows else ""


def _criterion(  # noqa: PLR0913, PLR0917
    model: Model, subject: Subject, part: Predicate, values: Mapping[str, Any], n: int, said: Mapping[str, Any]
) -> Criterion:
    return Criterion(
        text=part.text,
        holds=values[f"holds_{n}"],
        values=tuple((c, values[c]) for c in part.columns),
        comes_from=tuple(whence(model, said, subject.facts, c) for c in part.columns),
    )


def _waiver(row: Mapping[str, Any], there: Opened) -> Waiver:
    """A waiver holds for a day when it does at that day's end."""
    day, local = there.as_of, zone(there.timezone)
    has_run_out = row["expires_on"] is not None and row["expires_on"] < day
    given_on, over = (at and at.astimezone(local).date() for at in (row["at"], row["withdrawn_at"]))
    return Waiver(
        row["id"],
        row["stage"],
        row["what"] or "",
        row["waiver_reason"],
        row["waived_by"] or "",
        row["given_at"],
        row["last_day"],
        row["taken_back_at"],
        row["withdrawn_by"] or "",
        given_on <= day and not has_run_out and (over is None or over > day),
        has_run_out,
    )


def _entry(  # noqa: PLR0913, PLR0917
    model: Model, there: Opened, to: str, path: Sequence[Gate], source: Any, said: Mapping[str, Any]
) -> tuple[Criterion, ...]:
    """The entry criteria of the stage to go to, but for what the move itself brings."""
    subject, flow = path[0].subject, path[0].flow
    line = model.lifecycle.pipelines.get(flow)
    stage = line.stages.get(to) if line else model.stage(to)
    if stage is None or not stage.enter_when:
        return ()
    brought = BROUGHT | {getattr(stage, "enters", None)}
    parts = [p for p in _conditions(stage.enter_when, subject) if not brought & set(p.columns)]
    if not parts:
        return ()
    values = there.reader.rows(values_ahead(model, path[:1], source, parts, ())).to_pylist()[0]
    return tuple(_criterion(model, subject, p, values, n, said) for n, p in enumerate(parts))


def stages_ahead(model: Model, found: AtGate) -> tuple[tuple[str, str], ...]:
    """The stages that a record may want to go to, by name and label; lost ones are reached from anywhere."""
    order = _orders(model, Subject(found.subject)).get(found.flow, ())
    after = order[order.index(found.stage) + 1 :] if found.stage in order else order
    return tuple((name, _title(model, found.flow, name)) for name in after)
