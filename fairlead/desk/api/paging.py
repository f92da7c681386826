"""Long answers page by page: `limit` and `offset` in, `total` and `next` out."""

from collections.abc import Sequence
from typing import Generic, TypeVar

from django.http import HttpRequest
from ninja import Schema
from pydantic import ConfigDict, Field

from fairlead.desk.api.shapes import Shown

MOST = 500
FARTHEST = 10**9

Item = TypeVar("Item")


class Asking(Schema):
    """Base of what an operation takes in its query; a parameter that is not among its fields is refused."""

    model_config = ConfigDict(frozen=True, populate_by_name=True)


class Paging(Asking):
    """Which stretch of a list. Its order is the same every time, so pages cover all of it once."""

    limit: int = Field(100, ge=1, le=MOST, description=f"At most so many, up to {MOST}.")
    offset: int = Field(0, ge=0, le=FARTHEST, description="How many to leave out before the first.")


class Page(Shown, Generic[Item]):
    """One stretch of a list."""

    items: list[Item] = Field(description="The entries from `offset` on, at most `limit`.")
    total: int = Field(description="How many there are in all.", examples=[49])
    limit: int = Field(description="At most so many are in `items`.")
    offset: int = Field(description="How many come before the first of `items`.")
    next: str | None = Field(
        description="Address of the next stretch; null after the last.", examples=["/api/metrics?limit=100&offset=100"]
    )


def following(request: HttpRequest, asked: Paging, total: int) -> str | None:
    """The address of the next page, None after the last."""
    after = asked.offset + asked.limit
    if after >= total:
        return None
    query = request.GET.copy()
    query["limit"], query["offset"] = str(asked.limit), str(after)
    return f"{request.path}?{query.urlencode()}"


def stretch(every: Sequence[Item], asked: Paging) -> Sequence[Item]:
    """The entries of one page."""
    return every[asked.offset : asked.offset + asked.limit]
