"""/api/builds and /api/sources: what numbers were made from, and how fresh it is."""

from datetime import date, datetime
from typing import Any

from django.http import HttpRequest
from django.utils import timezone
from ninja import Query, Router
from pydantic import Field

from fairlead.actions import building
from fairlead.actions.comparing import BuildComparison, compare_builds
from fairlead.actions.inspecting import inspect
from fairlead.actions.sources import SourceState
from fairlead.actions.sources import sources as states
from fairlead.desk.api import names
from fairlead.desk.api.operations import reads
from fairlead.desk.api.paging import Page, Paging, following, stretch
from fairlead.desk.api.reasons import WhyShown, why_shown
from fairlead.desk.api.refusals import missing
from fairlead.desk.api.shapes import ProblemShown, Shown, problems_shown
from fairlead.desk.workplace import workspace

router = Router(tags=["builds and sources"])


class BuildLine(Shown):
    """A build as it is listed."""

    build: str = Field(description="Its name: the day it is of, and a digest.", examples=["2026-03-31-942b368db123"])
    made_at: datetime
    as_of: date = Field(description="The last day that counts in it.")
    known_at: datetime | None = Field(description="Made from what was known then; null: from everything.")
    seen_at: datetime | None = Field(description="When the newest export in it was taken.")
    seconds: float = Field(description="How long it took to make.")
    rows_in: int = Field(description="Rows taken in; always kept + set_aside.")
    kept: int
    set_aside: int
    broken_references: int = Field(description="References of kept rows that find nobody.")
    model_digest: str = Field(description="Of the model it was made with.")
    load_digest: str = Field(description="Of the loads it was made from.")
    is_current: bool = Field(description="Whether it is the published one.")


class TableCounted(Shown):
    """One table from one source: rows_in = kept + set_aside."""

    table: str
    source: str
    rows_in: int
    kept: int
    set_aside: int
    broken_references: int
    empty_references: int
    left_out: int


class InputShown(Shown):
    """One raw table that went in."""

    source: str
    table: str
    files: list[str]
    loads: int
    first: datetime
    last: datetime


class AsideShown(Shown):
    """Rows that do not count for one reason, and the first of them."""

    table: str
    source: str
    reason: str
    rows: int
    detail: str | None
    file: str | None
    line: int | None


class MappedShown(Shown):
    """Rows whose value was read as another one, because the mapping says so."""

    table: str
    column: str
    source: str
    source_column: str
    found: str
    read_as: str | None = Field(description="Null: read as empty.")
    rows: int


class BuildShown(BuildLine):
    """A build: what went in, what of it counts, and what does not and why."""

    before: str | None = Field(description="The build made before it.")
    currency: str
    timezone: str
    is_agreed: bool = Field(description="Whether its model is the one of today.")
    tables: list[TableCounted]
    rows: dict[str, int] = Field(description="Rows of every table it holds.", examples=[{"record.account": 412}])
    inputs: list[InputShown]
    aside: list[AsideShown]
    mapped: list[MappedShown]
    problems: list[ProblemShown]


@reads(router, "/builds", Page[BuildLine], summary="The builds there are")
def builds(request: HttpRequest, asked: Query[Paging]) -> Page[BuildLine]:
    """Every build, newest first."""
    found = building.builds(workspace())
    return Page[BuildLine](
        items=[BuildLine.model_validate(one) for one in stretch(found, asked)],
        total=len(found),
        limit=asked.limit,
        offset=asked.offset,
        next=following(request, asked, len(found)),
    )


@reads(router, "/builds/{build}", BuildShown, may=(404,), summary="One build")
def build(request: HttpRequest, build: names.Build) -> BuildShown:
    """A build, by its name or the beginning of it."""
    with missing():
        found = inspect(workspace(), build)
    told = found.built._asdict() | {name: getattr(found, name) for name in ("before", "currency", "timezone")}
    return BuildShown.model_validate(
        told
        | {"is_agreed": found.is_agreed, "inputs": found.inputs, "aside": found.aside, "mapped": found.values}
        | {"problems": problems_shown(found.problems), "rows": dict(found.built.rows)}
    )


class TableChanged(Shown):
    """One table from one source in both builds; null where a build has none."""

    table: str
    source: str
    before: TableCounted | None
    after: TableCounted | None
    is_same: bool


