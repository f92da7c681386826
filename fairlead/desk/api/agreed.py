"""/api/dictionary and /api/disputes: the company's words, and what is quarrelled about."""

from datetime import date, datetime

from django.http import HttpRequest
from django.utils import timezone
from ninja import Query, Router, Schema, Status
from pydantic import ConfigDict, Field

from fairlead.actions.dictionary import TermPage, terms
from fairlead.actions.dictionary import term as term_page
from fairlead.actions.disputing import Contested, contested
from fairlead.actions.disputing import dispute as raise_dispute
from fairlead.actions.versions import Version
from fairlead.desk.api import names
from fairlead.desk.api.metrics import DecisionShown, MetricShown, metric_shown
from fairlead.desk.api.operations import changes, reads
from fairlead.desk.api.paging import Page, Paging, following, stretch
from fairlead.desk.api.refusals import missing
from fairlead.desk.api.shapes import Figure, Shown
from fairlead.desk.people.models import User
from fairlead.desk.workplace import workspace

router = Router(tags=["agreed"])


class TermLine(Shown):
    """A word of the dictionary."""

    name: str = Field(examples=["win_rate"])
    ref: str = Field(description="What it is called by where two words share a name: `kind:name`.")
    label: str = Field(examples=["Win rate"])
    kind: str = Field(description="metric, measure, stage, definition, deal_stage or value.", examples=["metric"])
    id: str = Field(description="Its number, where it has one.", examples=["M10"])
    says: str = Field(description="What it means.")
    unit: str = Field(description="What its value is; empty for words that are no number.", examples=["percent"])
    owner: str = Field(description="The role that answers for it.", examples=["vp_sales"])
    owner_name: str = Field(description="That role in words, and who holds it.")
    tier: int | None
    group: str
    aliases: list[str]
    needs: list[str] = Field(description="What is missing before it can be computed.")
    frameworks: list[str] = Field(description="The frameworks its definition comes from.")
    decision: str = Field(description="The decision behind it.", examples=["C4"])
    status_of_examples: str = Field(description="hold, broken or none for a metric; empty for other words.")


class TermQuery(Paging):
    q: str = Field("", max_length=200, description="Search names, labels, numbers and definitions; best first.")
    kind: str | None = Field(None, max_length=40, description="Only words of this kind.")


@reads(router, "/dictionary", Page[TermLine], summary="The words there are")
def dictionary(request: HttpRequest, asked: Query[TermQuery]) -> Page[TermLine]:
    """Every word of the company, in the model's order or, with `q`, best first."""
    found = [word for word in terms(workspace(), search=asked.q) if asked.kind in (None, word.kind)]
    return Page[TermLine](
        items=[TermLine.model_validate(word) for word in stretch(found, asked)],
        total=len(found),
        limit=asked.limit,
        offset=asked.offset,
        next=following(request, asked, len(found)),
    )


class LookShown(Shown):
    """Who looks at a metric, and how often."""

    name: str = Field(description="Name of the meeting or role.")
    label: str
    kind: str = Field(description="meeting or role.")
    cadence: str
    day: str | None = Field(description="Weekday, where one is agreed.")


class FrameworkShown(Shown):
    """A framework that a definition comes from."""

    name: str
    title: str
    says: str


class ClaimShown(Shown):
    """A claim or benchmark, with its source."""

    name: str
    says: str
    attributed_to: list[str]
    disputed: bool
    note: str


class TriedShown(Shown):
    """A worked example, and what the engine makes of it."""

    given: dict[str, Figure | None]
    gives: Figure | None = Field(description="What it should give; null: undefined.")
    found: Figure | None = Field(description="What the engine gives.")
    holds: bool
    fault: str


class VersionShown(Shown):
    """One definition that a metric had."""

    since: datetime
    until: datetime | None = Field(description="Null: still in use.")
    model_digest: str
    definition: str
    changes: list[str] = Field(description="What is otherwise than in the version before, in words.")
    is_current: bool


class DisputeShown(Shown):
    """A quarrel about a definition, with the example it is about."""

    number: int = Field(description="Its place in model/decisions.yaml, counted from 1.")
    term: str
    says: str
    raised_by: str
    raised_on: date | None
    raised_in: str
    settled: str = Field(description="How it was settled; empty while open.")
    given: dict[str, Figure | None] = Field(description="The example's operands; empty without one.")
    gives: Figure | None = Field(description="What it should give, as is claimed.")
    found: Figure | None = Field(description="What the definition gives today.")
    holds: bool | None = Field(description="Whether those agree; null without an example.")


