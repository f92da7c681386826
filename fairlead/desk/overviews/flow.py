"""Overviews of what people do together: roles, stages, handoffs, hours, routes, categories, rights, phases."""

from collections.abc import Iterator

from fairlead.desk.linking import Piece, address, anchor, in_words, metric, role
from fairlead.desk.overviews.cells import Cell, Overview, Row, coded, entry, figure, linked, said
from fairlead.model.agreed import Function
from fairlead.model.calendars import Block, Calendar, Weekday
from fairlead.model.handoffs import Handoff
from fairlead.model.lifecycle import DealStage, Outcome, Stage
from fairlead.model.whole import Model

# people


def of_people(model: Model) -> Iterator[Overview]:
    processes = model.people.processes.values()
    letters = {"accountable": "A", "responsible": "R", "consulted": "C", "informed": "I"}
    rows = []
    for name, found in model.people.roles.items():
        cells = []
        for process in processes:
            held = [(letter, word) for word, letter in letters.items() if name in getattr(process, word)]
            cells.append(Cell(tuple(Piece(letter, "", word) for letter, word in held), tone="letter"))
        if any(cell.pieces for cell in cells):
            rows.append(Row((entry("roles", name, found.title, ", ".join(found.holders)), *cells)))
    yield Overview(
        "raci",
        "Who does what in the core processes",
        "A is accountable (one role), R does the work, C is asked before, I is told after.",
        ("Role", *(process.label or in_words(process.name) for process in processes)),
        tuple(rows),
        kind="matrix",
    )


# lifecycle


def of_lifecycle(model: Model) -> Iterator[Overview]:
    yield Overview(
        "in-order",
        "The stages in order",
        "Each with the role that answers for whoever is in it. Names of the other presets stay valid.",
        ("#", "Stage", "Owner", "Comes in when", "Leaves when", "Must be filled", "Then", "Other names"),
        tuple(_stage(model, place, stage) for place, stage in enumerate(model.stages, 1)),
        kind="steps",
        instead="stages",
    )
    for name, line in model.lifecycle.pipelines.items():
        yield Overview(
            anchor("pipelines", name),
            f"Pipeline: {line.label or in_words(name)}",
            f"For deals of kind {', '.join(line.kinds)}." if line.kinds else "For every deal.",
            ("#", "Stage", "Owner", "Leaves when", "Must be filled", "Forecast", "Within days"),
            tuple(_deal_stage(model, place, stage) for place, stage in enumerate(line.stages.values(), 1)),
            kind="steps",
            instead="pipelines",
        )
    functions = [f for f in Function if any(f in row.activities for row in model.lifecycle.funnel.values())]
    yield Overview(
        "who-does-what",
        "Who does what from awareness to expansion",
        "",
        ("Step", *(in_words(f) for f in functions)),
        tuple(
            Row(
                (said(row.label or in_words(name)), *(said(*row.activities.get(f, ())) for f in functions)),
                anchor("funnel", name),
            )
            for name, row in model.lifecycle.funnel.items()
        ),
        instead="funnel",
    )


def _stage(model: Model, place: int, stage: Stage) -> Row:
    after = (Piece(f.title, address(f"stage:{n}")) for n in model.after(stage) if (f := model.stage(n)))
    return Row(
        (
            figure(str(place), address(f"stage:{stage.name}")),
            Cell((Piece(stage.title, address(f"stage:{stage.name}")),), note=stage.says),
            linked(role(model, stage.owner)),
            coded(stage.enter_when or (f"{stage.enters} is known" if stage.enters else "")),
            coded(stage.exit_when),
            coded(*stage.required),
            linked(after),
            said(*(in_words(name) for name in stage.stands_for)),
        ),
        anchor("stages", stage.name),
    )


def _deal_stage(model: Model, place: int, stage: DealStage) -> Row:
    known = {Outcome.WON: ("won", "good"), Outcome.LOST: ("lost", "bad")}
    end, tone = known.get(stage.outcome, ("qualified" if stage.qualified else "", ""))
    category = (Piece(in_words(stage.category), address(f"category:{stage.category}")),) if stage.category else ()
    taken = stage.name in (*model.numbers, *model.lifecycle.stages, *model.data.definitions)
    word = f"deal_stage:{stage.name}" if taken else stage.name  # as the dictionary calls it
    title = Piece(stage.label or in_words(stage.name), address(f"term:{word}"), stage.says)
    return Row(
        (
            figure(str(place), address(f"term:{word}")),
            Cell((title, *((Piece(end, tone="tag"),) if end else ())), tone, note=stage.says),
            linked(role(model, stage.owner)),
            coded(stage.exit_when or stage.enter_when),
            coded(*stage.required),
            linked(category),
            figure(f"{stage.within_days:g}" if stage.within_days else None, address(f"term:{word}")),
        )
    )


# handoffs


def of_handoffs(model: Model) -> Iterator[Overview]:
    yield Overview(
        "handoffs-at-a-glance",
        "Every handoff",
        "What the receiver needs and nobody provides leaks.",
        ("Handoff", "From", "To", "Within", "Needs", "Missing", "Measured by"),
        tuple(_handoff(model, handoff) for handoff in model.handoffs.handoffs.values()),
    )


def _handoff(model: Model, handoff: Handoff) -> Row:
    gap, at = handoff.unmet, f"#{anchor('handoffs', handoff.name)}"
    within = (
        f"{limit.within}{f' ({in_words(name)})' if len(handoff.limits) > 1 else ''}"
        for name, limit in handoff.limits.items()
    )
    return Row(
        (
            entry("handoffs", handoff.name, handoff.label, handoff.action),
            linked(role(model, handoff.giver) or (Piece(in_words(handoff.from_)),)),
            linked(role(model, handoff.taker) or (Piece(in_words(handoff.to)),)),
            Cell(tuple(Piece(limit, at, tone="figure") for limit in within)),
            figure(f"{len(handoff.needs)} thing{'' if len(handoff.needs) == 1 else 's'}", at),
            Cell(tuple(Piece(in_words(n)) for n in gap), "bad") if gap else Cell((Piece("nothing"),), "good"),
            linked((metric(model, handoff.metric),) if handoff.metric else ()),
        )
    )


# calendars, routing, forecast


def of_calendars(model: Model) -> Iterator[Overview]:
    yield Overview(
        "hours",
        "Working hours",
        "Clocks count only these hours.",
        ("Calendar", *(in_words(day) for day in Weekday), "Days off"),
        tuple(
            Row(
                (
                    entry("calendars", name, calendar.label),
                    *(said(*map(_hours, calendar.hours.get(day, ()))) for day in Weekday),
                    figure(_days_off(calendar), f"#{anchor('calendars', name)}"),
                )
            )
            for name, calendar in model.calendars.calendars.items()
        ),
    )


def _days_off(calendar: Calendar) -> str:
    return " + ".join((*calendar.holidays_of, str(len(calendar.holidays))))


def _hours(block: Block) -> str:
    return "-".join(block.words)