class ReadingChanged(Shown):
    """A value that the two builds read otherwise, with its rows in each."""

    table: str
    column: str
    source: str
    found: str
    read_as: str | None
    before: int
    after: int


class ModelChanged(Shown):
    """One change of the model, in words."""

    subject: str = Field(examples=["metrics"])
    path: list[str] = Field(examples=[["metrics", "win_rate", "target"]])
    says: str


class DefinitionShown(Shown):
    """How other switches of recurring revenue moved an account's, on the last day; the same lines, counted twice."""

    account_id: str
    account: str | None
    before: float = Field(description="In the company's currency.")
    after: float
    money: float = Field(description="after less before.")
    moved: float = Field(description="Movements of the last twelve months of another kind or day, without sign.")
    why: list[str] = Field(description="The switches that make the difference.")


class ComparisonShown(Shown):
    """What differs from one build to another."""

    a: BuildLine
    b: BuildLine
    tables: list[TableChanged]
    only_a: list[str] = Field(description="Loads that only the first was made from.")
    only_b: list[str] = Field(description="Loads that only the second was made from.")
    readings: list[ReadingChanged]
    changes: list[ModelChanged] | None = Field(description="Of the model; null where one of the two was not kept.")
    code_changed: bool = Field(description="Whether Fairlead itself builds otherwise since.")
    settings: list[str] = Field(description="Other settings that differ, in words.")
    definitions: list[DefinitionShown] = Field(
        description="Accounts whose recurring revenue is another one because it is counted by other switches."
    )
    moves: list[WhyShown] = Field(
        description="How the scoreboard's numbers moved over the last period both know, business and record apart."
    )
    notes: list[str] = Field(description="What could not be told.")


@reads(router, "/builds/{a}/compare/{b}", ComparisonShown, may=(400, 404, 409), summary="Two builds side by side")
def compare(request: HttpRequest, a: names.Build, b: names.Build) -> ComparisonShown:
    """What differs from build `a` to build `b`, each a name or the beginning of one."""
    space = workspace()
    with missing():
        building.named(space, a), building.named(space, b)
    return _compared(compare_builds(space, a, b, now=timezone.now()))


def _compared(found: BuildComparison) -> ComparisonShown:
    changes = None if found.changes is None else [ModelChanged.model_validate(one) for one in found.changes]
    told: dict[str, Any] = found._asdict() | {"changes": changes, "moves": [why_shown(one) for one in found.moves]}
    return ComparisonShown.model_validate(told)


class TableState(Shown):
    """One table of a source, as it was landed."""

    name: str
    rows: int = Field(description="Rows of its last export.")
    seen_at: datetime = Field(description="When its last export was taken.")
    changed_at: datetime | None = Field(description="When an export last brought news.")
    exports: int
    files: list[str]
    records: list[str] = Field(description="Tables of the record it gives.")


class SourceShown(Shown):
    """A source, and how fresh it is."""

    name: str = Field(examples=["salesforce"])
    folder: str
    seen_at: datetime | None = Field(description="When it was last looked at; null: never.")
    changed_at: datetime | None
    age_seconds: int | None = Field(description="Since `seen_at`, in whole minutes.", examples=[3600])
    stale_after_seconds: int = Field(description="The age from which it counts as stale.", examples=[172800])
    is_stale: bool
    says: str = Field(description="The same in words.")
    records: list[str] = Field(description="Tables of the record it gives.")
    files: list[str]
    tables: list[TableState]


class Sources(Shown):
    """Every source, leading one first."""

    items: list[SourceShown]


@reads(router, "/sources", Sources, summary="The sources and how fresh they are")
def sources(request: HttpRequest) -> Sources:
    """Every source, leading one first; those never synced too."""
    now = timezone.now().replace(second=0, microsecond=0)
    return Sources(items=[_source(state) for state in states(workspace(), now=now)])


def _source(state: SourceState) -> SourceShown:
    age = None if state.age is None else int(state.age.total_seconds()) // 60 * 60
    told: dict[str, Any] = state._asdict() | {"age_seconds": age}
    return SourceShown.model_validate(told | {"stale_after_seconds": int(state.stale_after.total_seconds())})
