"""What every answer is made of: exact numbers, cells of rows, and problems in one shape."""

from collections.abc import Iterable
from datetime import date, datetime
from decimal import Decimal
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field, WithJsonSchema

from fairlead.problem import Problem

Figure = Annotated[Decimal | float, WithJsonSchema({"type": "number"})]
Cell = Annotated[
    bool | int | Decimal | float | str | datetime | date | None,
    WithJsonSchema({"anyOf": [{"type": t} for t in ("string", "number", "boolean", "null")]}),
]


class Shown(BaseModel):
    """Base of every answer: frozen, read from the attributes of what a verb returns."""

    model_config = ConfigDict(from_attributes=True, frozen=True)


class ProblemShown(Shown):
    """One thing that is wrong, where, and what to do."""

    code: str = Field(description="The law that is broken; docs/laws.md explains each.", examples=["unknown-metric"])
    severity: str = Field(description="error or warning.", examples=["error"])
    message: str = Field(description="What is wrong.", examples=["unknown metric 'win_rat'."])
    hint: str | None = Field(description="What to do about it.", examples=["Did you mean 'win_rate'?"])
    file: str | None = Field(description="The file it is in, where there is one.")
    line: int | None = Field(description="The line of that file, counted from 1.")


class Problems(Shown):
    """Why there is no answer: every refusal has this shape."""

    problems: list[ProblemShown] = Field(description="Everything that is wrong; never empty.")


def problem_shown(problem: Problem) -> ProblemShown:
    where = problem.where
    return ProblemShown(
        code=problem.code,
        severity=str(problem.severity),
        message=problem.message,
        hint=problem.hint,
        file=where.file if where else None,
        line=where.line if where else None,
    )


def problems_shown(problems: Iterable[Problem]) -> list[ProblemShown]:
    return [problem_shown(problem) for problem in problems]
