"""What a request asks of a number, and at which field of the form each problem with it belongs."""

from collections.abc import Iterable, Sequence
from datetime import UTC, datetime
from typing import Any, NamedTuple

from django.http import HttpRequest

from fairlead.actions.asking import Asked
from fairlead.actions.laws import BAD_QUESTION
from fairlead.desk.refusals import must_be_mended
from fairlead.problem import Problem, Refused
from fairlead.workspace import Workspace

AT = {"unknown-dimension": "by", "no-build": "reported", "unknown-build": "reported"}
# What the values of a field are, where its name in the address is no word for it.
WORDS = {
    "per": "length of time to count by", "mode": "way of counting", "weeks": "number of weeks to show",
    "skipped": "way to count who jumped over a stage", "reopened": "way to count who comes back",
    "what": "number that a list stands behind",
}  # fmt: skip
DAY = len("2026-03-31")
TIMES = (("start", "from"), ("end", "to"), ("as_of", "as_of"), ("per", "per"))

Faults = dict[str, list[Problem]]


class Typed(NamedTuple):
    """The form as it was filled in: text, empty where nothing was. The same names as in the address."""

    per: str = ""
    by: tuple[str, ...] = ()
    start: str = ""
    end: str = ""
    where: str = ""
    as_of: str = ""
    measure: str = ""
    reported: str = ""
    known_at: str = ""

    def asked(self, metric: str, *, per: str = "") -> Asked:
        """The question it asks about a metric."""
        return Asked(
            (metric,),
            self.per or per or None,
            self.by,
            self.where or None,
            self.start or None,
            self.end or None,
            self.as_of or None,
        )

    def asking(self, **other: str | tuple[str, ...]) -> dict[str, Any]:
        """What an address must say to ask the same, with some of it changed."""
        return {**self._asdict(), **other}


def typed(request: HttpRequest) -> Typed:
    """What the address asks; surrounding blanks are nobody's intention."""
    said = request.GET

    def one(name: str) -> str:
        return said.get(name, "").strip()

    return Typed(
        per=one("per"),
        by=tuple(dict.fromkeys(value.strip() for value in said.getlist("by") if value.strip())),
        start=one("from"),
        end=one("to"),
        where=one("where"),
        as_of=one("as_of"),
        measure=one("measure"),
        reported=one("reported"),
        known_at=one("known_at"),
    )


def page_number(request: HttpRequest) -> int:
    """The page of a long table that is asked for, the first one where none is; raises Refused for what is no page."""
    text = request.GET.get("page", "").strip()
    if text and not (text.isascii() and text.isdigit() and len(text) < 9 and int(text)):
        raise Refused([BAD_QUESTION.broken(f"'{text[:40]}' is no page.", hint="Pages count from 1.")])
    return int(text or 1)


def one_of(request: HttpRequest, name: str, allowed: Iterable[str]) -> str:
    """What an address says under a name that takes only some values; empty where it says nothing.

    Raises Refused for any other value: a filter that is silently not applied answers another question.
    """
    text, known = request.GET.get(name, "").strip(), list(allowed)
    if text and text not in known:
        offered = f"It may be {', '.join(known)}." if known else "There is none."
        raise Refused([BAD_QUESTION.broken(f"'{text[:40]}' is no {WORDS.get(name, name)}.", hint=offered)])
    return text


def by_field(problems: Sequence[Problem], form: Typed) -> Faults:
    """Problems by the field (as in the address) that they are about; those about none under `metric`.

    Raises Refused with what no field of a form is at fault for: a lake that must be mended first.
    """
    if must_be_mended(problems):
        raise Refused(problems)
    placed: Faults = {}
    for problem in problems:
        placed.setdefault(_field(problem, form), []).append(problem)
    return placed


def _field(problem: Problem, form: Typed) -> str:
    if problem.code in AT:
        return AT[problem.code]
    if problem.code == "unknown-metric":
        return "measure" if form.measure else "metric"
    if problem.code == "bad-question":
        quoted = (name for key, name in TIMES if (value := getattr(form, key)) and f"'{value}'" in problem.message)
        return next(quoted, "from")
    return "where" if form.where else "metric"


def moment_of(text: str | None, workspace: Workspace, now: datetime) -> datetime | None:
    """A moment, None for now; a day means its end, and without an offset it is in the company's time zone.

    What is known at a later moment than now is what is known now.
    """
    if text is None:
        return None
    try:
        found = datetime.fromisoformat(text)
        if len(text) == DAY:
            found = workspace.end_of(found.date())
        aware = found if found.tzinfo else found.replace(tzinfo=workspace.zone)
        return aware if aware.astimezone(UTC) < now else None
    except (ValueError, OverflowError):
        hint = "Write 2026-03-31 or 2026-03-31T12:00:00Z."
        raise Refused([BAD_QUESTION.broken(f"'{text}' is no moment.", hint=hint)]) from None
