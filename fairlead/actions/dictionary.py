"""The dictionary: every word of the company in one place, found by name, and one page a word.

metrics, measures, stages, definitions, deal stages, values ──> Term     term ──> TermPage: all there is to know
"""

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from datetime import datetime
from functools import lru_cache
from pathlib import Path
from typing import NamedTuple

from fairlead.actions.asking import needs_of, opened
from fairlead.actions.disputing import Contested, contested
from fairlead.actions.examples import Tried, all_tried, tried
from fairlead.actions.explaining import Explanation, explain
from fairlead.actions.laws import UNKNOWN_METRIC
from fairlead.actions.sources import Freshness, freshness
from fairlead.actions.versions import Version, versions
from fairlead.analysis.metric import unit_of
from fairlead.analysis.missing import missing
from fairlead.analysis.rhythm import Audience, audiences
from fairlead.model.decisions import Claim, Decision, Framework
from fairlead.model.metrics import Measure, Metric
from fairlead.model.tables import TABLES
from fairlead.model.whole import Model
from fairlead.problem import Refused, Where, did_you_mean
from fairlead.values import in_words, spoken
from fairlead.workspace import Workspace

__all__ = ["Audience", "Sought", "Term", "TermPage", "Tried", "sought", "tallied", "term", "terms", "tried"]

KINDS = ("metric", "measure", "stage", "definition", "deal_stage", "value")
FINE = ("measure", "value")  # many and small: told when asked for, or found by a search
WORD = re.compile(r"\w+")


class Term(NamedTuple):
    """A word of the company. `kind` is one of KINDS; `ref` is how it is called where two share a name: `kind:name`.

    `owner` is a role and `owner_name` that role in words with who holds it. `status_of_examples` is hold, broken or
    none for a metric and empty for other words.
    """

    name: str
    label: str
    kind: str
    id: str
    says: str
    unit: str
    owner: str
    owner_name: str
    tier: int | None
    group: str
    aliases: tuple[str, ...]
    needs: tuple[str, ...]
    frameworks: tuple[str, ...]
    decision: str
    status_of_examples: str
    ref: str


class TermPage(NamedTuple):
    """All there is to know about a word. `explanation` and what follows from it are empty for words that are no number.

    `rule` is the predicate behind the word, `looked_at` who looks at it how often, `pay` the roles (name and title)
    whose pay depends on it, `freshness` that of the data behind it.
    """

    term: Term
    where: Where
    metric: Metric | None
    measure: Measure | None
    explanation: Explanation | None
    rule: str
    owner_role: str
    owner_title: str
    owner_names: tuple[str, ...]
    looked_at: tuple[Audience, ...]
    pay: tuple[tuple[str, str], ...]
    frameworks: tuple[Framework, ...]
    decision: Decision | None
    claims: tuple[Claim, ...]
    versions: tuple[Version, ...]
    examples: tuple[Tried, ...]
    disputes: tuple[Contested, ...]
    freshness: Freshness | None


def terms(workspace: Workspace, *, search: str = "") -> tuple[Term, ...]:
    """Every word, in the model's order; with `search` those that fit, best first.

    A name, label, alias or number that is what was searched for comes first, then one that begins so, then a word
    in one, then text in a definition.
    """
    every = _terms(workspace.model, workspace.lake.current())
    wanted = " ".join(search.casefold().replace("_", " ").split())
    if not wanted:
        return every
    ranked = [(rank, n, term) for n, term in enumerate(every) if (rank := _rank(term, wanted)) is not None]
    return tuple(term for _, _, term in sorted(ranked, key=lambda found: found[:2]))


class Sought(NamedTuple):
    """What is looked for in the dictionary; empty means any, and `kind` all also what is many and small.

    `state` is that of a metric's examples, or waiting: for data.
    """

    q: str = ""
    kind: str = ""
    owner: str = ""
    group: str = ""
    tier: str = ""
    state: str = ""


def sought(workspace: Workspace, wanted: Sought) -> tuple[Term, ...]:
    """The words that are looked for; what is many and small only where it is asked for or searched."""
    return tuple(term for term in terms(workspace, search=wanted.q) if _fits(term, wanted))


