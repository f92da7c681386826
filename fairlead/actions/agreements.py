"""The model made readable: every subject as a page of facts, with its problems beside what they are about."""

from collections.abc import Iterator, Mapping, Sequence
from functools import lru_cache
from typing import NamedTuple

from fairlead.actions.checking import check_model
from fairlead.actions.facts import HOMES, Fact, Place, Telling, fact, facts_of, telling, title_of, words
from fairlead.actions.laws import UNKNOWN_SUBJECT
from fairlead.model.agreed import Agreed, plain
from fairlead.model.whole import SUBJECTS, Model
from fairlead.picture.wording import Manner
from fairlead.problem import Problem, Refused, Where, did_you_mean
from fairlead.workspace import Workspace

__all__ = ["HOMES", "Entry", "Fact", "Section", "SubjectLine", "SubjectPage", "subject", "subjects"]


class SubjectLine(NamedTuple):
    """A subject of the model in the list of all: how many entries it has, and how many problems."""

    name: str
    title: str
    says: str
    entries: int
    problems: int


class Entry(NamedTuple):
    """One entry of a subject, such as a stage: its facts, where it stands, and the problems of it."""

    name: str
    title: str
    where: Where
    facts: tuple[Fact, ...]
    problems: tuple[Problem, ...]


class Section(NamedTuple):
    """A part of a subject, such as the stages of the lifecycle."""

    name: str
    title: str
    says: str
    entries: tuple[Entry, ...]


class SubjectPage(NamedTuple):
    """A subject in full. `problems` are those that belong to no entry; `file` is where it is written."""

    name: str
    title: str
    says: str
    file: str
    sections: tuple[Section, ...]
    problems: tuple[Problem, ...]


class _Words(NamedTuple):
    title: str
    says: str


TOLD: Mapping[str, _Words] = {
    "charter": _Words("Charter", "What revenue operations is for, who may decide what, and how work is chosen."),
    "people": _Words("Roles and RACI", "Who wears which hat, and who answers for each core process."),
    "lifecycle": _Words(
        "Lifecycle", "One way from first touch to renewal: stages, who owns them, what lets one in and out."
    ),
    "handoffs": _Words(
        "Handoffs", "What one team passes to the next, by when, how good, and what happens when it is late."
    ),
    "calendars": _Words("Calendars", "When people work, so that clocks count working time."),
    "routing": _Words("Routing", "Who gets a new lead or account, by rules tried from the top."),
    "metrics": _Words("Metrics", "The numbers the company steers by, and the measures they are made from."),
    "revenue": _Words(
        "Recurring revenue", "How it is counted where practitioners disagree, each switch with its reason."
    ),
    "forecast": _Words("Forecast", "One way to make a call: categories with rules, who submits it when."),
    "data": _Words("Data", "The company's words, who answers for which data, which system leads, and allowed values."),
    "stack": _Words("Stack", "The tools by layer: their jobs, owners, and what they return to the CRM."),
    "automations": _Words("Automations", "What runs by itself: owner, purpose, inputs, outputs and how to undo it."),
    "playbooks": _Words("Playbooks", "What somebody does in a situation, short enough to be read in it."),
    "cadence": _Words("Cadence", "Who meets how often over which numbers, and what they may decide."),
    "plan": _Words("Roadmap", "The phases with their evidence, the baselines, and what changed and why."),
    "ai": _Words("AI policy", "Approved tools, what they may see and keep, and who reads what they give."),
    "decisions": _Words(
        "Decisions", "Where practitioners differ, what was decided, claims with sources, and disputes."
    ),
}
GENERAL = "general"


def subjects(workspace: Workspace) -> tuple[SubjectLine, ...]:
    """Every subject of the model, in its own order."""
    pages = (subject(workspace, name) for name in SUBJECTS)
    return tuple(
        SubjectLine(page.name, page.title, page.says, _count(page), len(page.problems) + _beside(page))
        for page in pages
    )


def _count(page: SubjectPage) -> int:
    return sum(len(s.entries) for s in page.sections if s.name not in (GENERAL, "raci"))


def _beside(page: SubjectPage) -> int:
    return sum(len(e.problems) for s in page.sections for e in s.entries)


def subject(workspace: Workspace, name: str) -> SubjectPage:
    """A subject as a page; raises Refused, offering the nearest name, when the model has no such subject."""
    if name not in SUBJECTS:
        raise Refused(
            [UNKNOWN_SUBJECT.broken(f"the model has no subject '{name}'.", hint=did_you_mean(name, SUBJECTS))]
        )
    return _page(workspace.model, workspace.manner, check_model(workspace), name)


@lru_cache(maxsize=64)
def _page(model: Model, manner: Manner, problems: tuple[Problem, ...], name: str) -> SubjectPage:
    """Made once for as long as the model is open: a model never changes."""
    sections = tuple(_sections(name, model, telling(model, manner)))
    found = _own_problems(name, model, problems)
    file = f"{model.folder}/{name}.yaml"
    page = SubjectPage(name, *TOLD[name], file=file, sections=sections, problems=found)
    return _placed(page, model)


