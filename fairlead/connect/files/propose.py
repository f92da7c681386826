"""`fairlead map`: a mapping for a folder, every guess with its why, and what cannot be guessed left to be chosen.

    folder ──look at names and values──> Proposal(text of mapping.yaml, findings, problems)

Where the data allows two readings the proposal writes `choose` with the readings in a comment above; the mapping is
refused until a person has replaced it.
"""

import re
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

from fairlead.connect.files import mapping as mappings
from fairlead.connect.files.folder import data_files
from fairlead.connect.files.guess import Guess, classify, missing
from fairlead.connect.files.inspecting import Finding, findings
from fairlead.connect.files.mapping import CHOOSE
from fairlead.connect.files.profile import Profile, Sheet
from fairlead.connect.files.proposed import Known, TableText, listed, scalar, words
from fairlead.connect.laws import FILE_UNMAPPED, INCOMPLETE, MAPPING_EXISTS
from fairlead.model import text as yaml_text
from fairlead.model.tables import CANONICAL_BY_NAME
from fairlead.problem import Problem, Refused, Where
from fairlead.values import Progress, quiet

WIDE = 100
MANY = 12  # columns named before the others are only counted


class Unread(NamedTuple):
    """Columns of a file, or of one sheet of it, that hold something and that nothing of the proposal reads."""

    file: str
    sheet: str | None
    columns: tuple[str, ...]

    @property
    def names(self) -> str:
        """The columns by name, the first of them where they are many."""
        more = len(self.columns) - MANY
        return ", ".join((*self.columns[:MANY], *([f"and {more} others"] if more > 0 else [])))


class Proposal(NamedTuple):
    """A proposed mapping. `problems`: what is still to be chosen, and files that no table was found for."""

    text: str
    findings: tuple[Finding, ...]
    problems: tuple[Problem, ...]
    unread: tuple[Unread, ...]


def propose(
    folder: Path, *, currency: str | None = None, timezone: str = "UTC", progress: Progress = quiet
) -> Proposal:
    """A mapping for the exports in `folder`. `currency`, `timezone`: the company's, for what names none itself."""
    with Profile(folder, data_files(folder), progress) as profile:
        found = findings(profile)
        guesses = [(sheet, classify(sheet)) for sheet in profile.sheets]
        writer = _Writer(guesses, found, currency, timezone)
        text = writer.text()
    read = mappings.understand(yaml_text.understand(text, "mapping.yaml"), "mapping.yaml")
    unmapped = [
        FILE_UNMAPPED.broken("No table of the record was recognised in this file.", Where(s.file))
        for s, g in guesses
        if g is None
    ]
    unreadable = [f.problem for f in found if f.kind == "unreadable"]
    return Proposal(text, found, (*read.problems, *unreadable, *_incomplete(text), *unmapped), tuple(writer.unread))


def _incomplete(text: str) -> list[Problem]:
    """Tables that the proposal leaves as comments, because a column they need was not recognised."""
    lines = ((n, line.strip()) for n, line in enumerate(text.splitlines(), start=1))
    found = [(n, re.match(r"# choose: (\w+ needs .*), which no column", line)) for n, line in lines]
    return [INCOMPLETE.broken(f"{m[1]}.", Where("mapping.yaml", n)) for n, m in found if m]


def write(  # noqa: PLR0913
    folder: Path,
    mapping: Path,
    *,
    currency: str | None = None,
    timezone: str = "UTC",
    overwrite: bool = False,
    progress: Progress = quiet,
) -> Proposal:
    """Propose a mapping and write it to `mapping`; refused when there is one already, unless told to overwrite."""
    if mapping.exists() and not overwrite:
        raise Refused([MAPPING_EXISTS.broken("There is a mapping already.", Where(mapping.name))])
    proposal = propose(folder, currency=currency, timezone=timezone, progress=progress)
    mapping.parent.mkdir(parents=True, exist_ok=True)
    mapping.write_text(proposal.text, encoding="utf-8")
    return proposal


def _one_line(text: str, most: int) -> str:
    """A text as it may stand in a comment: a header or a cell may hold line breaks, or a novel."""
    plain = " ".join(text.split())
    return plain if len(plain) <= most else f"{plain[: most - 3]}..."