def _fits(term: Term, wanted: Sought) -> bool:
    if not wanted.kind and not wanted.q and term.kind in FINE:
        return False
    named = wanted._replace(kind="" if wanted.kind == "all" else wanted.kind)
    return all(asked in ("", *_values_of(term, field)) for field, asked in named._asdict().items() if field != "q")


def tallied(found: Sequence[Term]) -> dict[str, Counter[str]]:
    """How many of these words have each value of the fields that `Sought` narrows by."""
    fields = [field for field in Sought._fields if field != "q"]
    return {field: Counter(value for term in found for value in _values_of(term, field)) for field in fields}


def _values_of(term: Term, field: str) -> tuple[str, ...]:
    """The values that a word has of one field of `Sought`."""
    if field == "state":
        return (term.status_of_examples, *(("waiting",) if term.needs else ()))
    value = getattr(term, field)
    return (str(value or ""),)


def _rank(term: Term, wanted: str) -> int | None:
    """How well a word fits: 0 exactly, 1 begins so, 2 has such a word, 3 has every word somewhere; None: not at all."""
    names = [n.casefold().replace("_", " ") for n in (term.name, term.label, term.id, *term.aliases) if n]
    if wanted in names:
        return 0
    if any(name.startswith(wanted) for name in names):
        return 1
    if any(f" {wanted}" in name for name in names):
        return 2
    text = " ".join([*names, term.says.casefold()])
    return 3 if all(word in text for word in WORD.findall(wanted) or [wanted]) else None


@lru_cache(maxsize=4)
def _terms(model: Model, build: Path | None) -> tuple[Term, ...]:
    """Every word of a model, with what its numbers lack in a build; both never change."""
    found = [*_numbers(model, build), *_stages(model), *_definitions(model), *_deal_stages(model), *_values(model)]
    taken: set[str] = set()
    named = []
    for one in found:
        named.append(one._replace(ref=f"{one.kind}:{one.name}" if one.name in taken else one.name))
        taken.add(one.name)
    return tuple(named)


def _word(  # noqa: PLR0913, PLR0917 - a word has this many parts
    model: Model, kind: str, name: str, label: str, says: str, owner: str | None = None
) -> Term:
    return Term(
        name=name,
        label=label or in_words(name),
        kind=kind,
        id="",
        says=says,
        unit="",
        owner=owner or "",
        owner_name=_owner_name(model, owner),
        tier=None,
        group="",
        aliases=(),
        needs=(),
        frameworks=(),
        decision="",
        status_of_examples="",
        ref=name,
    )


def _owner_name(model: Model, owner: str | None) -> str:
    role = model.role(owner)
    if role is None:
        return owner or ""
    return f"{role.title} ({', '.join(role.holders)})" if role.holders else role.title


def _numbers(model: Model, build: Path | None) -> Iterator[Term]:
    names = model.numbers
    lacking = missing(model.metrics, names, opened(build).supply) if build else {}
    results: dict[str, list[bool]] = {}
    for one in all_tried(model):
        results.setdefault(one.metric, []).append(one.holds)
    for metric in model.metrics.metrics.values():
        held = results.get(metric.name)
        yield _word(model, "metric", metric.name, metric.title, metric.definition, metric.owner)._replace(
            id=metric.id or "",
            unit=str(metric.unit),
            tier=metric.tier,
            group=str(metric.group or ""),
            aliases=metric.aliases,
            needs=needs_of(model, metric.name, lacking),
            frameworks=metric.frameworks,
            decision=metric.decision or "",
            status_of_examples="none" if held is None else "hold" if all(held) else "broken",
        )
    for name, measure in model.metrics.measures.items():
        yield _word(model, "measure", name, "", measure.says)._replace(
            unit=str(unit_of(measure)) if measure.from_ in TABLES else "", needs=needs_of(model, name, lacking)
        )


def _stages(model: Model) -> Iterator[Term]:
    for stage in model.stages:
        word = _word(model, "stage", stage.name, stage.title, stage.says, stage.owner)
        yield word._replace(aliases=stage.stands_for)


