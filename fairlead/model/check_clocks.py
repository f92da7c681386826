"""Checks of what runs against time: SLAs, and the clocks of handoffs."""

from collections.abc import Iterator
from datetime import timedelta
from itertools import pairwise

from fairlead.model import laws_of_clocks as laws
from fairlead.model.agreed import Span, Subject
from fairlead.model.laws import UNKNOWN_NAME
from fairlead.model.laws_of_order import PICKLIST_DRIFT
from fairlead.model.mentions import Condition, conditions
from fairlead.model.predicate import columns_of, parse
from fairlead.model.tables import TABLES
from fairlead.model.timed import Timed, Warn
from fairlead.model.whole import Model
from fairlead.problem import Problem, did_you_mean

# A working day is taken to be at most so long: a warning beyond it is beyond any limit of so many days.
LONGEST_DAY = timedelta(hours=24)
CREATED = "created_at"
# The kinds that the record knows by itself; signals may have others, which a picklist for signal.kind declares.
ACTIVITIES = ("call", "email", "meeting", "task", "note")
SIGNALS = ("nps", "csat", "ticket", "kickoff", "onboarding")


def slas(model: Model) -> list[Problem]:
    """An SLA without a start, a stop or a limit, or with the name of a handoff."""
    return [problem for sla in model.handoffs.slas.values() for problem in _sla(model, sla)]


def _sla(model: Model, sla: Timed) -> Iterator[Problem]:
    where, said = model.where("handoffs", "slas", sla.name), f"SLA {sla.name}"
    if not (sla.starts or sla.stage):
        yield laws.SLA_WITHOUT_START.broken(f"{said} starts at no time", where)
    if not (sla.stops or sla.response or sla.stage):
        yield laws.SLA_WITHOUT_STOP.broken(f"nothing stops the clock of {said}", where)
    if not sla.limits:
        yield laws.SLA_WITHOUT_TIME.broken(f"{said} has no limits", where)
    if sla.name in model.handoffs.handoffs:
        yield laws.POLICY_TWICE.broken(f"{sla.name} is a handoff and an SLA", where)


def _timed(model: Model) -> Iterator[tuple[tuple[str, ...], Timed]]:
    for section, book in (("handoffs", model.handoffs.handoffs), ("slas", model.handoffs.slas)):
        for name, policy in book.items():
            yield ("handoffs", section, name), policy


def calendars(model: Model) -> list[Problem]:
    """Working time that no calendar counts: neither the limit's, nor the policy's, nor a default."""
    return [
        laws.CLOCK_WITHOUT_CALENDAR.broken(
            f"{'.'.join((policy.name, *at))}: no calendar says when '{span}' are over", model.where(*place, *at)
        )
        for place, policy in _timed(model)
        for at, span, calendar in _spans(policy)
        if span.elapsed is None and not (calendar or policy.calendar or model.calendars.default)
    ]


def _spans(policy: Timed) -> Iterator[tuple[tuple[str, ...], Span, str | None]]:
    """The times that a policy states, where, and the calendar of the limit they belong to; the ladder's of each."""
    for limit in policy.limits.values():
        yield ("limits", limit.name), limit.within, limit.calendar
    own = [limit.calendar for limit in policy.limits.values()]
    for index, step in enumerate(policy.escalation):
        yield ("escalation", str(index)), step.after, own[0] if own and all(own) else None


def stages(model: Model) -> list[Problem]:
    """A clock of a stage that nobody can be in, or only another subject."""
    return [problem for place, policy in _timed(model) if policy.stage for problem in _staged(model, place, policy)]


def _staged(model: Model, place: tuple[str, ...], policy: Timed) -> Iterator[Problem]:
    name, subject, where = policy.stage or "", policy.subject, model.where(*place, "stage")
    deals = {stage for pipeline in model.lifecycle.pipelines.values() for stage in pipeline.stages}
    own = {stage.name: stage.subject for stage in model.lifecycle.stages.values()}
    known = deals if subject is Subject.OPPORTUNITY else {stage for stage, of in own.items() if of is subject}
    if name in known or name in model.lost:
        return
    others = [Subject.OPPORTUNITY] if name in deals else [own[name]] if name in own else []
    if others:
        message = f"{'.'.join(place[1:])}.stage: '{name}' is of {others[0].value}, and this is about {subject.value}"
        yield laws.WRONG_SUBJECT.broken(message, where)
    else:
        message = f"{'.'.join(place[1:])}.stage: unknown stage '{name}'"
        yield UNKNOWN_NAME.broken(message, where, did_you_mean(name, known))


