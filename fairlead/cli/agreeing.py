"""Commands about what was agreed: dispute, settle, sources; and how words, versions and two builds are shown."""

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Annotated

import typer

from fairlead.cli import show
from fairlead.cli.frame import Json, here, print_json
from fairlead.model.examples import given_words, shown
from fairlead.picture.wording import Manner, Number, day_words, moment_words, period_words, worded

if TYPE_CHECKING:
    from fairlead.actions.comparing import BuildComparison, TableChange
    from fairlead.actions.dictionary import Term, TermPage
    from fairlead.actions.sources import SourceState
    from fairlead.actions.versions import Series, Version
    from fairlead.actions.why import Why

commands = typer.Typer()
UNDEFINED = "undefined"
MOST_DEFINITIONS = 20


@commands.command()
def dispute(  # noqa: PLR0913, PLR0917 - a command's options are its parameters
    term: Annotated[str, typer.Argument(help="A metric or another word of the dictionary.")],
    says: Annotated[str, typer.Option(help="What is wrong with its definition.")],
    by: Annotated[str, typer.Option(help="Who says so.", metavar="NAME")],
    given: Annotated[
        list[str] | None, typer.Option(help="A worked example: what an operand is; once each.", metavar="NAME=VALUE")
    ] = None,
    gives: Annotated[
        str | None, typer.Option(help="What the metric should then give: a number, or undefined.", metavar="VALUE")
    ] = None,
    raised_in: Annotated[str, typer.Option("--in", help="Where it came up, such as a meeting.")] = "",
    as_json: Json = False,
) -> None:
    """Dispute a definition: writes it into model/decisions.yaml, with an example that `fairlead check` tries."""
    from fairlead.actions.disputing import contested
    from fairlead.actions.disputing import dispute as verb

    if bool(given) != (gives is not None):
        raise _bad("An example says what is given and what it should give: use --given and --gives together.")
    values = dict(_operand(text) for text in given or ())
    new = verb(
        here(), term=term, says=says, by=by, given=values, gives=_number(gives or UNDEFINED), raised_in=raised_in
    )
    found = contested(here(), new.term)[-1]
    if as_json:
        print_json(found._asdict())
        return
    show.say(f"Written down: {found.where}.", "green")
    if found.dispute.given:
        show.say(
            f"With {given_words(found.dispute.given)} the definition gives {shown(found.found)}; claimed is "
            f"{shown(found.dispute.gives)}."
        )


@commands.command()
def settle(  # noqa: PLR0913, PLR0917 - a command's options are its parameters
    term: Annotated[str, typer.Argument(help="The metric or word whose dispute is settled.")],
    how: Annotated[str, typer.Option(help="How it was settled.")],
    by: Annotated[str, typer.Option(help="Who settled it.", metavar="NAME")],
    holds: Annotated[
        bool | None,
        typer.Option("--holds/--does-not-hold", help="Whether the definition is to give the disputed example."),
    ] = None,
    number: Annotated[
        int | None, typer.Option(help="Which one, where several are open: its place in the file.")
    ] = None,
    as_json: Json = False,
) -> None:
    """Settle a dispute: writes how into model/decisions.yaml; `fairlead check` then holds the definition to it."""
    from fairlead.actions.disputing import settle as verb

    done = verb(here(), term=term, how=how, by=by, agreed=holds, number=number)
    if as_json:
        print_json(done)
    else:
        show.say(f"Settled: {done.term}. {done.settled}", "green")
        show.note("`fairlead check` says whether the definition does what was settled.")


def _operand(text: str) -> tuple[str, float | None]:
    name, equals, value = text.partition("=")
    if not equals or not name.strip():
        raise _bad(f"'{text}' is no operand with its value; write won=1.")
    return name.strip(), _number(value)


def _number(text: str) -> float | None:
    if text.strip().lower() == UNDEFINED:
        return None
    try:
        return float(text)
    except ValueError:
        raise _bad(f"'{text}' is no number.") from None


def _bad(message: str) -> Exception:
    from fairlead.actions.laws import BAD_DISPUTE
    from fairlead.problem import Refused

    return Refused([BAD_DISPUTE.broken(message, hint="Write --given won=1 --given closed=4 --gives 0.3.")])


@commands.command()
def sources(as_json: Json = False) -> None:
    """List the sources: when each was last looked at and last changed, its rows, and whether it is stale."""
    from fairlead.actions.sources import sources as verb

    workspace = here()
    found = verb(workspace)
    if as_json:
        print_json([s._asdict() for s in found])
    elif found:
        _sources(found, workspace.manner)
    else:
        show.note(f"There is nothing to read in {workspace.data}.")


def _sources(found: Sequence["SourceState"], manner: Manner) -> None:
    headers = ["source", "table", "rows", "exports", "last looked at", "last changed", "gives"]
    rows = [
        [s.name, t.name, t.rows, t.exports, moment_words(t.seen_at, manner),
         moment_words(t.changed_at, manner) if t.changed_at else "", ", ".join(t.records)]
        for s in found for t in s.tables
    ]  # fmt: skip
    if rows:
        show.table(headers, rows, numbers=["rows", "exports"])
        show.say()
    for one in found:
        show.say(f"{one.name}: {one.says}", "yellow" if one.is_stale else "green")


def terms(found: Sequence["Term"]) -> None:
    """Words of the dictionary, a line each."""
    rows = [[t.id, t.ref, t.label, t.kind.replace("_", " "), t.unit, t.owner_name, t.says] for t in found]
    show.table(["id", "name", "label", "kind", "unit", "owner", "meaning"], rows)