def _sections(name: str, model: Model, told: Telling) -> Iterator[Section]:
    """The sections of a subject: what it says in general, then each of its books."""
    whole: Agreed = getattr(model, name)
    general: list[Fact] = []
    books: list[Section] = []
    for key, field in type(whole).model_fields.items():
        value, place = getattr(whole, key), (name, field.alias or key)
        entries = tuple(_entries(value, place, model, told))
        if entries:
            books.append(Section(key, words(key), field.description or "", entries))
        elif value not in (None, "", (), {}) and not isinstance(value, Agreed):
            general.append(fact(key, field, value, place, told))
    if general:
        where = model.where(name)
        yield Section(GENERAL, "In general", "", (Entry(GENERAL, "In general", where, tuple(general), ()),))
    if name == "people" and model.people.processes:
        yield _raci(model, told)
    yield from books


def _entries(value: object, place: Place, model: Model, told: Telling) -> Iterator[Entry]:
    """The entries of a book or a list of the model's types; a lone one is an entry of its own."""
    pairs: Sequence[tuple[str, object]] = ()
    if isinstance(value, Mapping):
        pairs = [(str(key), one) for key, one in value.items()]
    elif isinstance(value, tuple):
        pairs = [(str(number), one) for number, one in enumerate(value)]
    for key, one in pairs:
        if isinstance(one, Agreed):
            here = (*place, key)
            yield Entry(key, title_of(one, key), model.where(*here), facts_of(one, here, told), ())
    if isinstance(value, Agreed) and plain(value) and (found := facts_of(value, place, told)):
        yield Entry(place[-1], words(place[-1]), model.where(*place), found, ())


def _raci(model: Model, told: Telling) -> Section:
    """Who is responsible, accountable, consulted and informed: a row a process, the same four columns each."""
    rows = []
    for name, process in model.people.processes.items():
        place = ("people", "processes", name)
        four = tuple(
            fact(key, type(process).model_fields[key], getattr(process, key), (*place, key), told)
            for key in ("responsible", "accountable", "consulted", "informed")
        )
        label = title_of(process, name)
        rows.append(Fact(name, label, process.says, "", (), four, ((label, f"process:{name}"),)))
    says = "For each core process: who does the work, who alone answers for it, who is asked before, who is told after."
    entry = Entry("raci", "RACI", model.where("people", "processes"), tuple(rows), ())
    return Section("raci", "RACI", says, (entry,))


def _own_problems(name: str, model: Model, found: Sequence[Problem]) -> tuple[Problem, ...]:
    """The problems in the files that a subject is written in: its own, and its preset's."""
    files = {where.file for place, where in model.places.items() if place[0] == name} | {f"{model.folder}/{name}.yaml"}
    return tuple(problem for problem in found if problem.where and problem.where.file in files)


def _placed(page: SubjectPage, model: Model) -> SubjectPage:
    """The page with each problem beside the entry in whose lines it lies, and the others left over."""
    spans = _spans(page, model)
    beside: dict[Place, list[Problem]] = {}
    left = []
    for problem in page.problems:
        place = _entry_at(problem, spans)
        if place is None:
            left.append(problem)
        else:
            beside.setdefault(place, []).append(problem)
    sections = tuple(
        s._replace(entries=tuple(e._replace(problems=tuple(beside.get((s.name, e.name), ()))) for e in s.entries))
        for s in page.sections
    )
    return page._replace(sections=sections, problems=tuple(left))


class _Span(NamedTuple):
    """The lines of an entry: from `first` to `last`, both within."""

    entry: Place
    file: str
    first: int
    last: float


def _spans(page: SubjectPage, model: Model) -> tuple[_Span, ...]:
    subject_places = [(place, where) for place, where in model.places.items() if place[0] == page.name and where.line]
    found = []
    for section in page.sections:
        for entry in section.entries if section.name not in (GENERAL, "raci") else ():
            first = entry.where.line or 1
            place = _place(page.name, section, entry)
            ends = (
                where.line - 1
                for other, where in subject_places
                if where.line and where.file == entry.where.file and where.line > first and other[: len(place)] != place
            )
            found.append(_Span((section.name, entry.name), entry.where.file, first, min(ends, default=float("inf"))))
    return tuple(found)


def _place(subject_name: str, section: Section, entry: Entry) -> Place:
    kind = SUBJECTS[subject_name].model_fields[section.name]
    key = kind.alias or section.name
    return (subject_name, key) if entry.name == key else (subject_name, key, entry.name)


def _entry_at(problem: Problem, spans: Sequence[_Span]) -> Place | None:
    """The entry in whose lines a problem lies; of several in one line, the one that its message names."""
    if problem.where is None or problem.where.line is None:
        return None
    line = problem.where.line
    within = [s for s in spans if s.file == problem.where.file and s.first <= line <= s.last]
    if not within:
        return None
    latest = [s for s in within if s.first == max(w.first for w in within)]
    return next((s.entry for s in latest if s.entry[-1] in problem.message), latest[0].entry)
