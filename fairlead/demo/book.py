"""A table that grows: rows of whole numbers, appended in batches and corrected in place while the simulation runs."""

from collections.abc import Sequence

import numpy as np

from fairlead.demo.clock import Ints


class Book:
    """`columns` name the fields; `book["price"]` is a writable view of a field of all rows so far."""

    def __init__(self, columns: Sequence[str]) -> None:
        self.columns = tuple(columns)
        self.count = 0
        self._rows: dict[str, Ints] = {name: np.empty(1024, np.int64) for name in self.columns}

    def __getitem__(self, column: str) -> Ints:
        return self._rows[column][: self.count]

    def add(self, **fields: Ints | int) -> Ints:
        """Append one row for each value (plain numbers are repeated) and return the new rows' numbers."""
        size = max((len(v) for v in fields.values() if isinstance(v, np.ndarray)), default=1)
        grown = self.count + size
        if grown > len(next(iter(self._rows.values()))):
            self._rows = {k: np.concatenate([v, np.empty(grown, np.int64)]) for k, v in self._rows.items()}
        for name in self.columns:
            self._rows[name][self.count : grown] = fields[name]
        rows = np.arange(self.count, grown)
        self.count = grown
        return rows
