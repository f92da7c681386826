"""Checks of whose a column is: a criterion, a gate and a clock read their own subject."""

from collections.abc import Iterator

from fairlead.model.agreed import Subject
from fairlead.model.laws_of_clocks import WRONG_SUBJECT
from fairlead.model.mentions import columns, conditions
from fairlead.model.predicate import columns_of, parse
from fairlead.model.tables import TABLES
from fairlead.model.whole import Model
from fairlead.problem import Problem

Place = tuple[str, ...]
KEYS = ("starts", "stops", "pauses", "converts", "worth", "enters", "required")  # those that hold columns


def subjects(model: Model) -> list[Problem]:
    """A column, or a predicate, of another subject than the stage, handoff or SLA that it stands in."""
    owners = dict(_owners(model))
    known = frozenset(name for subject in Subject for name in columns_of(TABLES[subject.facts]))
    found: list[Problem] = []
    for mention in columns(model):
        if (subject := _of(owners, mention.place)) and set(mention.place[3:]) & set(KEYS):
            found += _of_another(model, mention.place, subject, (mention.column,))
    for condition in conditions(model):
        if subject := _of(owners, condition.place):
            predicate, _ = parse(condition.text, known)
            found += _of_another(model, condition.place, subject, predicate.columns if predicate else ())
    return found


def _owners(model: Model) -> Iterator[tuple[Place, Subject]]:
    """Where the parts of the model stand that are about one subject."""
    for section, book in (("handoffs", model.handoffs.handoffs), ("slas", model.handoffs.slas)):
        yield from ((("handoffs", section, name), policy.subject) for name, policy in book.items())
    yield from ((("lifecycle", "stages", name), stage.subject) for name, stage in model.lifecycle.stages.items())
    yield from ((("lifecycle", "pipelines", name), Subject.OPPORTUNITY) for name in model.lifecycle.pipelines)


def _of(owners: dict[Place, Subject], place: Place) -> Subject | None:
    return owners.get(place[:3])


def _of_another(model: Model, place: Place, subject: Subject, names: tuple[str, ...]) -> Iterator[Problem]:
    own = columns_of(TABLES[subject.facts])
    for name in names:
        others = [other.value for other in Subject if name in columns_of(TABLES[other.facts])]
        if name not in own and others:
            message = f"{'.'.join(place[1:])}: '{name}' is of {' and '.join(others)}, and this is about {subject.value}"
            yield WRONG_SUBJECT.broken(message, model.where(*place))
