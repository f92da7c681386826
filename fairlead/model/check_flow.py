"""Checks of how revenue flows: stages, pipelines, handoffs, calendars, routing, forecast."""

from collections.abc import Iterator, Mapping
from datetime import date

from fairlead.model import laws_of_flow as laws
from fairlead.model.agreed import Subject
from fairlead.model.calendars import Block, Calendar
from fairlead.model.lifecycle import DealStage, Outcome, Pipeline, Stage
from fairlead.model.predicate import columns_of, parse
from fairlead.model.regions import has_holidays, regions_with_holidays
from fairlead.model.routing import Pool
from fairlead.model.tables import TABLES
from fairlead.model.whole import Model
from fairlead.problem import Law, Problem, did_you_mean
from fairlead.zones import zone_names

LIFECYCLE = "lifecycle"  # the name of its flow
DEAL = Subject.OPPORTUNITY  # who is in a pipeline


def stages(model: Model) -> list[Problem]:
    """A stage without owner, entry or exit."""
    found: list[Problem] = []
    for stage in model.stages:
        where = model.where("lifecycle", "stages", stage.name)
        if not stage.owner:
            found.append(laws.STAGE_WITHOUT_OWNER.broken(f"stage {stage.name} has no owner", where))
        if not (stage.enters or stage.enter_when):
            found.append(laws.STAGE_WITHOUT_ENTRY.broken(f"stage {stage.name} has no entry", where))
        if not stage.exit_when:
            found.append(laws.STAGE_WITHOUT_EXIT.broken(f"stage {stage.name} has no exit", where))
    return found


def stage_criteria(model: Model) -> list[Problem]:
    """An entry or exit criterion that names no column. `true` says on purpose that everybody is meant."""
    lines = model.lifecycle.pipelines.values()
    every: list[tuple[tuple[str, ...], Stage | DealStage, Subject]] = [
        *((("lifecycle", "stages", s.name), s, s.subject) for s in model.stages),
        *((("lifecycle", "pipelines", p.name, "stages", s.name), s, DEAL) for p in lines for s in p.stages.values()),
    ]
    return [
        laws.STAGE_WITHOUT_COLUMN.broken(
            f"stage {stage.name}: `{key}: {said}` looks at no column", model.where(*place, key)
        )
        for place, stage, subject in every
        for key, said in (("enter_when", stage.enter_when), ("exit_when", stage.exit_when))
        if said and said.strip().lower() != "true" and _looks_at_nothing(said, subject)
    ]


def _looks_at_nothing(said: str, subject: Subject) -> bool:
    predicate, _ = parse(said, columns_of(TABLES[subject.facts]))
    return predicate is not None and not predicate.columns


def unreachable_stages(model: Model) -> list[Problem]:
    """A stage that no path of `next` reaches from the first one."""
    if not model.stages:
        return []
    reached: set[str] = set()
    waiting = [model.stages[0].name]
    while waiting:
        stage = model.stage(waiting.pop())
        if stage and stage.name not in reached:
            reached.add(stage.name)
            waiting += model.after(stage)
    return [
        laws.STAGE_UNREACHABLE.broken(f"nothing leads to stage {s.name}", model.where("lifecycle", "stages", s.name))
        for s in model.stages
        if s.name not in reached
    ]


def misplaced_stages(model: Model) -> list[Problem]:
    """A stage that leads only back, and to which one leads past others: it is no later than those between."""
    order = [stage.name for stage in model.stages]
    return [
        laws.STAGE_OUT_OF_PLACE.broken(
            f"stage {stage.name} is written after {order[place - 1]}, and {came[0]} leads to it past that",
            model.where("lifecycle", "stages", stage.name),
        )
        for place, stage in enumerate(model.stages)
        if stage.next
        and all(name in order[:place] for name in stage.next)
        and (came := [one.name for one in model.stages[: max(place - 1, 0)] if stage.name in one.next])
    ]


def pipelines(model: Model) -> list[Problem]:
    """A deal stage without owner, entry (when closed) or exit (when open); a pipeline without an end or misnamed."""
    return [p for pipeline in model.lifecycle.pipelines.values() for p in _pipeline(model, pipeline)]