def page(found: "TermPage", manner: Manner) -> None:
    """What else is known of a word: who looks at it, whose words it is, its examples and disputes."""
    if found.explanation is None:
        show.say(found.term.label, "bold")
        show.say(found.term.says)
        _lines({"Rule": found.rule, "Owner": found.term.owner_name, "Agreed in": str(found.where)})
    looks = (f"{look.label} ({look.cadence}{', ' + look.day if look.day else ''})" for look in found.looked_at)
    _lines(
        {
            "Looked at by": ", ".join(looks),
            "Pay depends on it": ", ".join(title for _, title in found.pay),
            "Named by": ", ".join(framework.title for framework in found.frameworks),
            "Benchmarks": " ".join(claim.says for claim in found.claims),
            "Data": found.freshness.says if found.freshness else "",
        }
    )
    for one in found.examples:
        word = "holds" if one.holds else f"does not hold: {one.fault or shown(one.found)}"
        show.say(f"  Example: {given_words(one.given)} gives {shown(one.gives)}; {word}.", "" if one.holds else "red")
    for number, raised, *_ in found.disputes:
        end = f"settled: {raised.settled}" if raised.settled else "open"
        show.say(f"  Disputed ({number}) by {raised.raised_by or 'somebody'}: {raised.says} ({end})")
    if len(found.versions) > 1:
        since = day_words(found.versions[-1].since.astimezone(manner.zone).date(), manner)
        show.say(f"  Defined so since {since}; `--versions` shows the {len(found.versions)} definitions it had.")


def _lines(fields: dict[str, str]) -> None:
    for name, value in fields.items():
        if value:
            show.say(f"  {name}: {value}")


def versions(found: Sequence["Series"], manner: Manner) -> None:
    """The definitions of a metric, what changed in each, and its values under each beside each other."""
    for number, series in enumerate(found, 1):
        show.say(f"({number}) {_since(series.version, manner)}", "bold")
        show.say(f"  {series.version.metric.definition}")
        for change in series.version.changes:
            show.say(f"  {change}")
        if series.note:
            show.note(f"  {series.note}")
    unit = str(found[-1].version.metric.unit)
    names = [f"({number})" for number in range(1, len(found) + 1)]
    values = [dict(series.points) for series in found]
    periods = dict.fromkeys(period for series in values for period in series)
    rows = [
        [period_words(period, manner), *(_value(one, period, unit, manner) for one in values)] for period in periods
    ]
    show.table(["period", *names], rows, numbers=names)


def _value(values: Mapping[str, Number | None], period: str, unit: str, manner: Manner) -> str:
    if period not in values:
        return ""
    value = values[period]
    return UNDEFINED if value is None else worded(value, unit, manner).text


def _since(version: "Version", manner: Manner) -> str:
    since = moment_words(version.since, manner)
    if version.is_current:
        return f"since {since}, as it is now" + ("" if version.is_built else " (not in a build yet)")
    return f"from {since} to {moment_words(version.until, manner) if version.until else 'now'}"


def comparison(found: "BuildComparison") -> None:
    """Two builds side by side: what only one knows, what was agreed and read otherwise, how the numbers moved."""
    show.say(f"{found.a.build} compared with {found.b.build}", "bold")
    headers = ["table", "source", "rows in", "", "kept", "", "set aside", ""]
    rows = [[t.table, t.source, *_counts(t)] for t in found.tables if not t.is_same]
    if rows:
        show.table(headers, rows, numbers=headers[2:])
    else:
        show.say("Every table has the same counts.")
    _lines(
        {
            f"Loads only in {found.a.build}": ", ".join(found.only_a),
            f"Loads only in {found.b.build}": ", ".join(found.only_b),
            "Settings": "; ".join(found.settings),
            "Code": "the code that makes rows is another" if found.code_changed else "",
        }
    )
    for reading in found.readings:
        show.say(
            f"  Read otherwise: {reading.table}.{reading.column} '{reading.found}' as '{reading.read_as}' of"
            f" {reading.source}: {reading.before} rows, then {reading.after}"
        )
    for change in found.changes or ():
        show.say(f"  Model: {change.says}")
    _definitions(found)
    for why in found.moves:
        _move(why)
    _lines({"As they were told before": ", ".join(why.label for why in found.moves if why.change == 0)})
    for said in found.notes:
        show.note(said)


def _definitions(found: "BuildComparison") -> None:
    """Recurring revenue that is counted otherwise, all of it and account by account."""
    if not found.definitions:
        return
    total = sum(one.money for one in found.definitions)
    show.say(f"  Recurring revenue counted otherwise: {total:+,.2f}, of {len(found.definitions)} accounts")
    rows = [
        [
            one.account or one.account_id,
            f"{one.before:,.2f}",
            f"{one.after:,.2f}",
            f"{one.money:+,.2f}",
            ", ".join(one.why),
        ]
        for one in found.definitions[:MOST_DEFINITIONS]
    ]
    headers = ["account", "before", "after", "definition", "because of"]
    show.table(headers, rows, numbers=headers[1:4])


def _counts(table: "TableChange") -> tuple[object, ...]:
    before, after = table.before, table.after
    pairs = ((getattr(b, name, None) for b in (before, after)) for name in ("rows_in", "kept", "set_aside"))
    return tuple(value for pair in pairs for value in pair)


def _move(why: "Why") -> None:
    """How one number moved, and what of it is the record; nothing of one that did not."""
    if why.change != 0:
        show.say(f"  {why.sentence}")
    for part in why.record:
        if part.part:
            show.say(f"    {part.says}")
