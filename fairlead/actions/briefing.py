"""The neutral brief of a handoff: weak leads or no follow-up, told from the same rows, with what could be done."""

from collections import defaultdict
from collections.abc import Iterator, Sequence
from typing import Any, NamedTuple

from fairlead.actions.handing import named
from fairlead.actions.pricing import Seen
from fairlead.analysis import handed
from fairlead.analysis.shortfall import Answered, Shortfall, shortfall
from fairlead.model.agreed import Subject
from fairlead.values import in_words

Row = dict[str, Any]


class Side(NamedTuple):
    """Those of one source, segment or persona: both sides of the story in one line.

    Shares are 0 to 1, None where there is nobody: `accepted` of all, `in_time` of those answered in time, `late` of
    those answered late or never. `minutes` is the median of the working minutes until the answer, `attempts` how often
    each was tried on average.
    """

    dimension: str
    value: str
    handed: int
    answered: float
    late_count: int
    minutes: float | None
    attempts: float | None
    accepted: float
    in_time: float | None
    late: float | None


class Choice(NamedTuple):
    """Something that could be done (R48), and what in the rows speaks for it; `supported` when something does."""

    name: str
    says: str
    supported: bool


class Brief(NamedTuple):
    """Of `handed` leads `accepted` were accepted; `missing` more, had both sides done well.

    `leads` and `answers` are how many of these weak leads and late answers explain, `weak` the weak sources. Their
    shares of the whole are `leads` / `missing` and `answers` / `missing`, and mean something only where `has_shares`:
    both speak for the same side. `apart` more were handed over, of which it is not known yet whether they were accepted
    or answered in time. Empty `sides`: nothing can be compared. Of a deal or a customer, `leads` is what was handed
    over, and there are no `choices`, which are for leads.
    """

    handoff: str
    title: str
    handed: int
    accepted: int
    apart: int
    is_of_leads: bool
    missing: float
    leads: float
    answers: float
    weak: tuple[str, ...]
    sentence: str
    sides: tuple[Side, ...]
    choices: tuple[Choice, ...]
    build: str

    @property
    def has_shares(self) -> bool:
        """Whether both parts can be told as shares of what is missing."""
        return self.missing > 0 and self.leads >= 0 and self.answers >= 0


def brief(here: Seen, name: str) -> Brief:
    """Both sides of a handoff; raises Refused for one that is not agreed."""
    handoff = named(here.workspace, name)
    rows = [row for row in here.rows(handed.answers(here.span, name)).to_pylist() if row["dimension"]]
    sources = [row for row in rows if row["dimension"] == "source"]
    found = shortfall([Answered(row["value"] or "", row["is_late"], row["handed"], row["accepted"]) for row in sources])
    of_leads = handoff.subject is Subject.PERSON
    counts = {row["handoff"]: row["handed"] for row in here.rows(handed.summaries(here.span)).to_pylist()}
    apart = counts.get(name, 0) - found.handed
    return Brief(
        name,
        handoff.title,
        found.handed,
        found.accepted,
        apart,
        of_leads,
        float(found.missing),
        float(found.leads),
        float(found.answers),
        found.weak,
        _sentence(found, apart, of_leads=of_leads),
        tuple(_sides(rows)),
        _choices(here, name, found, sources) if of_leads else (),
        here.build.name,
    )


def _sentence(found: Shortfall, apart: int, *, of_leads: bool) -> str:
    if not found.handed:
        return "Nothing was handed over that could be compared."
    share = found.accepted / found.handed
    said = f"Of {found.handed:,} handed over, {found.accepted:,} ({share:.1%}) were accepted."
    if apart:
        said += f" Of {apart:,} more it is not known yet whether they were accepted or answered in time."
    if found.missing <= 0:
        return f"{said} Neither the sources nor the answers explain that more were not."
    would = (found.accepted + found.missing) / found.handed
    named_weak = "weak" if of_leads else "fewer accepted from"
    weak = f" ({named_weak}: {', '.join(map(in_words, found.weak))})" if found.weak else ""
    what = "weak leads explain" if of_leads else "what was handed over explains"
    leads, answers = (
        f"{float(part / found.missing):.0%}" if found.leads >= 0 and found.answers >= 0 else f"{round(part):,}"
        for part in (found.leads, found.answers)
    )
    return (
        f"{said} With sources as good as the rest and every answer in time it would have been {float(would):.1%}."
        f" Of these {float(found.missing):,.0f}, {what} {leads}{weak} and late or missing answers {answers}."
    )


def _sides(rows: Sequence[Row]) -> Iterator[Side]:
    by_value: dict[tuple[str, str], list[Row]] = defaultdict(list)
    for row in rows:
        by_value[row["dimension"], row["value"] or ""].append(row)
    for (dimension, value), both in sorted(
        by_value.items(), key=lambda item: (DIMENSIONS.index(item[0][0]), item[0][1])
    ):
        count = sum(row["handed"] for row in both)
        late = next((row for row in both if row["is_late"]), None)
        in_time = next((row for row in both if not row["is_late"]), None)
        tried = [row["attempts"] for row in both if row["attempts"] is not None]
        yield Side(
            dimension=dimension,
            value=value,
            handed=count,
            answered=sum(row["answered"] for row in both) / count,
            late_count=late["handed"] if late else 0,
            minutes=both[0]["minutes_of_all"],
            attempts=float(sum(tried)) / count if tried else None,
            accepted=sum(row["accepted"] for row in both) / count,
            in_time=in_time["accepted"] / in_time["handed"] if in_time else None,
            late=late["accepted"] / late["handed"] if late else None,
        )


DIMENSIONS = ("source", "segment", "persona")


def _choices(here: Seen, name: str, found: Shortfall, sources: Sequence[Row]) -> tuple[Choice, ...]:
    """R48's answers, each with what the rows say for or against it."""
    late = sum(row["handed"] for row in sources if row["is_late"])
    never = sum(row["handed"] - row["answered"] for row in sources)
    recycled = here.rows(handed.recycled(here.span, name)).to_pylist()
    back = [row for row in recycled if row["dimension"] == "return_reason" and row["value"]]
    reasons = sorted(back, key=lambda row: -row["returned"])[:2]
    told = ", ".join(f"{in_words(row['value']).lower()} {row['returned']:,}" for row in reasons)
    weak = ", ".join(map(in_words, found.weak))
    low = found.handed and found.accepted / found.handed < 0.5
    return (
        Choice(
            "adjust targeting",
            f"Fewer from {weak} are accepted than from others who were answered alike."
            if weak
            else "No source stands out as weak.",
            bool(weak),
        ),
        Choice(
            "refine qualification",
            f"{found.accepted:,} of {found.handed:,} were accepted, of all sources together.",
            bool(low),
        ),
        Choice("add nurture", f"Most were returned for: {told}." if told else "Nothing was returned.", bool(told)),
        Choice(
            "add call cadence",
            f"{late:,} were answered late or never, {never:,} of them never.",
            found.answers > 0 and late > 0,
        ),
    )