def _pipeline(model: Model, pipeline: Pipeline) -> Iterator[Problem]:
    here = ("lifecycle", "pipelines", pipeline.name)
    if pipeline.name == LIFECYCLE:
        yield laws.PIPELINE_NAMED_LIFECYCLE.broken(f"a pipeline is named {LIFECYCLE}", model.where(*here))
    for stage in pipeline.stages.values():
        where, said = model.where(*here, "stages", stage.name), f"stage {pipeline.name}.{stage.name}"
        if not stage.owner:
            yield laws.STAGE_WITHOUT_OWNER.broken(f"{said} has no owner", where)
        if stage.outcome is Outcome.OPEN and not stage.exit_when:
            yield laws.STAGE_WITHOUT_EXIT.broken(f"{said} has no exit", where)
        if stage.outcome is not Outcome.OPEN and not stage.enter_when:
            yield laws.STAGE_WITHOUT_ENTRY.broken(f"{said} has no entry", where, "Add `enter_when:`.")
    outcomes = {stage.outcome for stage in pipeline.stages.values()}
    for missing in {Outcome.WON, Outcome.LOST} - outcomes:
        yield laws.PIPELINE_WITHOUT_END.broken(f"pipeline {pipeline.name} has no {missing} stage", model.where(*here))


def unmapped_stages(model: Model) -> list[Problem]:
    """An open stage that another pipeline for the same kind of deals neither has nor says what stands for it."""
    pipelines = tuple(model.lifecycle.pipelines.values())
    return [
        laws.STAGE_NOT_MAPPED.broken(
            f"nothing in pipeline {other.name} stands for stage {pipeline.name}.{stage.name}",
            model.where("lifecycle", "pipelines", pipeline.name, "stages", stage.name),
        )
        for pipeline in pipelines
        for other in pipelines
        if other is not pipeline and _share_kinds(pipeline, other)
        for stage in pipeline.stages.values()
        if stage.outcome is Outcome.OPEN and not _has_counterpart(stage.name, other)
    ]


def _share_kinds(one: Pipeline, other: Pipeline) -> bool:
    return not (one.kinds and other.kinds) or bool(set(one.kinds) & set(other.kinds))


def _has_counterpart(name: str, pipeline: Pipeline) -> bool:
    return any(name == stage.name or name in stage.stands_for for stage in pipeline.stages.values())


def handoffs(model: Model) -> list[Problem]:
    """A handoff without trigger, action, time, quality standard or escalation."""
    wanted: tuple[tuple[str, Law], ...] = (
        ("trigger", laws.HANDOFF_WITHOUT_TRIGGER),
        ("action", laws.HANDOFF_WITHOUT_ACTION),
        ("limits", laws.HANDOFF_WITHOUT_TIME),
        ("quality", laws.HANDOFF_WITHOUT_QUALITY),
        ("escalation", laws.HANDOFF_WITHOUT_ESCALATION),
    )
    return [
        law.broken(f"handoff {name} has no {key}", model.where("handoffs", "handoffs", name))
        for name, handoff in model.handoffs.handoffs.items()
        for key, law in wanted
        if not getattr(handoff, key)
    ]


def unprovided_needs(model: Model) -> list[Problem]:
    """What the receiver needs and the giver does not provide."""
    return [
        laws.NEED_NOT_PROVIDED.broken(
            f"handoff {name}: {handoff.to} needs '{need}' and nobody provides it",
            model.where("handoffs", "handoffs", name, "needs"),
        )
        for name, handoff in model.handoffs.handoffs.items()
        for need in handoff.unmet
    ]


def unreachable_rules(model: Model) -> list[Problem]:
    """A routing rule or time limit that stands behind one that always holds."""
    books: list[tuple[tuple[str, ...], Mapping[str, str | None]]] = [
        (("routing", "rules"), {name: rule.when for name, rule in model.routing.rules.items()})
    ]
    for section, timed in (("handoffs", model.handoffs.handoffs), ("slas", model.handoffs.slas)):
        for name, policy in timed.items():
            limits = {limit: one.when for limit, one in policy.limits.items()}
            books.append((("handoffs", section, name, "limits"), limits))
    found: list[Problem] = []
    for place, rules in books:
        always = ""
        for name, when in rules.items():
            if always:
                message = f"{'.'.join(place[1:])}.{name} stands behind '{always}', which always holds"
                found.append(laws.RULE_UNREACHABLE.broken(message, model.where(*place, name)))
            elif when is None or when.strip().lower() == "true":
                always = name
    return found


