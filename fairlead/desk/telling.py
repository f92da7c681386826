"""Facts of the model laid out to be read: what belongs in a sentence, a list, a small table or a card.

Entry of few plain facts, several alike ──> a row of a table      Entry of many ──> a card
Fact made of alike parts (limits, steps) ──> a small table        of names and values ──> names and values
"""

import re
from collections.abc import Sequence
from typing import NamedTuple

from fairlead.actions.agreements import Entry, Section
from fairlead.actions.facts import Fact
from fairlead.desk.linking import Piece, address, anchor
from fairlead.problem import Problem

LEADS = ("says", "purpose", "mission", "topic", "rule", "in_a_minute")  # told first, and without their name
COLUMNS = 6  # more facts than this want a card
ALIKE = 3  # entries from which on a table says more than cards
FIGURE = re.compile(r"[-+\u2212]?\d[\d.,]*( to [\d.,]+)?\s*(%|[a-z]+)?$")
WRITTEN = "#written"  # where the page names the file in which a figure is agreed
LONG = 45  # letters of an item that wants a line of its own


class ToldFact(NamedTuple):
    """One fact as it is read. `kind`: plain, rule (SQL), list, table, positions or facts."""

    name: str
    label: str
    says: str
    kind: str
    pieces: tuple[Piece, ...] = ()
    table: "Grid | None" = None
    facts: tuple["ToldFact", ...] = ()


class Line(NamedTuple):
    """A row of a table of facts: what it is called, and under each column the fact, or None."""

    id: str
    title: Piece
    cells: tuple[ToldFact | None, ...]
    problems: tuple[Problem, ...] = ()
    where: str = ""


class Grid(NamedTuple):
    """A table of facts: its columns by label and what they mean, and its rows."""

    columns: tuple[tuple[str, str], ...]
    lines: tuple[Line, ...]


class Card(NamedTuple):
    """An entry with its facts; `lead` is what is told first."""

    id: str
    title: str
    href: str
    where: str
    lead: tuple[str, ...]
    facts: tuple[ToldFact, ...]
    problems: tuple[Problem, ...]


class Part(NamedTuple):
    """A section of a subject: a table where its entries are alike and plain, cards otherwise.

    `narrow`: the cards hold no tables, and stand two beside each other.
    """

    id: str
    title: str
    says: str
    entries: int
    grid: Grid | None
    cards: tuple[Card, ...]
    narrow: bool


def part(section: Section, without: Sequence[str] = ()) -> Part:
    """A section as it is read best; facts named in `without` are told elsewhere, and entries of nothing else."""
    entries = [e._replace(facts=tuple(f for f in e.facts if f.name not in without)) for e in section.entries]
    entries = [e for e in entries if e.facts or not without]
    flat = len(entries) >= ALIKE and all(_is_leaf(f) for e in entries for f in e.facts)
    grid = _grid([_line(section.name, e) for e in entries], [e.facts for e in entries]) if flat else None
    if grid and len(grid.columns) > COLUMNS:
        grid = None
    cards = () if grid else tuple(_card(section.name, entry) for entry in entries)
    narrow = len(cards) > 1 and not any(fact.kind in WIDE for card in cards for fact in card.facts)
    return Part(section.name, section.title, section.says, len(entries), grid, cards, narrow)


def _line(section: str, entry: Entry) -> Line:
    page = address(f"{TERMS[section]}:{entry.name}") if section in TERMS else ""
    return Line(anchor(section, entry.name), Piece(entry.title, page), (), entry.problems, str(entry.where))


def _grid(lines: Sequence[Line], facts: Sequence[Sequence[Fact]]) -> Grid:
    """Facts by line under the columns they share, what is told first in front."""
    columns = {f.name: (_label(f), f.says) for one in facts for f in sorted(one, key=lambda f: f.name not in LEADS)}
    filled = []
    for line, own in zip(lines, facts, strict=True):
        by_name = {f.name: told(f) for f in own}
        filled.append(line._replace(cells=tuple(by_name.get(name) for name in columns)))
    return Grid(tuple(columns.values()), tuple(filled))


def _label(fact: Fact) -> str:
    return "Meaning" if fact.name == "says" else fact.label


def _card(section: str, entry: Entry) -> Card:
    lead = tuple(f.text for f in entry.facts if f.name in LEADS and f.text and f.text not in entry.title)
    rest = tuple(told(f) for f in entry.facts if f.name not in LEADS or not f.text)
    href = address(f"{TERMS[section]}:{entry.name}") if section in TERMS else ""
    return Card(
        id=anchor(section, entry.name),
        title=entry.title,
        href=href,
        where=str(entry.where),
        lead=lead,
        facts=rest,
        problems=entry.problems,
    )


WIDE = ("table", "positions", "facts")
TERMS = {"stages": "stage", "metrics": "metric", "measures": "measure", "definitions": "definition"}


def told(fact: Fact) -> ToldFact:
    """One fact as it is read best."""
    if fact.facts and fact.name == "positions":
        kind = "positions"
        return ToldFact(fact.name, fact.label, fact.says, kind, facts=tuple(map(_position, fact.facts)))
    if fact.facts and all(inner.facts for inner in fact.facts):
        lines = [Line("", _titled(inner), ()) for inner in fact.facts]
        grid = _grid(lines, [inner.facts for inner in fact.facts])
        return ToldFact(fact.name, fact.label, fact.says, "table", table=grid)
    if fact.facts:
        inner = tuple(told(f) for f in fact.facts)
        return ToldFact(fact.name, fact.label, fact.says, "facts", pieces=_pieces(fact), facts=inner)
    long = len(fact.items) > 1 and any(len(item) > LONG for item in fact.items)
    kind = "rule" if fact.kind == "rule" else "list" if long else "plain"
    return ToldFact(fact.name, fact.label, fact.says, kind, _pieces(fact))


def _position(fact: Fact) -> ToldFact:
    """What one framework says, under its name."""
    return ToldFact(fact.name, fact.label, fact.says, "plain", tuple(p for inner in fact.facts for p in _pieces(inner)))


def _titled(fact: Fact) -> Piece:
    """What a part of a fact is called, which may be the name of something else."""
    return Piece(fact.label, dict(fact.refers).get(fact.label, "") and address(dict(fact.refers)[fact.label]))


def _pieces(fact: Fact) -> tuple[Piece, ...]:
    """A fact's words, each with the page of what it names."""
    if fact.name == "disputed":
        return (Piece("disputed", tone="bad"),) if fact.text == "yes" else ()
    if fact.name == "days" and len(fact.items) == 2:
        return (Piece(" to ".join(fact.items), WRITTEN, tone="figure"),)
    targets = dict(fact.refers)
    texts = fact.items or ((fact.text,) if fact.text else ())
    return tuple(_piece(text, address(targets[text]) if text in targets else "", fact) for text in texts)


def _piece(text: str, href: str, fact: Fact) -> Piece:
    if text in fact.unmet:
        return Piece(text, href, "nobody provides it", "bad")
    if not href and FIGURE.match(text):
        return Piece(text, WRITTEN, tone="figure")
    return Piece(text, href)


def _is_leaf(fact: Fact) -> bool:
    return not fact.facts
