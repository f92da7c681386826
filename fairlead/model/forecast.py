"""forecast.yaml: one methodology, the rules of the categories, and how a call is submitted and judged."""

from pydantic import Field

from fairlead.model.agreed import Agreed, Book, Cadence, Named, Names
from fairlead.model.calendars import Weekday


class Category(Named):
    """A forecast category: the rule a deal must satisfy, whoever feels what about it."""

    label: str = Field("", description="Name on pages.")
    says: str = Field("", description="The rule in words.")
    when: str | None = Field(None, description="The rule as a predicate over facts_opportunity.")
    counts: bool = Field(True, description="Whether its deals count towards the cumulative call.")
    required: Names = Field((), description="Columns that must be filled for the category.")


class Submission(Agreed):
    """When and by whom the call is submitted."""

    cadence: Cadence = Field(Cadence.WEEKLY, description="How often.")
    day: Weekday | None = Field(None, description="Day by whose end it is locked.")
    time: str = Field("", description="Time of the lock, in the company's timezone, such as 17:00.")
    chain: Names = Field((), description="Roles from the first call to the last; each may override the one below.")
    meeting: str | None = Field(None, description="The meeting in which it is discussed.")


class Forecast(Agreed):
    """forecast.yaml."""

    methodology: str = Field("", description="How a call is made, in words.")
    accountable: str | None = Field(None, description="The role that answers for the company's forecast.")
    categories: Book[Category] = Field(default_factory=dict, description="Categories from the surest to the least.")
    submission: Submission = Field(default_factory=Submission, description="Rhythm and chain of calls.")
    close_date_reasons: Names = Field((), description="Allowed reasons for moving a close date.")
    slippage_reasons: Names = Field((), description="Allowed reasons for a deal that slipped the period.")
    accuracy_band: float = Field(0.1, gt=0, lt=1, description="A call is in band within this share of the actual.")
    second_opinion: str = Field("", description="What a model's prediction may and may not be used for.")
    trend_band: float = Field(0.05, gt=0, lt=1, description="Change within which a trend is called stable.")
