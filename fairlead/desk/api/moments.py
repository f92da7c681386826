"""Days and moments as programs send them."""

from datetime import date, timedelta

from pydantic import Field

from fairlead.actions.laws import BAD_QUESTION
from fairlead.desk.api.paging import Asking
from fairlead.problem import Refused
from fairlead.values import span_of
from fairlead.workspace import Workspace

LONGEST = 4000  # letters of a predicate; one of the model may not be longer either


class AsOf(Asking):
    """The day a question is asked on."""

    as_of: str | None = Field(
        None, max_length=40, description="The last day that counts: 2026-03-31, or a period, whose last day it is."
    )


class Narrowed(AsOf):
    """Which rows count, and by what was known when."""

    where: str | None = Field(
        None, max_length=LONGEST, description="Only rows for which this predicate holds: amount >= 5000."
    )
    known_at: str | None = Field(
        None, max_length=40, description="Answer from what was known then: 2026-03-31 or 2026-03-31T12:00:00Z."
    )


class Spanned(Narrowed):
    """The same over a stretch of time, open where nothing is said."""

    start: str | None = Field(None, alias="from", max_length=40, description="First day or period: 2026-Q1.")
    end: str | None = Field(None, alias="to", max_length=40, description="Last day or period, included.")


def day_of(text: str | None, workspace: Workspace) -> date | None:
    """A day, or the last day of a period; refused when it is neither."""
    if text is None:
        return None
    span = span_of(text, workspace.config.fiscal_year_start)
    if span is None:
        raise Refused([BAD_QUESTION.broken(f"'{text}' is no day and no period.")])
    return span.end - timedelta(days=1)