def routing(model: Model) -> list[Problem]:
    """Rules without a fallback, and pools in which nobody takes part."""
    found: list[Problem] = []
    if model.routing.rules and not model.routing.fallback:
        found.append(laws.ROUTING_WITHOUT_FALLBACK.broken("no fallback", model.where("routing", "rules")))
    for name, pool in model.routing.pools.items():
        if not _takes_part(pool):
            message = f"nobody takes part in pool {name}"
            found.append(laws.POOL_WITHOUT_PEOPLE.broken(message, model.where("routing", "pools", name)))
    return found


def _takes_part(pool: Pool) -> bool:
    weighted = not pool.weights or any(weight > 0 for weight in pool.weights.values())
    return bool(pool.team or pool.members or pool.weights) and weighted


def calendars(model: Model) -> list[Problem]:
    """A calendar that never opens, counts time twice, or names a timezone or a region nobody knows."""
    return [p for calendar in model.calendars.calendars.values() for p in _calendar(model, calendar)]


def _calendar(model: Model, calendar: Calendar) -> Iterator[Problem]:
    here = ("calendars", "calendars", calendar.name)
    if not any(calendar.hours.values()):
        yield laws.CALENDAR_WITHOUT_HOURS.broken(f"calendar {calendar.name} has no hours", model.where(*here))
    for day, blocks in calendar.hours.items():
        if not _in_order(blocks):
            yield laws.CALENDAR_OVERLAP.broken(f"{calendar.name}: {day}", model.where(*here, "hours", day))
    said: set[date] = set()
    for index, holiday in enumerate(calendar.holidays):
        where = model.where(*here, "holidays", str(index))
        if not _in_order(holiday.hours):
            yield laws.CALENDAR_OVERLAP.broken(f"{calendar.name}: {holiday.on}", where)
        if holiday.on in said:
            yield laws.HOLIDAY_TWICE.broken(f"calendar {calendar.name}: {holiday.on} is there twice", where)
        said.add(holiday.on)
    if calendar.timezone and calendar.timezone not in zone_names():
        message = f"calendar {calendar.name}: unknown timezone '{calendar.timezone}'"
        hint = did_you_mean(calendar.timezone, zone_names())
        yield laws.UNKNOWN_TIMEZONE.broken(message, model.where(*here, "timezone"), hint)
    for region in calendar.holidays_of:
        if not has_holidays(region):
            message = f"calendar {calendar.name}: unknown country or region '{region}'"
            yield laws.UNKNOWN_REGION.broken(message, model.where(*here, "holidays_of"), _region_meant(region))


def _region_meant(said: str) -> str:
    """What to write for a region nobody knows: of a country that is known, one of its own and of no other."""
    name, known = said.upper().replace("_", "-"), regions_with_holidays()
    country = name.partition("-")[0]
    own = [one for one in known if one.startswith(f"{country}-")]
    if name in known or country not in known:
        return did_you_mean(name, known)
    return f"Of {country} there are {', '.join(own)}." if own else f"Write '{country}': its regions are not told apart."


def _in_order(blocks: tuple[Block, ...]) -> bool:
    marks = [mark for block in blocks for mark in block]
    starts_before = all(block.start < block.end for block in blocks)
    return starts_before and marks == sorted(marks)


def forecast(model: Model) -> list[Problem]:
    """A category without a rule; a forecast, price or commitment nobody answers for."""
    found: list[Problem] = []
    for name, category in model.forecast.categories.items():
        if not (category.when and category.says):
            where = model.where("forecast", "categories", name)
            found.append(laws.CATEGORY_WITHOUT_RULE.broken(f"category {name} has no rule", where))
    answered = model.charter.accountability
    for duty in ("forecasts", "pricing", "customer_commitments"):
        if answered and not (duty in answered and answered[duty].decides):
            where = model.where("charter", "accountability")
            found.append(laws.ACCOUNTABILITY_MISSING.broken(f"nobody answers for {duty}", where))
    return found
