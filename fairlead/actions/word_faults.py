"""What a build holds in words that the model does not know, where its numbers rest on them."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from fairlead.analysis import word_faults
from fairlead.model.agreed import Subject
from fairlead.model.check_clocks import ACTIVITIES
from fairlead.model.whole import Model
from fairlead.problem import Problem, Where
from fairlead.record.engine import Reader
from fairlead.record.lake import manifest
from fairlead.record.laws import UNKNOWN_ACTIVITY, UNKNOWN_HISTORY

SHOWN = 8


def unknown_words(model: Model, build: Path) -> tuple[Problem, ...]:
    """A warning for each source whose history names stages, or whose activities are of kinds, that the model lacks."""
    said = manifest(build)
    reader = Reader(build)
    try:
        stages = reader.rows(word_faults.stages_of_history()).to_pylist()
        kinds = reader.rows(word_faults.kinds_of_activities()).to_pylist()
    finally:
        reader.close()
    return (*_stages(model, said, stages), *_kinds(model, said, kinds))


def _stages(model: Model, said: Mapping[str, Any], rows: Sequence[Mapping[str, Any]]) -> list[Problem]:
    known = {entity: _stages_of(model, entity) for entity in Subject}
    unread = [row for row in rows if row["word"] not in known.get(row["entity"], ())]
    found = []
    for source, entity in dict.fromkeys((row["source"], row["entity"]) for row in unread):
        mine = [row for row in unread if (row["source"], row["entity"]) == (source, entity)]
        message = f"The history of {entity}.stage names stages that the model does not have: {_listed(mine)}."
        found.append(UNKNOWN_HISTORY.broken(message, _where(said, source, "change", entity)))
    return found


def _stages_of(model: Model, subject: str) -> frozenset[str]:
    """The names by which a history may tell of a subject's stages."""
    own = [s for s in model.stages if s.subject == subject]
    deals = [s for line in model.lifecycle.pipelines.values() for s in line.stages.values()]
    names = {name for s in own for name in (s.name, *s.stands_for)} | set(model.lost)
    return frozenset(names | {n for s in deals for n in (s.name, *s.stands_for)} if subject == "opportunity" else names)


def _kinds(model: Model, said: Mapping[str, Any], rows: Sequence[Mapping[str, Any]]) -> list[Problem]:
    """Sources of which no activity is of a kind that a clock waits for, with their kinds that nothing knows.

    Where no source has one that a clock waits for, a source of tasks and notes alone is told of as well.
    """
    policies = (*model.handoffs.handoffs.values(), *model.handoffs.slas.values())
    waited = tuple(dict.fromkeys(kind for p in policies if p.response for kind in p.response.kinds))
    if not waited:
        return []
    heard = {row["source"] for row in rows if row["word"] in waited}
    known = {*ACTIVITIES, *model.picklists.get("activity.kind", ())} if heard else set()
    found = []
    for source in dict.fromkeys(row["source"] for row in rows if row["source"] not in heard):
        mine = [row for row in rows if row["source"] == source and row["word"] not in known]
        if mine:
            message = f"No activity is of a kind that a clock waits for ({', '.join(waited)}), but: {_listed(mine)}."
            found.append(UNKNOWN_ACTIVITY.broken(message, _where(said, source, "activity")))
    return found


def _listed(rows: Sequence[Mapping[str, Any]]) -> str:
    """Words with the number of their rows, the first of them."""
    words = ", ".join(
        f"'{row['word']}' ({row['rows']:,} {'row' if row['rows'] == 1 else 'rows'})" for row in rows[:SHOWN]
    )
    return f"{words} and {len(rows) - SHOWN} others" if len(rows) > SHOWN else words


def _where(said: Mapping[str, Any], source: str, *tables: str) -> Where | None:
    """The file that a source's rows of a table are read from: of the first of `tables` that it has one for."""
    raws = [s["raw"] for table in tables for s in said["lineage"] if (s["table"], s["source"]) == (table, source)]
    names = [name for raw in raws for name in said["files"].get(f"{source}/{raw}", ())]
    return Where(names[0]) if names else None
