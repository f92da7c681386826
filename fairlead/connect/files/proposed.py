"""One table of a proposed mapping, line by line: what each column is taken from, what is above it, and why."""

import json
import re
from collections.abc import Iterable, Mapping, Sequence
from typing import NamedTuple

from fairlead.connect.files.guess import Guess, Match, overlap
from fairlead.connect.files.inspecting import Finding, ambiguous_styles, is_amount
from fairlead.connect.files.mapping import CHOOSE
from fairlead.connect.files.picklists import read_as, stages_told
from fairlead.connect.files.profile import Column, Sheet
from fairlead.connect.files.vocabulary import DELETED, FIELDS, PICKLISTS, SIDES, STAGES, plain
from fairlead.model.tables import CANONICAL_BY_NAME, Kind, Table

WIDE = 100


class Known(NamedTuple):
    """What is known of the whole folder: what each sheet was taken for, and what is dirty."""

    guesses: Sequence[Guess]
    found: Sequence[Finding]


def scalar(value: str) -> str:
    """A text as YAML, quoted only where it would be read as something else.

    >>> scalar("Deal Name"), scalar("yes"), scalar("a: b"), scalar("12")
    ('Deal Name', '"yes"', '"a: b"', '"12"')
    """
    safe = re.fullmatch(r"[^\W\d][\w ./()€$+-]*[\w)]|[^\W\d]", value) and value.lower() not in (
        "yes", "no", "true", "false", "null", "on", "off", "y", "n", "choose",
    )  # fmt: skip
    return value if safe else json.dumps(value, ensure_ascii=False)


def listed(values: Iterable[str]) -> str:
    return f"[{', '.join(map(scalar, values))}]"


def flow(pairs: Mapping[str, str]) -> str:
    """A YAML mapping on one line, of texts that are YAML already."""
    return f"{{{', '.join(f'{k}: {v}' for k, v in pairs.items())}}}"


def words(named: Mapping[str, str]) -> str:
    """A value map as YAML on one line."""
    return flow({scalar(said): scalar(word) for said, word in named.items()})


def kept(values: Sequence[str]) -> str:
    """The comment on values that no word of the record was recognised for, on one line whatever a cell holds."""
    return f"# kept as they are: {' '.join(', '.join(values[:8]).split())[:WIDE]}"


