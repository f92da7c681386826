"""/api/model: what the company agreed, subject by subject, as facts that can be read."""

from django.http import HttpRequest
from ninja import Router
from pydantic import Field

from fairlead.actions import agreements
from fairlead.actions.agreements import Entry
from fairlead.actions.facts import Fact
from fairlead.desk.api import names
from fairlead.desk.api.operations import reads
from fairlead.desk.api.refusals import missing
from fairlead.desk.api.shapes import ProblemShown, Shown, problems_shown
from fairlead.desk.workplace import workspace

router = Router(tags=["model"])


class SubjectLine(Shown):
    """A subject of the model."""

    name: str = Field(examples=["lifecycle"])
    title: str = Field(examples=["Lifecycle"])
    says: str
    entries: int
    problems: int


class Subjects(Shown):
    """Every subject, in the model's order."""

    items: list[SubjectLine]


class Reference(Shown):
    """A text that names something else, and what: role:cro, metric:win_rate."""

    text: str = Field(examples=["VP Sales"])
    names: str = Field(examples=["role:vp_sales"])


class FactShown(Shown):
    """One thing that was agreed: as text, as items, or as further facts."""

    name: str
    label: str
    says: str = Field(description="What it is in general.")
    text: str
    items: list[str]
    facts: list["FactShown"]
    refers: list[Reference]


class EntryShown(Shown):
    """One entry of a subject, such as a stage, and the problems of it."""

    name: str
    title: str
    file: str
    line: int | None
    facts: list[FactShown]
    problems: list[ProblemShown]


class SectionShown(Shown):
    """A part of a subject, such as the stages of the lifecycle."""

    name: str
    title: str
    says: str
    entries: list[EntryShown]


class SubjectShown(Shown):
    """A subject in full."""

    name: str
    title: str
    says: str
    file: str = Field(description="Where it is written.", examples=["model/lifecycle.yaml"])
    sections: list[SectionShown]
    problems: list[ProblemShown] = Field(description="Those that belong to no entry.")


@reads(router, "/model", Subjects, summary="The subjects of the model")
def model(request: HttpRequest) -> Subjects:
    """Every subject of the operating model, with how many entries and problems it has."""
    return Subjects(items=[SubjectLine.model_validate(line) for line in agreements.subjects(workspace())])


@reads(router, "/model/{subject}", SubjectShown, may=(404,), summary="One subject")
def subject(request: HttpRequest, subject: names.Subject) -> SubjectShown:
    """A subject as facts, each with what it names, and the problems beside what they are about."""
    with missing():
        page = agreements.subject(workspace(), subject)
    sections = [
        SectionShown(name=s.name, title=s.title, says=s.says, entries=[_entry(entry) for entry in s.entries])
        for s in page.sections
    ]
    told = page._asdict() | {"sections": sections, "problems": problems_shown(page.problems)}
    return SubjectShown.model_validate(told)


def _entry(entry: Entry) -> EntryShown:
    return EntryShown(
        name=entry.name,
        title=entry.title,
        file=entry.where.file,
        line=entry.where.line,
        facts=[_fact(fact) for fact in entry.facts],
        problems=problems_shown(entry.problems),
    )


def _fact(fact: Fact) -> FactShown:
    refers = [Reference(text=text, names=names) for text, names in fact.refers]
    told = fact._asdict() | {"refers": refers, "facts": [_fact(inner) for inner in fact.facts]}
    return FactShown.model_validate(told)