def warnings(model: Model) -> list[Problem]:
    """A warning that does not come between the start and the deadline of every limit."""
    return [
        laws.WARNING_BEYOND_LIMIT.broken(
            f"{policy.name}: a warning at '{warn}' lies beyond the limit of {limit.within} ({limit.name})",
            model.where(*place, "warn_at"),
        )
        for place, policy in _timed(model)
        for warn in policy.warn_at
        for limit in policy.limits.values()
        if _is_beyond(warn, limit.within)
    ]


def _is_beyond(warn: Warn, limit: Span) -> bool:
    if warn.share is not None:
        return warn.share >= 1
    return warn.before is not None and length(warn.before) >= length(limit)


def length(span: Span) -> timedelta:
    """How long a span is at most, whatever the calendar: a working day is no longer than a day."""
    unit = span.unit.removeprefix("working ").split(",")[0]
    return timedelta(**{f"{unit}s": span.amount})


def ends(model: Model) -> list[Problem]:
    """A clock that stops as soon as it starts: at the column that starts it, or when its subject was created."""
    return [
        laws.STOP_AT_START.broken(
            f"{policy.name}: '{name}' {'starts this clock too' if name == policy.starts else 'is before every start'}",
            model.where(*place, "stops"),
        )
        for place, policy in _timed(model)
        for name in policy.stops
        if name in (policy.starts, CREATED)
    ]


def triggers(model: Model) -> list[Problem]:
    """A condition of a handoff or an SLA that names no column. `true` says on purpose that everybody is meant."""
    return [
        laws.TRIGGER_WITHOUT_COLUMN.broken(
            f"{condition.place[2]}: `{'.'.join(condition.place[3:])}: {condition.text}` looks at no column",
            model.where(*condition.place),
        )
        for condition in conditions(model)
        if condition.place[0] == "handoffs" and _looks_at_nothing(condition)
    ]


def _looks_at_nothing(condition: Condition) -> bool:
    if condition.text.strip().lower() == "true":
        return False
    predicate, _ = parse(condition.text, columns_of(TABLES[condition.table]), wants="condition")
    return predicate is not None and not predicate.columns


def responses(model: Model) -> list[Problem]:
    """An answer of a kind that no activity, or no signal, is known to have."""
    kinds = (
        ("kinds", laws.RESPONSE_UNKNOWN, (*ACTIVITIES, *model.picklists.get("activity.kind", ()))),
        ("signals", laws.SIGNAL_UNKNOWN, model.picklists.get("signal.kind", SIGNALS)),
    )
    return [
        law.broken(
            f"{policy.name}.response.{key}: '{name}' is no kind of {noun}",
            model.where(*place, "response", key),
            did_you_mean(name, known),
        )
        for place, policy in _timed(model)
        if policy.response
        for (key, law, known), noun in zip(kinds, ("activities", "signals"), strict=True)
        for name in getattr(policy.response, key)
        if name not in known
    ]


def pauses(model: Model) -> list[Problem]:
    """A pause at no value, or at one that its column never has, and a budget of pauses that are none."""
    found: list[Problem] = []
    for place, policy in _timed(model):
        if policy.pause_budget and not policy.pauses:
            message = f"{policy.name}: pauses may add {policy.pause_budget}, and there are none"
            found.append(laws.BUDGET_WITHOUT_PAUSES.broken(message, model.where(*place, "pause_budget")))
        for pause in policy.pauses.values():
            allowed = model.picklists.get(f"{policy.subject.value}.{pause.column}")
            where = model.where(*place, "pauses", pause.name, "values")
            if not pause.values:
                message = f"{policy.name}.pauses.{pause.name}: no value of {pause.column} is named"
                found.append(laws.PAUSE_WITHOUT_VALUE.broken(message, where))
            found += [
                PICKLIST_DRIFT.broken(
                    f"{policy.name}.pauses.{pause.name}: '{value}' is no value of {pause.column}",
                    where,
                    did_you_mean(value, allowed),
                )
                for value in pause.values
                if allowed and value not in allowed
            ]
    return found


def ladders(model: Model) -> list[Problem]:
    """A step of a ladder that comes before the one above it. Only times of one sort can be compared."""
    return [
        laws.LADDER_OUT_OF_ORDER.broken(
            f"{policy.name}: {later.to} hears of it after {later.after}, and {step.to} only after {step.after}",
            model.where(*place, "escalation", str(index)),
        )
        for place, policy in _timed(model)
        for index, (step, later) in enumerate(pairwise(policy.escalation), 1)
        if _sort(step.after) == _sort(later.after) and length(later.after) < length(step.after)
    ]


def _sort(span: Span) -> str:
    """What sort of time a span is: a working day is so long as the calendar says, and longer than no working hour."""
    return "elapsed" if span.elapsed is not None else "working days" if "day" in span.unit else "working hours"