class _Writer:
    """Writes the proposal line by line."""

    def __init__(
        self, guesses: Sequence[tuple[Sheet, Guess | None]], found: Sequence[Finding], currency: str | None, zone: str
    ) -> None:
        self.guesses = guesses
        self.known = [g for _, g in guesses if g is not None]
        self.found = found
        self.currency, self.zone = currency, zone
        self.lines: list[str] = []
        self.unread: list[Unread] = []

    def text(self) -> str:
        self.lines = [
            "# Proposed by `fairlead map` from the names and values of the columns; every guess says why.",
            "# Lines marked `choose` allow two readings: replace the word. Nothing is read until all are replaced.",
            "export: full",
            "dates: iso",
            f"timezone: {self.zone}  # of times without an offset; a guess",
        ]
        if self.currency:
            self.lines.append(f"currency: {self.currency}  # the company's, for amounts that name none; a guess")
        if nulls := self._nulls():
            seen = ", ".join(f"{f.where}" for f in self.found if f.kind == "placeholder")
            self.lines += [f"# Placeholders, read as empty; seen at {seen[:200]}", f"nulls: {listed(['', *nulls])}"]
        self.lines.append("files:" if self.known else "files: []")
        for guess in self.known:
            self._file(guess)
        self._ignored()
        return "\n".join(self.lines) + "\n"

    def _ignored(self) -> None:
        """Files in which no table was recognised, with what a person needs to map them by hand."""
        known = {g.sheet.file for g in self.known}
        left = [s for s, g in self.guesses if g is None and s.file not in known]
        if not left:
            return
        self.lines.append("# No table was recognised in these; map them (docs/files.md shows how), or leave them here.")
        for sheet in left:
            names = ", ".join(column.name for column in sheet.columns)
            self.lines.append(f"# {sheet.file}: {_one_line(names, 2 * WIDE)}")
            self._dirt(sheet)
        self.lines.append(f"ignore: {listed(sorted({s.file for s in left}))}")

    def _nulls(self) -> list[str]:
        return list(dict.fromkeys(f.example for f in self.found if f.kind == "placeholder"))

    def _file(self, guess: Guess) -> None:
        sheet = guess.sheet
        self.lines.append(f"  - file: {scalar(sheet.file)}  # {sheet.rows:,} rows")
        if sheet.sheet:
            self.lines.append(f"    sheet: {scalar(sheet.sheet)}")
        if sheet.header > 1:
            self.lines.append(f"    header: {sheet.header}")
        self._dirt(sheet)
        if guess.key:
            self.lines.append(f"    key: {listed(guess.key)}  # {guess.key_why}")
        elif guess.keys:
            self.lines += [
                f"    # choose: {' or '.join(guess.keys)}; all are unique in {sheet.file}",
                f"    key: {CHOOSE}",
            ]
        else:
            self.lines.append("    # no key: no column is unique, so a row is identified by its whole content")
        tables = self._tables(guess)
        self._left(guess, {name for table in tables for name in table.reads})
        self.lines.append("    tables:")
        for table in tables:
            self._table(guess, table)

    def _left(self, guess: Guess, reads: set[str]) -> None:
        """The columns that no table of the file reads; of two of one name, the other was offered to be chosen."""
        sheet, taken = guess.sheet, {*reads, *guess.key, *guess.keys}
        taken |= {
            c.name for c in sheet.columns if (first := c.name.rpartition(" (")[0]) in sheet.repeated and first in reads
        }
        if columns := tuple(c.name for c in sheet.columns if c.said and c.name not in taken):
            self.unread.append(Unread(sheet.file, sheet.sheet, columns))
            self.lines.append(f"    # left unread: {_one_line(self.unread[-1].names, 3 * WIDE)}")

    def _dirt(self, sheet: Sheet) -> None:
        place = (sheet.file, sheet.sheet)
        mine = [f for f in self.found if (f.where.file, f.sheet) == place and f.kind != "placeholder"]
        self.lines += [f"    # found: {f.where}: {_one_line(f.says, 3 * WIDE)}" for f in mine]

    def _tables(self, guess: Guess) -> list["TableText"]:
        main = TableText(CANONICAL_BY_NAME[guess.table], dict(guess.columns))
        main.complete(Known(self.known, self.found), guess)
        return [*main.parents(Known(self.known, self.found), guess), main]

    def _table(self, guess: Guess, table: "TableText") -> None:
        lacking = missing(table.table, list(table.cells))
        mark = "      # " if lacking else "      "
        if lacking:
            self.lines.append(
                f"      # choose: {table.table.name} needs {', '.join(lacking)}, which no column was recognised for;"
                " complete these lines:"
            )
        if lacking and self.lines[-2].strip() == "tables:":
            self.lines[-2] = "    tables: []"
        body = [f"- table: {table.table.name}", *(f"  {line}" for line in table.extra), "  columns:"]
        body += [
            f"    {line}"
            for name in table.cells
            for line in (*table.above.get(name, ()), f"{name}: {table.cells[name]}")
        ]
        if table.values:
            body += [f"  {line}" for line in table.above.get("values", ())]
            body += ["  values:", *(f"    {field}: {words(named)}" for field, named in table.values.items())]
        if table.keys:
            body += ["  keys:", *(f"    {k}: {scalar(v)}" for k, v in table.keys.items())]
        if table.why:
            body += ["  why:", *(f"    {name}: {scalar(why)}" for name, why in table.why.items())]
        self.lines += [mark + line for line in body]
