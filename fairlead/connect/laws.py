"""What can be wrong with exports, mappings and landings, each worded once."""

from fairlead.problem import Law, Severity

MAPPING_MISSING = Law(
    "mapping-missing",
    Severity.ERROR,
    why="Nobody has said yet what the columns of these files mean, and guessing silently is how numbers go wrong.",
    mend="Run `fairlead map`, read what it proposes, and keep what is right.",
)
MAPPING_SHAPE = Law(
    "mapping-shape",
    Severity.ERROR,
    why="An unknown or misplaced key would be ignored in silence, so it is refused.",
    mend="See docs/files.md for what may stand here.",
)
MAPPING_EXISTS = Law(
    "mapping-exists",
    Severity.ERROR,
    why="A mapping holds decisions made by people; a proposal must never write over them.",
    mend="Move the file away, or say `--overwrite` to replace it.",
)
UNDECIDED = Law(
    "undecided",
    Severity.ERROR,
    why="The data allows two readings and only a person can know which is meant.",
    mend="Replace `choose` by one of the readings that the comment above it offers.",
)
INCOMPLETE = Law(
    "incomplete-table",
    Severity.WARNING,
    why="A table without a column that every row needs would set all of its rows aside, so it is left as a comment.",
    mend="Name the column and take the comment signs away, or remove the lines.",
)
UNKNOWN_TABLE = Law(
    "unknown-table",
    Severity.ERROR,
    why="A mapping fills the record's tables and no others.",
    mend="Use one of the record's tables; docs/tables.md lists them.",
)
UNKNOWN_COLUMN = Law(
    "unknown-column",
    Severity.ERROR,
    why="A mapping may only fill columns that the record's table has and that sources are meant to fill.",
    mend="Use one of the table's columns; docs/tables.md lists them.",
)
NOT_IN_FILE = Law(
    "not-in-file",
    Severity.ERROR,
    why="A mapped column that the file does not have would be empty for every row.",
    mend="Correct the name, or drop the line if the export no longer has it.",
)
NO_SUCH_FILE = Law(
    "no-such-file",
    Severity.WARNING,
    why="The mapping names files that are not in the folder, so their tables stay as they were last seen.",
    mend="Put the export there, correct the name, or remove the entry.",
)
FILE_UNMAPPED = Law(
    "file-unmapped",
    Severity.WARNING,
    why="A file that no entry of the mapping reads is left out of every number.",
    mend="Map it, or name it under `ignore`.",
)
FILE_UNREADABLE = Law(
    "file-unreadable",
    Severity.ERROR,
    why="A file that cannot be opened as what its name says cannot be landed.",
    mend="Export it again as CSV, Excel (.xlsx) or Parquet.",
)
FILE_EMPTY = Law(
    "file-empty",
    Severity.ERROR,
    why="An empty full export would mark every row deleted, which is far more often a failed export than the truth.",
    mend="Export it again; to state that there are no rows, leave the header line in the file.",
)
SAME_TABLE = Law(
    "same-table",
    Severity.ERROR,
    why="Two entries landing in one raw table would delete each other's rows.",
    mend="Give one of them another `name`, or read both files with one glob.",
)
BAD_VALUE = Law(
    "bad-value",
    Severity.ERROR,
    why="A constant, style or format that can never be read would set every row aside.",
    mend="See docs/files.md for the styles and formats there are.",
)
CANNOT_MAP = Law(
    "cannot-map",
    Severity.ERROR,
    why="A setting that does nothing where it stands is a misunderstanding waiting to be found.",
    mend="See docs/files.md for where it belongs.",
)
EVERY_ROW_FAILS = Law(
    "every-row-fails",
    Severity.ERROR,
    why="When no value of a column can be read, the mapping is wrong, not the data.",
    mend="Compare the example with the mapping's `dates`, `numbers`, `values` or `unit` for this column.",
)
KEY_NOT_UNIQUE = Law(
    "key-not-unique",
    Severity.WARNING,
    why="Different rows under one key cannot both be the row's present state; all of them are set aside.",
    mend="Add the column that tells the rows apart to `key`, or correct the export.",
)
KEY_CHANGED = Law(
    "key-changed",
    Severity.WARNING,
    why="With another key every row is a new row: the old ones count as deleted and their history starts over.",
    mend="Put the old key back unless that is meant.",
)
DUPLICATE_HEADER = Law(
    "duplicate-header",
    Severity.WARNING,
    why="Two columns of one name cannot be told apart by it; the second is read as `Name (2)`.",
    mend="Map the one that is meant by its name, or rename the column in the export.",
)
PARTIAL_LATE = Law(
    "partial-late",
    Severity.ERROR,
    why="A partial export says nothing about the rows it leaves out: landed late, it could bring old values back.",
    mend="Land partial exports in the order in which they were made.",
)
SAME_INSTANT = Law(
    "same-instant",
    Severity.ERROR,
    why="Two different exports of one table seen at the same instant leave no way to tell which is newer.",
    mend="Land one of them with another time.",
)
DIRT = Law(
    "dirt",
    Severity.WARNING,
    why="What a file holds that cannot be read safely is shown, then mapped on purpose or set aside, never guessed at.",
    mend="Map it on purpose, or leave it: the rows are set aside with this reason and counted.",
)
AMBIGUOUS_DATES = Law(
    "ambiguous-dates",
    Severity.WARNING,
    why="When day-first and month-first both fit every value, a guess would move deals between months.",
    mend='Say `dates: "%d/%m/%Y"` or `dates: "%m/%d/%Y"` for the column.',
)
AMBIGUOUS_NUMBERS = Law(
    "ambiguous-numbers",
    Severity.WARNING,
    why="1.234 is a thousand in one country and one and a bit in another.",
    mend='Say `numbers: "1,234.56"` or `numbers: "1.234,56"` for the column.',
)
MIXED_CURRENCIES = Law(
    "mixed-currencies",
    Severity.WARNING,
    why="Amounts in several currencies must never be added up as one.",
    mend="Map `currency: {column: THE_AMOUNT, currency_of: true}`, or a column that names the currency.",
)

LAWS = (
    MAPPING_MISSING,
    MAPPING_SHAPE,
    MAPPING_EXISTS,
    UNDECIDED,
    INCOMPLETE,
    UNKNOWN_TABLE,
    UNKNOWN_COLUMN,
    NOT_IN_FILE,
    NO_SUCH_FILE,
    FILE_UNMAPPED,
    FILE_UNREADABLE,
    FILE_EMPTY,
    SAME_TABLE,
    BAD_VALUE,
    CANNOT_MAP,
    EVERY_ROW_FAILS,
    KEY_NOT_UNIQUE,
    KEY_CHANGED,
    DUPLICATE_HEADER,
    PARTIAL_LATE,
    SAME_INSTANT,
    DIRT,
    AMBIGUOUS_DATES,
    AMBIGUOUS_NUMBERS,
    MIXED_CURRENCIES,
)