def _definitions(model: Model) -> Iterator[Term]:
    for one in model.data.definitions.values():
        yield _word(model, "definition", one.name, "", one.says, one.owner)


def _deal_stages(model: Model) -> Iterator[Term]:
    seen: set[str] = set()
    for pipeline in model.lifecycle.pipelines.values():
        for stage in pipeline.stages.values():
            if stage.name not in seen:
                yield _word(model, "deal_stage", stage.name, stage.label, stage.says, stage.owner)
            seen.add(stage.name)


def _values(model: Model) -> Iterator[Term]:
    """The allowed values of lists, each as `list.value`: their names are short and would fill the dictionary."""
    for picklist in model.data.picklists.values():
        for value, says in picklist.values.items():
            label = f"{in_words(value)} ({spoken(picklist.name)})"
            yield _word(model, "value", f"{picklist.name}.{value}", label, says, picklist.owner)


def term(workspace: Workspace, name: str, *, now: datetime | None = None) -> TermPage:
    """The page of a word, by its name, alias, number or `kind:name`; raises Refused, offering the nearest one."""
    every = terms(workspace)
    found = _found(workspace.model, every, name)
    if found is None:
        hint = did_you_mean(name, [t.ref for t in every])
        raise Refused([UNKNOWN_METRIC.broken(f"unknown metric or word '{name}'.", hint=hint)])
    return _page(workspace, found, now)


def _found(model: Model, every: Sequence[Term], name: str) -> Term | None:
    metric = model.metric(name)
    wanted = metric.name if metric else name
    by_name = next((t for t in every if wanted in (t.ref, f"{t.kind}:{t.name}")), None)
    return by_name or next((t for t in every if name.casefold() in [a.casefold() for a in t.aliases]), None)


def _page(workspace: Workspace, found: Term, now: datetime | None) -> TermPage:
    model = workspace.model
    metric = model.metrics.metrics.get(found.name) if found.kind == "metric" else None
    measure = model.measure(found.name) if found.kind == "measure" else None
    explained = explain(workspace, found.name, now=now) if metric or measure else None
    role = model.role(found.owner)
    return TermPage(
        term=found,
        where=_where(model, found),
        metric=metric,
        measure=measure,
        explanation=explained,
        rule=_rule(model, found),
        owner_role=found.owner,
        owner_title=role.title if role else found.owner,
        owner_names=role.holders if role else (),
        looked_at=tuple(audiences(model, metric)) if metric else (),
        pay=tuple((r, held.title if (held := model.role(r)) else r) for r in metric.pay) if metric else (),
        frameworks=tuple(f for n in found.frameworks if (f := model.decisions.frameworks.get(n))),
        decision=model.decisions.decisions.get(found.decision),
        claims=tuple(c for c in model.decisions.claims.values() if found.name in c.metrics) if metric else (),
        versions=versions(workspace, found.name) if metric else (),
        examples=tried(workspace, found.name) if metric else (),
        disputes=contested(workspace, found.name),
        freshness=freshness(workspace, [found.name], now=now).get(found.name) if explained else None,
    )


def _where(model: Model, found: Term) -> Where:
    if found.kind == "deal_stage":
        line = next(p.name for p in model.lifecycle.pipelines.values() if found.name in p.stages)
        return model.where("lifecycle", "pipelines", line, "stages", found.name)
    if found.kind == "value":
        picklist, _, value = found.name.partition(".")
        return model.where("data", "picklists", picklist, "values", value)
    place = {
        "metric": ("metrics", "metrics"),
        "measure": ("metrics", "measures"),
        "stage": ("lifecycle", "stages"),
        "definition": ("data", "definitions"),
    }[found.kind]
    return model.where(*place, found.name)


def _rule(model: Model, found: Term) -> str:
    """The predicate behind a word, where there is one."""
    if found.kind == "definition":
        return model.data.definitions[found.name].when or ""
    if found.kind == "stage":
        stage = model.lifecycle.stages[found.name]
        return stage.enter_when or ""
    return ""
