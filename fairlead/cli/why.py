"""The command that tells why a number moved."""

from collections.abc import Iterator
from decimal import Decimal
from typing import TYPE_CHECKING, Annotated

import typer

from fairlead.cli import show
from fairlead.cli.frame import AsOf, Json, KnownAt, here, moment, print_json

if TYPE_CHECKING:
    from fairlead.actions.why import Cut, Part, Why
    from fairlead.picture.wording import Manner, Number

commands = typer.Typer()


@commands.command()
def why(  # noqa: PLR0913, PLR0917 - a command's options are its parameters
    metric: Annotated[str, typer.Argument(help="A metric or measure of the dictionary.")],
    start: Annotated[str, typer.Option("--from", help="The first period: 2026-09, 2026-Q3, 2026-W36.", metavar="P")],
    end: Annotated[str, typer.Option("--to", help="The period it is compared with.", metavar="P")],
    by: Annotated[
        list[str] | None, typer.Option(help="Cut the move by this dimension; may be given again.", metavar="DIM")
    ] = None,
    where: Annotated[str | None, typer.Option(help="Only rows for which this holds.", metavar="PREDICATE")] = None,
    reported: Annotated[
        str | None,
        typer.Option(help="Start from what this build told, and say what the record changed since.", metavar="BUILD"),
    ] = None,
    as_of: AsOf = None,
    known_at: KnownAt = None,
    as_json: Json = False,
    as_csv: Annotated[bool, typer.Option("--csv", help="Print CSV, a line a part.")] = False,
) -> None:
    """Tell why a number moved: exactly, over what it is made of, over segments, and over what the record changed."""
    from fairlead.actions.exporting import to_csv
    from fairlead.actions.reasoned import reasoned
    from fairlead.actions.why import why as verb

    workspace = here()
    with show.progress() as progress:
        found = verb(
            workspace,
            metric,
            start=start,
            end=end,
            by=by or (),
            where=where,
            reported=reported,
            as_of=as_of,
            known_at=moment(known_at, workspace),
            progress=progress,
        )
    show.problems(found.notes)
    if as_json:
        print_json(found)
    elif as_csv:
        show.plain(to_csv(reasoned(found)).rstrip("\n"))
    else:
        _shown(found, workspace.manner)


def _shown(found: "Why", manner: "Manner") -> None:
    """The sentence, then the tables behind it."""
    from fairlead.picture.wording import period_words

    show.say(found.sentence, "bold")
    periods = [period_words(found.period_from, manner), period_words(found.period_to, manner)]
    if found.record:
        show.say("\nThe record", "bold")
        rows = [
            [p.kind, "" if p.rows is None else p.rows, _adds(p.part, found.unit, manner), p.says] for p in found.record
        ]
        show.table(["changed", "records", "adds", ""], rows, numbers=["records", "adds"])
    show.say("\nMade of", "bold")
    headers = ["", *periods, "adds", "share"]
    lines = list(_lines(found.whole, found, manner))
    show.table(headers, lines, numbers=headers[1:])
    for cut in found.cuts:
        show.say(f"\nBy {cut.dimension}", "bold")
        _cut(cut, found, periods, manner)


def _lines(part: "Part", found: "Why", manner: "Manner", depth: int = 0) -> Iterator[list[str]]:
    """A node and what it is made of, each level further in."""
    from fairlead.picture.reasons import share

    label = f"{'  ' * depth}{part.label}{f' ({part.note})' if part.note else ''}"
    values = [_value(value, part.unit, manner) for value in (part.before, part.after)]
    yield [label, *values, _adds(part.part, found.unit, manner), share(part.part, found.whole.part, manner)]
    for below in part.parts:
        yield from _lines(below, found, manner, depth + 1)


def _cut(cut: "Cut", found: "Why", periods: list[str], manner: "Manner") -> None:
    is_mix = cut.kind == "mix"
    headers = [
        cut.dimension,
        f"{periods[0]} ",
        periods[1],
        "adds",
        *(["mix", "rate", "weight from", "to"] if is_mix else []),
    ]
    rows = []
    for one in cut.slices:
        row = ["(none)" if one.value is None else one.value]
        row += [_value(value, found.unit, manner) for value in (one.before, one.after)]
        row.append(_adds(one.part, found.unit, manner))
        if is_mix:
            row += [_adds(part, found.unit, manner) for part in (one.mix, one.rate)]
            row += [_value(weight, "percent", manner) for weight in (one.weight_before, one.weight_after)]
        rows.append(row)
    show.table(headers, rows, numbers=headers[1:])
    if cut.note:
        show.note(f"{cut.note[0].upper()}{cut.note[1:]}.")


def _value(value: "Number | None", unit: str, manner: "Manner") -> str:
    from fairlead.picture.wording import worded

    return "undefined" if value is None else worded(value, unit, manner).text


def _adds(part: Decimal | None, unit: str, manner: "Manner") -> str:
    from fairlead.picture.reasons import signed

    return "" if part is None else signed(part, unit, manner)
