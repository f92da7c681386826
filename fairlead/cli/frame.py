"""What every command shares: the workspace it works on, moments as people write them, JSON for programs."""

import json
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from fairlead.cli import show

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence

    import pyarrow as pa

    from fairlead.problem import Problem
    from fairlead.workspace import Workspace

Json = Annotated[bool, typer.Option("--json", help="Print JSON.")]
DataOption = Annotated[Path | None, typer.Option("--data", help="Read the exports from this folder.", metavar="DIR")]
KnownAt = Annotated[
    str | None, typer.Option("--known-at", help="Answer from what was known then: 2026-03-31 or 2026-03-31T12:00.")
]
FirstDay = Annotated[str | None, typer.Option("--from", help="First day or period.", metavar="D")]
LastDay = Annotated[str | None, typer.Option("--to", help="Last day or period, included.", metavar="D")]
AsOf = Annotated[str | None, typer.Option("--as-of", help="The last day that counts.", metavar="T")]
Xlsx = Annotated[Path | None, typer.Option("--xlsx", help="Write an Excel file.", metavar="F")]

A_SECOND = timedelta(seconds=1)


class Place:
    """The workspace named with -C."""

    folder = Path()


def here(data: Path | None = None) -> "Workspace":
    from fairlead.workspace import open_workspace

    return open_workspace(Place.folder, data=data)


def moment(text: str | None, space: "Workspace", *, within: bool = False) -> datetime | None:
    """A moment as a person writes it; a day means its end, a time without offset is the company's.

    `within`: the last second of the day, which whoever reads it later still finds on that day.
    """
    if text is None:
        return None
    from fairlead.actions.laws import BAD_QUESTION
    from fairlead.problem import Refused

    try:
        found = datetime.fromisoformat(text)
    except ValueError:
        raise Refused(
            [BAD_QUESTION.broken(f"'{text}' is no moment.", hint="Write 2026-03-31 or 2026-03-31T12:00.")]
        ) from None
    if len(text) == len("2026-03-31"):
        return space.end_of(found.date()) - (A_SECOND if within else timedelta(0))
    return found if found.tzinfo else found.replace(tzinfo=space.zone)


def problems(found: "Iterable[Problem]") -> list[dict[str, object]]:
    return [_problem(p) for p in found]


def _problem(p: "Problem") -> dict[str, object]:
    return {
        "code": p.code,
        "severity": str(p.severity),
        "file": p.where.file if p.where else None,
        "line": p.where.line if p.where else None,
        "message": p.message,
        "hint": p.hint,
    }


def one_cut(by: "Sequence[str] | None") -> str | None:
    """What an answer is cut by; raises Refused for several, of which the last would be taken without a word."""
    from fairlead.actions.laws import BAD_QUESTION
    from fairlead.problem import Refused

    if by and len(by) > 1:
        hint = "Ask once for each; `fairlead ask` cuts metrics by several."
        raise Refused(
            [BAD_QUESTION.broken(f"this is cut by one dimension at a time, not by {' and '.join(by)}.", hint=hint)]
        )
    return by[0] if by else None


def given(value: object, sheets: "Callable[[], Mapping[str, pa.Table]]", *, xlsx: Path | None, as_json: bool) -> bool:
    """Whether a file or a program asked: then it is written, or printed, and there is nothing to show."""
    if xlsx:
        from fairlead.actions import exporting

        exporting.to_book(sheets(), xlsx)
        show.note(f"Wrote {xlsx}.")
    elif as_json:
        print_json(value)
    return xlsx is not None or as_json


def print_json(value: object) -> None:
    show.plain(json.dumps(_named(value), indent=1, ensure_ascii=False, default=_plain))


def _named(value: object) -> object:
    """Values with named parts as objects however deep they lie: left alone, JSON would make them bare lists."""
    from fairlead.problem import Problem

    if isinstance(value, Problem):
        return _problem(value)
    if isinstance(value, tuple) and hasattr(value, "_asdict"):
        return {name: _named(part) for name, part in value._asdict().items()}
    if isinstance(value, dict):
        return {key: _named(part) for key, part in value.items()}
    if isinstance(value, list | tuple):
        return [_named(part) for part in value]
    return value


def _plain(value: object) -> object:
    from pydantic import BaseModel

    if isinstance(value, BaseModel):
        return value.model_dump(mode="json", by_alias=True, exclude_defaults=True)
    if isinstance(value, Decimal):
        return float(value)
    if isinstance(value, datetime):
        return value.astimezone(UTC).isoformat()
    return str(value)
