"""Landing: a million rows of CSV become raw in seconds, and in little memory.

`python -m bench.landing FOLDER` is the process that is measured: it lands the export in FOLDER and nothing else.
"""

import sys
import tempfile
from datetime import UTC, datetime
from functools import cache
from pathlib import Path

import duckdb
import yaml

from bench.figure import Figure, rows
from bench.process import Taken, run

EXPORT = """
COPY (
  SELECT 'D' || lpad(CAST(i AS VARCHAR), 9, '0') AS "Deal ID", 'Deal "' || i || '", phase ' || i % 7 AS "Deal Name",
    'Account ' || hash(i) % 40000 AS "Account", ['Open', 'Closed Won', 'Closed Lost'][i % 3 + 1] AS "Stage",
    printf('%.2f', hash(i + 1) % 10000000 / 100) AS "Amount", 'EUR' AS "Currency",
    strftime(DATE '2022-01-01' + CAST(hash(i + 2) % 1400 AS INTEGER), '%d/%m/%Y') AS "Close Date",
    strftime(TIMESTAMP '2022-01-01' + INTERVAL (hash(i + 3) % 120000000) SECOND, '%Y-%m-%dT%H:%M:%SZ') AS "Created",
    'owner' || hash(i + 4) % 200 || '@company.example' AS "Owner", ['Web', 'Event', ''][i % 3 + 1] AS "Lead Source",
    CASE WHEN i % 5 = 0 THEN 'Called, will decide; "soon"' END AS "Next Step",
    strftime(TIMESTAMP '2025-01-01' + INTERVAL (i) SECOND, '%Y-%m-%dT%H:%M:%SZ') AS "Modified"
  FROM range({count}) AS numbers(i)
) TO '{file}' (FORMAT csv, HEADER)
"""
MAPPING = {
    "currency": "EUR",
    "files": [
        {
            "file": "deals.csv",
            "key": ["Deal ID"],
            "tables": [
                {
                    "table": "opportunity",
                    "columns": {
                        "name": "Deal Name",
                        "amount": "Amount",
                        "close_date": {"column": "Close Date", "dates": "%d/%m/%Y"},
                        "created_at": {"column": "Created", "dates": "iso"},
                        "stage": {"column": "Stage", "values": {"Closed Won": "closed_won"}, "else": "keep"},
                        "is_won": {"sql": "Stage = 'Closed Won'"},
                        "is_closed": {"sql": "Stage <> 'Open'"},
                    },
                }
            ],
        }
    ],
}


@cache
def landed() -> tuple[int, float, Taken]:
    """Rows and megabytes of the export, and what landing it took; measured once for both figures."""
    count = rows(1_000_000)
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        (folder / "data").mkdir()
        file = folder / "data" / "deals.csv"
        duckdb.connect().execute(EXPORT.format(count=count, file=file))
        (folder / "data" / "mapping.yaml").write_text(yaml.safe_dump(MAPPING, sort_keys=False))
        taken = run("-m", "bench.landing", folder)
        return count, file.stat().st_size / 1e6, taken


def seconds_taken() -> Figure:
    count, megabytes, taken = landed()
    says = f"landing a CSV of {count:,} rows and {megabytes:.0f} MB: time, start of Python included"
    return Figure(says, taken.seconds, "s", 15.0)


def memory_taken() -> Figure:
    _, _, taken = landed()
    return Figure("the same: most memory held", taken.megabytes, "MB", 1000.0)


def land_only(folder: Path) -> int:
    from fairlead.connect import files

    data = folder / "data"
    landings, problems = files.land(
        data, data / "mapping.yaml", "files", folder / ".fairlead" / "raw", datetime.now(UTC)
    )
    for problem in problems:
        print(problem, file=sys.stderr)
    return 0 if landings and not any(problem.is_error for problem in problems) else 1


if __name__ == "__main__":
    sys.exit(land_only(Path(sys.argv[1])))
