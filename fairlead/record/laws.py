"""What can be wrong with the record, each worded once."""

from fairlead.problem import Law, Severity

BUILD_RUNNING = Law(
    "build-running",
    Severity.ERROR,
    why="One process at a time lands and builds, so that no two of them publish over each other.",
    mend="Wait until it has finished and run the command again; if it hangs, end that process: the lock goes with it.",
)
NO_BUILD = Law(
    "no-build",
    Severity.ERROR,
    why="Numbers come from a published build and there is none yet.",
    mend="Run `fairlead sync` first.",
)
NOT_BALANCED = Law(
    "not-balanced",
    Severity.ERROR,
    why="Rows in must equal rows kept plus rows set aside, for every table and source of a build.",
    mend="This is a fault in Fairlead: please report it with the build's build.json.",
)
REVENUE_NOT_BALANCED = Law(
    "revenue-not-balanced",
    Severity.ERROR,
    why="Movements of recurring revenue must sum to the revenue of every day, to the cent; what does not is shown.",
    mend="See the rows of kind `unbalanced` in mart.mrr_movement; please report them, they are a fault in Fairlead.",
)
MOST_LEFT = Law(
    "most-left-at-once",
    Severity.WARNING,
    why="When most customers leave on one day, it is rather the end of what the source knows than churn.",
    mend="Write the day before into fairlead.yaml as `today:`, and sync again; or bring the lines that came later.",
)
UNKNOWN_STATUS = Law(
    "unknown-status",
    Severity.WARNING,
    why="A line whose status nobody knows may be paid for or over: it is set aside, and its revenue is in no number.",
    mend="Say in the mapping what the word means: `status: {column: ..., values: {Signed: active}, else: keep}`.",
)
UNKNOWN_HISTORY = Law(
    "unknown-stage-in-history",
    Severity.WARNING,
    why="A move to a stage that the model does not have is in no funnel: whoever made it is lost on the way.",
    mend="Say what it means in the mapping of the history: `values: {stage: {Discovery: discovery}}`; or write it under"
    " `stands_for:` of its stage.",
)
UNKNOWN_ACTIVITY = Law(
    "unknown-activity-kind",
    Severity.WARNING,
    why="An activity of a kind that no clock waits for stops none: everybody looks late, and as if nobody had tried.",
    mend="Say what they mean in the mapping: `kind: {column: Type, values: {Call: call}, else: keep}`; or name them"
    " under `response: {kinds: [...]}` in handoffs.yaml.",
)
LINES_GONE = Law(
    "lines-gone",
    Severity.WARNING,
    why="A contract line that its export no longer has is taken out of every month, those that were reported too.",
    mend="Export what has ended with the day it ended; what was known before is still told with `--known-at`.",
)
LINES_CHANGED = Law(
    "lines-changed",
    Severity.WARNING,
    why="A price that is changed on its own line holds from the line's first day: past months change, and no movement"
    " tells of it.",
    mend="End the line on the day of the change and start another that names it (`replaces_id`); what was known before"
    " is still told with `--known-at`.",
)
MUCH_SET_ASIDE = Law(
    "much-set-aside",
    Severity.WARNING,
    why="When more than one row in twenty of a table is set aside, its numbers are probably wrong.",
    mend="See the reasons with `fairlead builds --set-aside` and correct the mapping or the source.",
)
MANY_BROKEN = Law(
    "many-broken-references",
    Severity.WARNING,
    why="A reference that finds nobody is emptied: those rows count, but under no owner, campaign or product.",
    mend="Map the file that lists them (members, campaigns, products), or correct `source` and `by` in the mapping.",
)
LAKE_DAMAGED = Law(
    "lake-damaged",
    Severity.ERROR,
    why="A file under .fairlead is not as Fairlead wrote it: a disk that failed, a copy cut short, or a stray file.",
    mend="A build: remove its folder and sync again. A load of raw: bring it back from a backup, or move it elsewhere.",
)
NOT_COMPUTED = Law(
    "not-computed",
    Severity.ERROR,
    why="A value too large for its type, or two that cannot be compared, have no answer; guessing one would be a lie.",
    mend="Correct the condition (`where`) or the measure that holds it.",
)

LAWS = (
    BUILD_RUNNING,
    NO_BUILD,
    NOT_BALANCED,
    REVENUE_NOT_BALANCED,
    MOST_LEFT,
    UNKNOWN_STATUS,
    UNKNOWN_HISTORY,
    UNKNOWN_ACTIVITY,
    LINES_GONE,
    LINES_CHANGED,
    MUCH_SET_ASIDE,
    MANY_BROKEN,
    LAKE_DAMAGED,
    NOT_COMPUTED,
)
