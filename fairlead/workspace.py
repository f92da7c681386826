"""A company's folder: its settings, its model and its lake.

acme/fairlead.yaml   settings        acme/data/       exports to read, with their mappings
acme/model/*.yaml    the model       acme/.fairlead/  raw, builds, desk; made by Fairlead
"""

from datetime import UTC, date, datetime, time, timedelta
from functools import cached_property
from pathlib import Path
from typing import Annotated, NamedTuple
from zoneinfo import ZoneInfo

from babel import localedata
from pydantic import AfterValidator, Field, ValidationError

from fairlead.model import load as loading
from fairlead.model import text
from fairlead.model.agreed import Agreed, Duration, Span, SpanUnit
from fairlead.model.faults import place_of, problem_of
from fairlead.model.whole import Model
from fairlead.picture.wording import Manner
from fairlead.problem import Law, Problem, Refused, Severity, Where, did_you_mean
from fairlead.record import archive
from fairlead.record.lake import Lake, currency_of
from fairlead.values import plain_name
from fairlead.zones import zone, zone_names

SETTINGS = "fairlead.yaml"
MAPPING = "mapping.yaml"
MODEL = "model"

NO_WORKSPACE = Law(
    "no-workspace",
    Severity.ERROR,
    why="Every command works on a workspace: a folder with a fairlead.yaml.",
    mend="Go into the workspace or name it with -C; `fairlead init NAME` makes a new one.",
)
BAD_SETTING = Law(
    "bad-setting",
    Severity.ERROR,
    why="A setting that is misread would move numbers between periods or currencies.",
    mend="Correct fairlead.yaml; docs/model.md lists its keys.",
)
LAWS = (NO_WORKSPACE, BAD_SETTING)


def _timezone(name: str) -> str:
    if name not in zone_names():
        raise ValueError(f"unknown timezone '{name}'. {did_you_mean(name, zone_names())}")
    return name


def _currency(code: str) -> str:
    if not (len(code) == 3 and code.isascii() and code.isupper()):
        raise ValueError(f"'{code}' is not an ISO 4217 code such as USD or EUR")
    return code


def _locale(name: str) -> str:
    if not localedata.exists(name):
        raise ValueError(f"unknown locale '{name}'. {did_you_mean(name, localedata.locale_identifiers())}")
    return name


def _elapsed(span: Span) -> Span:
    if "working" in span.unit:
        raise ValueError(f"'{span}' is working time, and data ages at night too; write '2 days' or '12 hours'")
    return span


Age = Annotated[Duration, AfterValidator(_elapsed)]


class SourceSetting(Agreed):
    """One source of files, when the folders under `data` do not say enough."""

    name: str = Field(pattern=r"^[a-z][a-z0-9_]*$", description="Name of the source, as it stands on every row.")
    folder: str = Field(description="Folder of its files, below `data`.")
    mapping: str | None = Field(None, description="Mapping file; default: mapping.yaml in the source's folder.")
    stale_after: Age | None = Field(None, description="Age at which it is called stale; default: the workspace's.")


class DeskSetting(Agreed):
    """Where the desk keeps what people do, and who may reach it."""

    database: str | None = Field(None, description="PostgreSQL URL; default: SQLite in .fairlead/desk.sqlite3.")
    hosts: tuple[str, ...] = Field((), description="Host names the desk answers to, besides this machine's.")
    https: bool = Field(False, description="True behind a proxy that speaks HTTPS.")


class Config(Agreed):
    """fairlead.yaml: what the whole workspace agrees on."""

    company: str = Field("My company", description="Company name, as shown on pages.")
    currency: Annotated[str, AfterValidator(_currency)] = Field("USD", description="Company currency, ISO 4217.")
    timezone: Annotated[str, AfterValidator(_timezone)] = Field(
        "UTC", description="IANA timezone in which days, and so all periods, begin and end."
    )
    locale: Annotated[str, AfterValidator(_locale)] = Field(
        "en_US", description="How numbers, money and dates are written: en_US, en_GB, de_DE, fr_FR, ..."
    )
    fiscal_year_start: int = Field(1, ge=1, le=12, description="Month in which the fiscal year starts, 1 to 12.")
    today: date | None = Field(None, description="Pins the day questions are asked on; for examples and archives.")
    data: str = Field("data", description="Folder of exports, one folder a source.")
    sources: tuple[SourceSetting, ...] = Field(
        (), description="Sources in order of priority; default: `data` itself and each folder in it."
    )
    stale_after: Age = Field(
        Span(amount=2, unit=SpanUnit.DAY),
        description="Age of a source at which its numbers are called stale: `2 days`.",
    )
    desk: DeskSetting = Field(default_factory=DeskSetting, description="The web application.")


class Source(NamedTuple):
    """A source as found: where its files are and where its mapping is (which may not exist yet)."""

    name: str
    folder: Path
    mapping: Path


