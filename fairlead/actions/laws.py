"""What a verb can refuse, each worded once."""

from fairlead.problem import Law, Severity

UNKNOWN_METRIC = Law(
    "unknown-metric",
    Severity.ERROR,
    why="Only metrics and measures of the dictionary have one agreed meaning.",
    mend="See the names with `fairlead explain`.",
)
UNKNOWN_DIMENSION = Law(
    "unknown-dimension",
    Severity.ERROR,
    why="A metric can be cut by the columns of its own table and of those it refers to; others would count rows twice.",
    mend="Cut by one of the names offered.",
)
BAD_QUESTION = Law(
    "bad-question",
    Severity.ERROR,
    why="A date or length of time that is misread gives the right answer to the wrong question.",
    mend="Write dates as 2026-03-31, 2026-03, 2026-Q1, 2026-W05 or 2026.",
)
METRIC_NEEDS = Law(
    "metric-needs",
    Severity.WARNING,
    why="A number whose data is missing is undefined; showing zero would be a lie.",
    mend="Bring the data, or map the column that holds it.",
)
NO_FILES = Law(
    "no-files",
    Severity.ERROR,
    why="A sync reads exports, and there are none.",
    mend="Put CSV, Excel or Parquet exports into the data folder, then run `fairlead map`.",
)
FUTURE_EXPORT = Law(
    "future-export",
    Severity.ERROR,
    why="Rows seen in the future would outrank every export until that day has come.",
    mend="Say when the export was taken, or leave `--exported-at` out for now.",
)
WORKSPACE_EXISTS = Law(
    "workspace-exists",
    Severity.ERROR,
    why="A new workspace is never written over one that is there.",
    mend="Choose another name, or work in the one that is there.",
)
NOT_WRITTEN = Law(
    "not-written",
    Severity.ERROR,
    why="The file could not be read or written, so nothing was.",
    mend="Check the folder, the disk and who may write there.",
)

LAWS = (
    UNKNOWN_METRIC,
    UNKNOWN_DIMENSION,
    BAD_QUESTION,
    METRIC_NEEDS,
    NO_FILES,
    FUTURE_EXPORT,
    WORKSPACE_EXISTS,
    NOT_WRITTEN,
)