class FreshnessShown(Shown):
    """How fresh the data behind a number is."""

    sources: list[str]
    seen_at: datetime | None = Field(description="The oldest look at any of the sources.")
    is_stale: bool


class TermShown(TermLine):
    """A word with all there is to know about it."""

    file: str
    line: int | None
    rule: str = Field(description="The predicate behind it; empty where there is none.")
    explained: MetricShown | None = Field(description="What /api/metrics/{name} says; null for other words.")
    looked_at: list[LookShown]
    pay: list[str] = Field(description="Roles whose pay depends on it.")
    origins: list[FrameworkShown] = Field(description="The frameworks of `frameworks`.")
    decided: DecisionShown | None
    claims: list[ClaimShown]
    versions: list[VersionShown]
    examples: list[TriedShown]
    disputes: list[DisputeShown]
    freshness: FreshnessShown | None


@reads(router, "/dictionary/{name}", TermShown, may=(404, 409), summary="One word")
def term(request: HttpRequest, name: names.Word) -> TermShown:
    """A word, by its name, alias, number or `kind:name`."""
    space = workspace()
    with missing():
        found = term_page(space, name, now=timezone.now())
    return _term(found, metric_shown(found.explanation, space) if found.explanation else None)


class NewDispute(Schema):
    """A quarrel about a definition, best with the example that it gets wrong."""

    model_config = ConfigDict(
        extra="forbid",
        allow_inf_nan=False,
        json_schema_extra={
            "example": {
                "term": "win_rate",
                "says": "A deal that was merged into another one is not lost.",
                "given": {"won": 1, "closed": 4},
                "gives": 0.3333,
            }
        },
    )

    term: str = Field(min_length=1, max_length=200, description="The metric or word.")
    says: str = Field(min_length=1, max_length=2000, description="What is wrong with its definition.")
    given: dict[str, float | None] = Field({}, description="A worked example: the metric's operands and their values.")
    gives: float | None = Field(None, description="What the example should give; null: undefined.")
    raised_in: str = Field("", max_length=200, description="Where it came up.")


@reads(router, "/disputes", Page[DisputeShown], summary="The disputes there are")
def disputes(request: HttpRequest, asked: Query[Paging]) -> Page[DisputeShown]:
    """Every dispute, in the order of model/decisions.yaml, each tried against the definition of today."""
    found = contested(workspace())
    return Page[DisputeShown](
        items=[_dispute(one) for one in stretch(found, asked)],
        total=len(found),
        limit=asked.limit,
        offset=asked.offset,
        next=following(request, asked, len(found)),
    )


@changes(router, "/disputes", DisputeShown, may=(400, 409), summary="Dispute a definition")
def dispute(request: HttpRequest, new: NewDispute) -> Status[DisputeShown]:
    """Record, in model/decisions.yaml and in the name of whoever asks, that a definition is disputed."""
    made = raise_dispute(
        workspace(),
        term=new.term,
        says=new.says,
        by=request.user.get_full_name() if isinstance(request.user, User) else "",
        given=new.given,
        gives=new.gives,
        raised_in=new.raised_in,
        now=timezone.now(),
    )
    return Status(201, _dispute(contested(workspace(), made.term)[-1]))


def _term(page: TermPage, explained: MetricShown | None) -> TermShown:
    return TermShown.model_validate(
        page.term._asdict()
        | {
            "file": page.where.file,
            "line": page.where.line,
            "rule": page.rule,
            "explained": explained,
            "looked_at": page.looked_at,
            "pay": [role for role, _ in page.pay],
            "origins": page.frameworks,
            "decided": page.decision,
            "claims": page.claims,
            "versions": [_version(version) for version in page.versions],
            "examples": page.examples,
            "disputes": [_dispute(one) for one in page.disputes],
            "freshness": page.freshness,
        }
    )


def _version(version: Version) -> VersionShown:
    told = version._asdict() | {"definition": version.metric.definition}
    return VersionShown.model_validate(told)


def _dispute(one: Contested) -> DisputeShown:
    told = one.dispute.model_dump() | {"number": one.number, "found": one.found, "holds": one.holds}
    return DisputeShown.model_validate(told)
