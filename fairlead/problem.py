"""What is wrong, where, and what to do about it.

A `Law` is one rule with one code and one wording; a `Problem` is one place that breaks it. Loading and
checking return problems and carry on; `Refused` is raised only by verbs that cannot go on, and carries
the problems that say why.

    Law ──broken()──> Problem(code, severity, where=file:line, message, hint)
                        └── Refused(problems)          an action cannot go on: faces print it, exit 1
"""

import difflib
from collections.abc import Iterable, Sequence
from enum import StrEnum
from typing import NamedTuple


class Severity(StrEnum):
    """How bad: an error makes numbers wrong or impossible, a warning is advice that may be ignored."""

    ERROR = "error"
    WARNING = "warning"


class Where(NamedTuple):
    """A place a person can open: a file (as the user would write it) and a line, counted from 1."""

    file: str
    line: int | None = None

    def __str__(self) -> str:
        return self.file if self.line is None else f"{self.file}:{self.line}"


class Problem(NamedTuple):
    """One broken law in one place."""

    code: str
    severity: Severity
    where: Where | None
    message: str
    hint: str | None = None

    @property
    def is_error(self) -> bool:
        return self.severity is Severity.ERROR

    @property
    def says(self) -> str:
        """The message as a sentence that may stand by itself; a name it begins with is left as it is.

        >>> [Problem("x", Severity.ERROR, None, text).says for text in ("unknown metric 'win'", "win_rate: no unit")]
        ["Unknown metric 'win'.", 'win_rate: no unit.']
        """
        said = self.ended
        return said[:1].upper() + said[1:] if said.split(" ", 1)[0].isalpha() else said

    @property
    def ended(self) -> str:
        """The message with a full stop, so that a hint can follow it."""
        return self.message if self.message.endswith((".", "?", "!")) else f"{self.message}."

    def __str__(self) -> str:
        place = f"{self.where}: " if self.where else ""
        hint = f" {self.hint}" if self.hint else ""
        return f"{place}{self.severity} [{self.code}] {self.ended}{hint}"


class Law(NamedTuple):
    """One rule, worded once. `why` and `mend` are the text of docs/laws.md."""

    code: str
    severity: Severity
    why: str
    mend: str

    def broken(self, message: str, where: Where | None = None, hint: str | None = None) -> Problem:
        """The Problem of breaking this law at `where`; `hint` defaults to how the law is mended."""
        return Problem(self.code, self.severity, where, message, self.mend if hint is None else hint)


class Refused(Exception):  # noqa: N818 - a refusal is an answer, not an error
    """A verb cannot go on; `problems` (never empty) say why. Faces print them and exit 1."""

    def __init__(self, problems: Sequence[Problem]) -> None:
        self.problems = tuple(problems)
        super().__init__("\n".join(map(str, self.problems)))


def by_place(problem: Problem) -> tuple[str, int, str]:
    """What problems are sorted by: the file, the line, then the code; those without a place first."""
    where = problem.where
    return (where.file, where.line or 0, problem.code) if where else ("", 0, problem.code)


def nearest(name: str, known: Iterable[str]) -> str | None:
    """The known name closest to a misspelt one, or None when nothing is close.

    >>> nearest("win_rat", ["win_rate", "bookings"])
    'win_rate'
    """
    found = difflib.get_close_matches(name, sorted(known), n=1, cutoff=0.6)
    return found[0] if found else None


def did_you_mean(name: str, known: Iterable[str]) -> str:
    """A sentence offering the nearest name, or listing what there is when nothing is near."""
    names = sorted(known)
    if near := nearest(name, names):
        return f"Did you mean '{near}'?"
    if not names:
        return "There is nothing to choose from here."
    shown = ", ".join(names[:12])
    return f"Known: {shown}{', ...' if len(names) > 12 else '.'}"