class TableText:
    """One table of a file as lines: cells by column, comments above them, and their whys."""

    def __init__(self, table: Table, matches: Mapping[str, Match]) -> None:
        self.table = table
        self.matches = dict(matches)
        self.cells: dict[str, str] = {}
        self.above: dict[str, list[str]] = {}
        self.why: dict[str, str] = {}
        self.keys: dict[str, str] = {}
        self.values: dict[str, dict[str, str]] = {}
        self.extra: list[str] = []
        self.reads: set[str] = set()

    def complete(self, known: Known, guess: Guess) -> None:
        order = [c.name for c in self.table.columns]
        for name, match in sorted(self.matches.items(), key=lambda item: order.index(item[0])):
            column = guess.sheet.column(match.column)
            declared = self.table.column(name)
            if column is None or declared is None:
                continue
            self.reads.add(match.column)
            self.why[name] = match.why
            self.cells[name] = self._cell(known, guess, name, column)
        self._deleted(guess)
        self._fan_out(known, guess)
        self._currency(guess)
        fill = {
            "opportunity": self._opportunity,
            "contract_line": self._contract,
            "signal": self._signal,
            "change": self._change,
            "payment": self._payment,
            "activity": self._activity,
        }
        if special := fill.get(self.table.name):
            special(guess)
        if self.table.name == "account" and "domain" in self.matches:
            self.keys["domain"] = self.matches["domain"].column
        if self.table.name in ("person", "member") and "email" in self.matches:
            self.keys["email"] = self.matches["email"].column
        self._full_name(guess)

    def _cell(self, known: Known, guess: Guess, name: str, column: Column) -> str:
        declared = self.table.column(name)
        parts: dict[str, str] = {}
        if declared is None:
            return scalar(column.name)
        if declared.refers:
            self._reference(known, guess, name, column, declared.refers, parts)
        elif declared.kind in (Kind.DATE, Kind.TIMESTAMP):
            self._dates(guess, name, column, parts)
        elif declared.kind in (Kind.MONEY, Kind.NUMBER, Kind.INTEGER):
            self._numbers(guess, name, column, parts)
            if declared.kind is Kind.MONEY and "unit" not in parts and self._in_cents(guess):
                parts["unit"] = "minor"
                self.why[name] += "; the file's ids look like Stripe's, which counts in cents"
        elif name == "stage":
            self._stages(column, parts)
        elif names := PICKLISTS.get((self.table.name, name)):
            self._picklist(name, column, names, parts)
        if column.name in guess.sheet.repeated:
            self.above[name] = [
                f"# choose: {column.name} or '{column.name} (2)'; {guess.sheet.file}:{guess.sheet.header} has"
                " several columns of that name"
            ]
            return f"{{column: {CHOOSE}}}"
        if not parts:
            return scalar(column.name)
        return f"{{column: {scalar(column.name)}, {', '.join(f'{k}: {v}' for k, v in parts.items())}}}"

    def _dates(self, guess: Guess, name: str, column: Column, parts: dict[str, str]) -> None:
        ways = column.date_formats
        if len(ways) > 1:
            first = min(column.said, key=lambda v: v.line)
            both = " or ".join(f'"{w}"' for w in ways)
            self.above[name] = [
                f"# choose: {both}; {guess.sheet.file}:{first.line} says {first.text}, and every value fits both"
            ]
            parts["dates"] = CHOOSE
        elif ways and ways[0] != "iso":
            parts["dates"] = json.dumps(ways[0]) if "%" in ways[0] else ways[0]

    def _numbers(self, guess: Guess, name: str, column: Column, parts: dict[str, str]) -> None:
        if styles := ambiguous_styles(column):
            first = min((v for v in column.said if "," in v.text or "." in v.text), key=lambda v: v.line)
            both = " or ".join(f'"{s}"' for s in styles)
            self.above[name] = [f"# choose: {both}; {guess.sheet.file}:{first.line} says {first.text}"]
            parts["numbers"] = CHOOSE
        elif column.number_styles and "1234.56" not in column.number_styles:
            parts["numbers"] = json.dumps(column.number_styles[0])
            self.why[name] += f"; written like {column.number_styles[0]}"
        if plain(column.name).endswith("micros"):
            parts["unit"] = "micros"

    def _stages(self, column: Column, parts: dict[str, str]) -> None:
        named, rest = read_as(column.said[:40], STAGES)
        if named:
            parts["values"] = words(named)
            parts["else"] = "keep"
            rest = (*rest, *(v.text for v in column.said[40:]))
            self.why["stage"] += f"; {len(named)} of {len(column.said)} values are recognised as stages"
            if rest:
                self.above["stage"] = [kept(rest)]

    def _picklist(self, name: str, column: Column, names: Mapping[str, Sequence[str]], parts: dict[str, str]) -> None:
        """The record's words for a column's values, where the column does not have them already."""
        named, rest = read_as(column.said[:40], names)
        if all(said == word for said, word in named.items()):
            return
        rest = (*rest, *(v.text for v in column.said[40:]))
        parts["values"] = words(named)
        parts["else"] = "keep"
        self.why[name] += f"; {len(named)} of {len(column.said)} values are recognised"
        if rest:
            self.above[name] = [kept(rest)]

    def _reference(  # noqa: PLR0913, PLR0917
        self, known: Known, guess: Guess, name: str, column: Column, refers: str, parts: dict[str, str]
    ) -> None:
        homes = [g for g in known.guesses if g.table == refers and g.key]
        if column.share("^[^@ ]+@[^@ ]+$") > 0.9 and refers in ("member", "person"):
            parts["by"] = "email"
            self.why[name] += "; its values are email addresses"
            return
        for home in homes:
            key = home.sheet.column(home.key[0])
            if key is None or not (share := overlap(column, key)):
                continue
            self.why[name] += f"; {share:.0%} of its values are in {home.key[0]} of {home.sheet.file}"
            keys = {v.text for v in key.said}
            if strangers := [v for v in column.said if v.text not in keys][:3]:
                shown = "; ".join(f"'{v.text}' ({v.rows:,} rows, first {guess.sheet.file}:{v.line})" for v in strangers)
                self.above[name] = [f"# not in {home.sheet.file}: {shown}; map them with values: {{...}}, else: keep"]
            return
        self.why[name] += f"; no file here has such a key of table {refers}"

    def parents(self, known: Known, guess: Guess) -> list["TableText"]:
        """Customers that no file of the folder describes: named by what this file calls them."""
        link = self.matches.get("account_id")
        if link is None or self.table.name not in ("contract_line", "invoice", "opportunity"):
            return []
        if any(g.table == "account" for g in known.guesses) or any(
            g is not guess and g.table == "contract_line" and "account_id" in g.columns
            for g in known.guesses
            if guess.table != "contract_line"
        ):
            return []
        text = TableText(CANONICAL_BY_NAME["account"], {})
        text.extra = [f"one_row_per: {listed([link.column])}", f"where: '{_sql_name(link.column)} is not null'"]
        text.cells = {"name": scalar(link.column)}
        text.why = {"name": f"no file here describes accounts; {link.column} is all that is known of them"}
        return [text]

    def _deleted(self, guess: Guess) -> None:
        for column in guess.sheet.columns:
            if plain(column.name) in DELETED and column.is_boolean:
                self.reads.add(column.name)
                yes = [v.text for v in column.said if v.text.lower() in ("true", "t", "yes", "y", "1")]
                condition = f"{_sql_name(column.name)} = '{yes[0] if yes else 'true'}'"
                self.extra.append(f"deleted: {json.dumps(condition)}  # the column is called {column.name}")

    def _fan_out(self, known: Known, guess: Guess) -> None:
        place = (guess.sheet.file, guess.sheet.sheet)
        mine = [f for f in known.found if f.kind == "fan-out" and (f.where.file, f.sheet) == place]
        if mine and self.table.name == "opportunity":
            thing = mine[0].says.rsplit("[", 1)[-1].split("]")[0]
            self.extra.append(
                f"# choose: {thing}, or remove the next line; {mine[0].where}: {mine[0].example} is repeated"
            )
            self.extra.append(f"one_row_per: {CHOOSE}")

    def _currency(self, guess: Guess) -> None:
        if "amount" not in self.matches or "currency" in self.cells or not self.table.column("currency"):
            return
        column = guess.sheet.column(self.matches["amount"].column)
        signs = [s for s in column.signs if s] if column and is_amount(column) else []
        if column and (len(signs) > 1 or (signs and "" in column.signs)):
            shown = ", ".join(f"{v.text} at {guess.sheet.file}:{v.line}" for v in list(column.signs.values())[:3])
            self.above["currency"] = [
                f"# choose: a currency, or write {{column: {scalar(column.name)}, currency_of: true}};"
                f" amounts differ: {shown}"
            ]
            self.cells["currency"] = f"{{constant: {CHOOSE}}}"
        elif column and signs:
            self.cells["currency"] = f"{{column: {scalar(column.name)}, currency_of: true}}"
            self.why["currency"] = f"every amount in {column.name} names {signs[0]}"
        elif usd := next((c for c in ("usd", "eur", "gbp") if column and plain(column.name).endswith(c)), None):
            self.cells["currency"] = f"{{constant: {usd.upper()}}}"
            self.why["currency"] = f"{self.matches['amount'].column} names it"

    def _opportunity(self, guess: Guess) -> None:
        stage = self.matches.get("stage")
        column = guess.sheet.column(stage.column) if stage else None
        if column is None:
            return
        won = [v.text for v in column.said if plain(v.text) in STAGES["closed_won"]]
        lost = [v.text for v in column.said if plain(v.text) in STAGES["closed_lost"]]
        if "is_won" not in self.cells and won:
            self.cells["is_won"] = _sql_in(column.name, won)
            self.why["is_won"] = f"{', '.join(won)} is a stage that is won"
        if "is_closed" not in self.cells and (won or lost):
            self.cells["is_closed"] = _sql_in(column.name, [*won, *lost])
            self.why["is_closed"] = f"{', '.join([*won, *lost])} are stages that are closed"
        if "closed_at" not in self.cells and "close_date" in self.cells and (won or lost):
            ends = guess.sheet.column(self.matches["close_date"].column)
            names = ", ".join("'" + v.replace("'", "''") + "'" for v in (*won, *lost))
            close = _sql_name(self.matches["close_date"].column)
            text = f"case when {_sql_name(column.name)} in ({names}) then {close} end"
            parts: dict[str, str] = {}
            if ends:
                self._dates(guess, "closed_at", ends, parts)
            self.cells["closed_at"] = flow({"sql": json.dumps(text, ensure_ascii=False), **parts})
            self.why["closed_at"] = "the close date counts as the day of closing once the deal is closed"

    def _contract(self, guess: Guess) -> None:
        amount = plain(self.matches["amount"].column) if "amount" in self.matches else ""
        if "month" in amount or "mrr" in amount:
            self.cells["billing_interval"] = "{constant: month}"
            self.why["billing_interval"] = f"{self.matches['amount'].column} is said to be monthly"
        if amount.endswith("unitamount") and "quantity" in self.matches and "numbers" not in self.cells["amount"]:
            self._per_unit(self._in_cents(guess))

    def _in_cents(self, guess: Guess) -> bool:
        return self.table.name in ("invoice", "payment", "contract_line") and _stripe(guess.sheet)

    def _per_unit(self, in_cents: bool) -> None:
        """The amount of all units, where the column is that of one."""
        one, many = (self.matches[name].column for name in ("amount", "quantity"))
        number = "bigint" if in_cents else "double"
        product = " * ".join(f"try_cast({_sql_name(column)} as {number})" for column in (one, many))
        self.cells["amount"] = f"{{sql: {json.dumps(product)}{', unit: minor' if in_cents else ''}}}"
        self.why["amount"] += f"; it is that of one, so that it counts as often as {many} says"

    def _signal(self, guess: Guess) -> None:
        stem = guess.sheet.file.lower()
        kind = next((k for k in ("nps", "csat", "ticket", "churn", "survey", "onboarding") if k in stem), None)
        if "kind" not in self.cells and kind:
            self.cells["kind"] = f"{{constant: {kind}}}"
            self.why["kind"] = f"the file is called {guess.sheet.file}"

    def _activity(self, guess: Guess) -> None:
        """Where no column says who began it: what the kind says of that, as `Outbound call`."""
        column = guess.sheet.column(self.matches["kind"].column) if "kind" in self.matches else None
        if column is None or "direction" in self.cells:
            return
        named = {v.text: s for v in column.said[:40] for s, begin in SIDES.items() if plain(v.text).startswith(begin)}
        if named:
            parts = {"column": scalar(column.name), "values": words(named), "else": '"null"'}
            self.cells["direction"] = flow(parts)
            self.why["direction"] = f"{column.name} says it of {', '.join(named)}"[:WIDE]

    def _payment(self, guess: Guess) -> None:
        stem = guess.sheet.file.lower()
        if "kind" not in self.cells:
            kind = "refund" if "refund" in stem else "payment"
            self.cells["kind"] = f"{{constant: {kind}}}"
            self.why["kind"] = f"the file is called {guess.sheet.file}"

    def _change(self, guess: Guess) -> None:
        link = plain(self.matches["entity_id"].column) if "entity_id" in self.matches else ""
        entity = (
            "opportunity"
            if link in ("opportunityid", "dealid")
            else "person"
            if link in ("leadid", "contactid")
            else None
        )
        if entity:
            self.cells = {"entity": f"{{constant: {entity}}}", **self.cells}
            self.why["entity"] = f"{self.matches['entity_id'].column} names a {entity}"
        column = guess.sheet.column(self.matches["field"].column) if "field" in self.matches else None
        if column and column.said:
            named = {v.text: FIELDS[plain(v.text)] for v in column.said if plain(v.text) in FIELDS}
            if named:
                self.cells["field"] = flow(
                    {"column": scalar(column.name), "values": flow({scalar(k): v for k, v in named.items()})}
                )
                wanted = ", ".join(f"'{k}'" for k in named)
                self.extra.append(
                    f"where: {json.dumps(f'{_sql_name(column.name)} in ({wanted})')}  # fields that the record keeps"
                )
                if entity == "opportunity":
                    self._stages_before_and_after(guess, column, [k for k, v in named.items() if v == "stage"])

    def _stages_before_and_after(self, guess: Guess, field: Column, stage: Sequence[str]) -> None:
        """The stages of a history in the words of the deals' own stages; what is not recognised is kept as it is."""
        sides = [self.matches[name].column for name in ("old", "new") if name in self.matches]
        named, rest = stages_told(guess.sheet, field, stage, sides) if stage and sides else ({}, ())
        if named:
            self.values["stage"] = {**named, **{text: text for text in rest}}
            self.why["new"] += f"; {len(named)} of {len(named) + len(rest)} stages are recognised"
            if rest:
                self.above["values"] = [kept(rest)]

    def _full_name(self, guess: Guess) -> None:
        first = next((c.name for c in guess.sheet.columns if plain(c.name) in ("firstname", "vorname", "prenom")), None)
        last = next((c.name for c in guess.sheet.columns if plain(c.name) in ("lastname", "nachname", "nom")), None)
        if (
            self.table.name in ("person", "member")
            and first
            and last
            and "fullname" not in {plain(c.name) for c in guess.sheet.columns}
        ):
            text = f"trim(coalesce({_sql_name(first)}, '') || ' ' || coalesce({_sql_name(last)}, ''))"
            self.cells["name"] = f"{{sql: {json.dumps(text)}}}"
            self.reads |= {first, last}
            self.why["name"] = f"{first} and {last} together"


def _sql_name(column: str) -> str:
    return column if re.fullmatch(r"[A-Za-z_]\w*", column) else '"' + column.replace('"', '""') + '"'


def _sql_in(column: str, values: Sequence[str]) -> str:
    quoted = ", ".join("'" + v.replace("'", "''") + "'" for v in values)
    return f"{{sql: {json.dumps(f'{_sql_name(column)} in ({quoted})', ensure_ascii=False)}}}"


def _stripe(sheet: Sheet) -> bool:
    return any(c.share(r"^(cus|sub|in|ch|pi|price|si|re|txn)_[A-Za-z0-9]+$") > 0.9 for c in sheet.columns if c.said)
