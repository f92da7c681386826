"""A word of the dictionary worded for its page: its formula, its examples, what changed, who disputes it."""

from collections.abc import Mapping
from typing import NamedTuple

from fairlead.actions.dictionary import TermPage
from fairlead.actions.disputing import Contested
from fairlead.actions.examples import Tried
from fairlead.actions.explaining import Origin
from fairlead.actions.standing import baseline_words, limits_words, targets_by
from fairlead.actions.versions import Version
from fairlead.analysis.metric import unit_of
from fairlead.desk import behind
from fairlead.desk.formula import formula, reading
from fairlead.desk.linking import Piece, address, in_words, metric, metrics
from fairlead.model.tables import TABLES
from fairlead.model.whole import Model
from fairlead.picture.wording import Manner, day_words, moment_words, worded
from fairlead.workspace import Workspace

UNDEFINED = "undefined"


class Example(NamedTuple):
    """A worked example: what is given, what it should give and what it gives, each in its unit."""

    given: tuple[tuple[str, str], ...]
    gives: str
    found: str
    holds: bool
    fault: str
    where: str


class Definition(NamedTuple):
    """One version of the definition. `since` and `until` are moments; the last one has no `until`."""

    since: str
    until: str
    definition: str
    changes: tuple[str, ...]
    is_current: bool
    is_built: bool


class Quarrel(NamedTuple):
    """A dispute: who says what, with which example, and how it stands."""

    says: str
    raised: str
    given: tuple[tuple[str, str], ...]
    gives: str
    found: str
    holds: bool | None
    is_open: bool
    settled: str
    settled_how: str
    where: str


class Edges(NamedTuple):
    """A number's place in the tree."""

    part_of: tuple[Piece, ...] = ()
    drives: tuple[Piece, ...] = ()
    driven_by: tuple[Piece, ...] = ()


class WordedTerm(NamedTuple):
    """A word, worded. `about` is where the model tells of it besides; `number` the page of its values."""

    formula: tuple[Piece, ...]
    edges: Edges
    target: str
    targets: tuple[tuple[str, str, str], ...]
    baseline: str
    examples: tuple[Example, ...]
    versions: tuple[Definition, ...]
    disputes: tuple[Quarrel, ...]
    lineage: tuple[Origin, ...]
    looked_at: tuple[Piece, ...]
    number: str
    about: str
    rule_of: str


def told(workspace: Workspace, page: TermPage) -> WordedTerm:
    """Everything about a word, worded."""
    model, manner, found = workspace.model, workspace.manner, page.explanation
    return WordedTerm(
        formula=_formula(model, page),
        edges=Edges(*(metrics(model, names) for names in (found.part_of, found.drives, found.driven_by)))
        if found
        else Edges(),
        target=limits_words(page.metric.target, page.metric.unit, manner) if page.metric else "",
        targets=tuple((in_words(of), value, limits) for of, value, limits in targets_by(page.metric, manner)),
        baseline=baseline_words(page.metric, manner),
        examples=tuple(_example(model, one, manner) for one in page.examples),
        versions=tuple(_version(one, manner) for one in reversed(page.versions)),
        disputes=tuple(_quarrel(model, one, manner) for one in page.disputes),
        lineage=found.lineage if found else (),
        looked_at=tuple(
            Piece(
                look.label,
                address(f"{look.kind}:{look.name}"),
                f"{look.cadence}{f', {in_words(look.day)}' if look.day else ''}",
            )
            for look in page.looked_at
        ),
        number=behind.metric(page.term.name) if found else "",
        about=_about(page),
        rule_of=_facts_of(model, page),
    )


def _formula(model: Model, page: TermPage) -> tuple[Piece, ...]:
    if page.metric:
        return formula(model, page.metric)
    return reading(page.measure) if page.measure else ()


def _example(model: Model, one: Tried, manner: Manner) -> Example:
    unit = _unit(model, one.metric)
    return Example(
        given=_given(model, one.given, manner),
        gives=_value(one.gives, unit, manner),
        found=_value(one.found, unit, manner),
        holds=one.holds,
        fault=one.fault,
        where=str(one.where),
    )


def _given(model: Model, given: Mapping[str, float | None], manner: Manner) -> tuple[tuple[str, str], ...]:
    return tuple((metric(model, name).text, _value(value, _unit(model, name), manner)) for name, value in given.items())


def _value(value: float | None, unit: str, manner: Manner) -> str:
    return UNDEFINED if value is None else worded(value, unit, manner).full


def _unit(model: Model, name: str) -> str:
    if agreed := model.metric(name):
        return str(agreed.unit)
    measure = model.measure(name)
    return str(unit_of(measure)) if measure and measure.from_ in TABLES else "count"


def _version(one: Version, manner: Manner) -> Definition:
    return Definition(
        since=moment_words(one.since, manner),
        until=moment_words(one.until, manner) if one.until else "",
        definition=one.metric.definition,
        changes=one.changes,
        is_current=one.is_current,
        is_built=one.is_built,
    )


def _quarrel(model: Model, one: Contested, manner: Manner) -> Quarrel:
    said = one.dispute
    unit = _unit(model, said.term)
    raised = (said.raised_by, day_words(said.raised_on, manner) if said.raised_on else "", said.raised_in)
    settled = (said.settled_by, day_words(said.settled_on, manner) if said.settled_on else "", said.decision or "")
    return Quarrel(
        says=said.says,
        raised=" · ".join(filter(None, raised)),
        given=_given(model, said.given, manner),
        gives=_value(said.gives, unit, manner) if said.given else "",
        found=_value(one.found, unit, manner) if one.holds is not None else "",
        holds=one.holds,
        is_open=said.is_open,
        settled=said.settled,
        settled_how=" · ".join(filter(None, settled)),
        where=str(one.where),
    )


def _about(page: TermPage) -> str:
    """Where the model's pages tell of a word."""
    name = page.term.name
    match page.term.kind:
        case "stage":
            return address("subject:lifecycle") + f"#stages-{name}"
        case "deal_stage":
            return address("subject:lifecycle")
        case "definition":
            return address("subject:data") + f"#definitions-{name}"
        case "value":
            return address("subject:data") + f"#picklists-{name.partition('.')[0]}"
        case "measure":
            return address("subject:metrics") + f"#measures-{name}"
    return address("subject:metrics") + f"#metrics-{name}"


def _facts_of(model: Model, page: TermPage) -> str:
    """The table whose columns the rule of a word names."""
    if page.term.kind == "definition":
        return model.data.definitions[page.term.name].table or ""
    stage = model.lifecycle.stages.get(page.term.name) if page.term.kind == "stage" else None
    return stage.subject.facts if stage else ""
