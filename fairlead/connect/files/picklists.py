"""What the values of a picklist mean in the record's words: the value maps that a mapping is proposed with."""

from collections.abc import Mapping, Sequence
from typing import NamedTuple

from fairlead.connect.exports import quoted
from fairlead.connect.files.cells import PLACEHOLDERS
from fairlead.connect.files.profile import Column, Sheet, Value
from fairlead.connect.files.vocabulary import STAGES, plain
from fairlead.record.engine import literal, scratch

MOST = 200  # values of a stage; more are no stages, and a history has its other fields' values elsewhere


class Read(NamedTuple):
    """Values by what they are read as, and those that no word is known for."""

    named: Mapping[str, str]
    rest: tuple[str, ...]


def read_as(values: Sequence[Value], words: Mapping[str, Sequence[str]]) -> Read:
    """`values` in the record's words, by the names that exports have for each of `words`."""
    named = {v.text: word for v in values for word, names in words.items() if plain(v.text) in names}
    return Read(named, tuple(v.text for v in values if v.text not in named))


def stages_told(sheet: Sheet, field: Column, stage: Sequence[str], sides: Sequence[str]) -> Read:
    """The stages that a history names before and after (columns `sides`), where `field` says one of `stage`.

    Other fields stand in the same columns, so that every row of the file is looked at, not each column by itself.
    """
    cells = " UNION ALL ".join(
        f"SELECT nullif(trim({quoted(side)}), '') AS v, _line FROM rows WHERE trim({quoted(field.name)}) IN"
        f" ({', '.join(map(literal, stage))})"
        for side in sides
    )
    with scratch(sheet.path.parent) as db:
        db.execute(f"CREATE VIEW rows AS SELECT * FROM read_parquet({literal(sheet.path)})")
        found = db.execute(
            f"SELECT v, count(*) AS n, min(_line) FROM ({cells}) WHERE v IS NOT NULL AND lower(v) NOT IN"
            f" ({', '.join(map(literal, PLACEHOLDERS))}) GROUP BY v ORDER BY n DESC, v LIMIT {MOST}"
        ).fetchall()
    return read_as([Value(*row) for row in found], STAGES)