class Workspace:
    """An opened workspace; opening it again picks up what was edited.

    What a process keeps beyond it (opened builds, pages of a model) is kept by what it was made from, which is never
    edited in place.
    """

    def __init__(self, root: Path, config: Config, data: Path | None = None) -> None:
        self.root = root
        self.config = config
        self.data = data or root / config.data
        self.lake = Lake(root / ".fairlead")
        self.may_build = True

    @cached_property
    def loaded(self) -> tuple[Model, tuple[Problem, ...]]:
        """The model and the problems of reading it; the starter model where the workspace has none of its own."""
        return loading.load(self.model_folder)

    @property
    def model_folder(self) -> Path:
        """Where the model is read from: the workspace's own, or the starter model that comes with Fairlead."""
        own = self.root / MODEL
        return own if own.exists() else loading.STARTER

    @property
    def model(self) -> Model:
        return self.loaded[0]

    def model_of(self, digest: str) -> Model | None:
        """The model of a digest: this one, or as it was kept when a build was made with it; None when it was not."""
        return self.model if digest == self.model.digest else archive.model_of(self.lake, digest)

    def defined_by(self, model: Model, build: Path | None = None) -> "Workspace":
        """The same workspace, read with another dictionary, and, with `build`, as if that build were published."""
        other = Workspace(self.root, self.config, self.data)
        other.__dict__["loaded"] = (model, ())
        other.lake = self.lake._replace(pinned=build or self.lake.pinned)
        other.may_build = self.may_build
        return other

    def only_read(self) -> "Workspace":
        """The same workspace for whoever cannot wait: questions use the builds there are, and make none."""
        other = Workspace(self.root, self.config, self.data)
        other.lake = self.lake
        other.may_build = False
        return other

    @property
    def zone(self) -> ZoneInfo:
        return zone(self.config.timezone)

    @property
    def manner(self) -> Manner:
        """How this company writes numbers, money and dates: money in the currency of the build that is published.

        After `currency` was changed in fairlead.yaml the numbers are still the old ones until the next build.
        """
        build = self.lake.current()
        currency = (currency_of(build) if build else None) or self.config.currency
        return Manner(currency, self.config.locale, self.config.timezone)

    def as_of(self, now: datetime) -> date:
        """The company day that questions are asked on: the pinned one, or that of `now`."""
        return self.config.today or now.astimezone(self.zone).date()

    def end_of(self, day: date) -> datetime:
        """The instant, in UTC, at which a company day is over."""
        return datetime.combine(day + timedelta(days=1), time(), self.zone).astimezone(UTC)

    @property
    def base(self) -> Path:
        """The folder that files of exports are named relative to: the workspace, or wherever --data points."""
        return self.root if self.data.is_relative_to(self.root) else self.data

    @property
    def sources(self) -> tuple[Source, ...]:
        """Every source, leading one first: as listed in fairlead.yaml, or as the folders under `data` are."""
        home = self.root / self.config.data
        if self.config.sources:
            return tuple(
                Source(s.name, self.data / s.folder, self.root / s.mapping if s.mapping else home / s.folder / MAPPING)
                for s in self.config.sources
            )
        found = (
            [Source("files", self.data, home / MAPPING)] if _has_files(self.data) or (home / MAPPING).exists() else []
        )
        folders = sorted(p for p in home.iterdir() if p.is_dir()) if home.is_dir() else []
        if self.data.is_dir() and self.data != home:
            folders += sorted(p for p in self.data.iterdir() if p.is_dir() and not (home / p.name).is_dir())
        named = [p.name for p in folders if not p.name.startswith((".", "_"))]
        return (*found, *(Source(source_name(n), self.data / n, home / n / MAPPING) for n in named))


def source_name(folder: str) -> str:
    """A folder's name as the name of a source.

    >>> source_name("HubSpot EU")
    'hubspot_eu'
    """
    plain = plain_name(folder)
    return plain if plain[:1].isalpha() else f"source_{plain}"


def _has_files(folder: Path) -> bool:
    if not folder.is_dir():
        return False
    return any(p.is_file() and p.name != MAPPING and not p.name.startswith(".") for p in folder.iterdir())


def open_workspace(root: Path, *, data: Path | None = None) -> Workspace:
    """Open the workspace at `root`; `data` reads the exports from another folder. Raises Refused with every problem."""
    file = root / SETTINGS
    if not file.is_file():
        raise Refused([NO_WORKSPACE.broken(f"{root} has no {SETTINGS}.", Where(str(file)))])
    if data is not None and not data.is_dir():
        raise Refused([NO_WORKSPACE.broken("There is no such folder of exports.", Where(str(data)), "Correct --data.")])
    config, problems = _config(file)
    if config is None:
        raise Refused(problems)
    return Workspace(root, config, data)


def _config(file: Path) -> tuple[Config | None, tuple[Problem, ...]]:
    read = text.read(file, SETTINGS)
    top = Where(SETTINGS, 1)
    if read.problems:
        return None, read.problems
    if read.data is not None and not isinstance(read.data, dict):
        return None, (BAD_SETTING.broken("expected settings such as `company: Acme`", top),)
    try:
        config = Config.model_validate(read.data or {})
    except ValidationError as bad:
        placed = [(e, place_of(e, read.data)) for e in bad.errors(include_url=False)]
        return None, tuple(
            problem_of(e, place, Config, text.nearest_place(read.places, place, top)) for e, place in placed
        )
    names = [s.name for s in config.sources]
    if len(set(names)) < len(names):
        return None, (
            BAD_SETTING.broken("two sources have one name", text.nearest_place(read.places, ("sources",), top)),
        )
    return config, ()
