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
UNKNOWN_FLOW = Law(
    "unknown-flow",
    Severity.ERROR,
    why="People move through the lifecycle, and deals through the pipelines of lifecycle.yaml as well.",
    mend="Name the lifecycle, one of the pipelines, or one of the presets.",
)
UNKNOWN_POLICY = Law(
    "unknown-policy",
    Severity.ERROR,
    why="Only handoffs and SLAs of handoffs.yaml that start and stop at a time have a clock.",
    mend="See the names with `fairlead clocks`.",
)
UNKNOWN_LENS = Law(
    "unknown-lens",
    Severity.ERROR,
    why="Recurring revenue can be counted as this company does (ours), or by one of the lenses of revenue.yaml.",
    mend="Name one of them; they are listed on the model's page of recurring revenue.",
)
UNKNOWN_STAGE = Law(
    "unknown-stage",
    Severity.ERROR,
    why="Stages are those of the lifecycle and of the pipelines; names of the other presets are understood as well.",
    mend="See them in lifecycle.yaml or on the page Lifecycle.",
)
BAD_QUESTION = Law(
    "bad-question",
    Severity.ERROR,
    why="A date or length of time that is misread gives the right answer to the wrong question.",
    mend="Write dates as 2026-03-31, 2026-03, 2026-Q1, 2026-W05 or 2026.",
)
UNKNOWN_DICTIONARY = Law(
    "unknown-dictionary",
    Severity.ERROR,
    why="A number under the definition of another day needs that definition; today's in its place would be another.",
    mend="Ask for a later day; a model is kept from the first build on that was made with it.",
)
UNKNOWN_HANDOFF = Law(
    "unknown-handoff",
    Severity.ERROR,
    why="Only handoffs that are agreed in handoffs.yaml have a trigger, a time and a standard to be held to.",
    mend="See the names with `fairlead handoffs`.",
)
UNKNOWN_SUBJECT = Law(
    "unknown-subject",
    Severity.ERROR,
    why="The model has these subjects and no others; each is one file.",
    mend="Take one of the names offered.",
)
PERIOD_NOT_OVER = Law(
    "period-not-over",
    Severity.WARNING,
    why="A period that is not over holds less than a whole one, so that part of a move is only the missing days.",
    mend="Compare whole periods, or wait until this one is over.",
)
PERIODS_DIFFER = Law(
    "periods-differ",
    Severity.WARNING,
    why="What is added up over a quarter is more than over a month, though nothing happened but more days.",
    mend="Compare periods of one length: two months, two quarters.",
)
FINE_CUT = Law(
    "fine-cut",
    Severity.ERROR,
    why="A move cut into very many values is told by none of them.",
    mend="Cut by something that has fewer values.",
)
BAD_DISPUTE = Law(
    "bad-dispute",
    Severity.ERROR,
    why="A dispute that cannot be tried or that nobody stands for is had again, in the same words, at the next review.",
    mend="Name a word of the dictionary, what is wrong, who says so, and a value for each operand of the metric.",
)
NO_OWN_MODEL = Law(
    "no-own-model",
    Severity.ERROR,
    why="What is agreed is written into the workspace's own model; the starter model belongs to Fairlead.",
    mend="Make one with `fairlead init` in a new folder and copy its model/ here.",
)
ENGINES_DISAGREE = Law(
    "engines-disagree",
    Severity.ERROR,
    why="An example is reckoned by plain arithmetic and by the engine that answers questions; one of them is wrong.",
    mend="This is a fault in Fairlead: please report it with the metric's definition and the example.",
)
DEFINITION_UNKNOWN = Law(
    "definition-unknown",
    Severity.WARNING,
    why="The dictionary that a build was made with was not kept, so its numbers are reckoned by today's.",
    mend="Builds keep their dictionary from now on; for this one, a change of definition shows as corrections.",
)
OTHER_CODE = Law(
    "other-code",
    Severity.WARNING,
    why="Two builds made by different versions of Fairlead may differ where neither the data nor the model did.",
    mend="Ask with --known-at instead: it makes the earlier build again with this version.",
)
UNKNOWN_RECORD = Law(
    "unknown-record",
    Severity.ERROR,
    why="An answer about another person, deal or company than the one that was meant is worse than none.",
    mend="Name it by its id as Fairlead shows it (`salesforce:006...`), or by its key in its source.",
)
BAD_GATE = Law(
    "bad-gate",
    Severity.ERROR,
    why="A gate stands between two stages of one flow; elsewhere there is nothing to pass.",
    mend="Name a stage of the lifecycle or of the deal's pipeline.",
)
BAD_WAIVER = Law(
    "bad-waiver",
    Severity.ERROR,
    why="A waiver without a reason, a person and an end is a gate that is not there.",
    mend="Say what is waived, why, by whom and until when.",
)
MAY_NOT_WAIVE = Law(
    "may-not-waive",
    Severity.ERROR,
    why="A gate that anybody may open is none: its owner answers for whoever passes.",
    mend="Ask the role that owns the stage, or one above it; people.yaml says who holds them.",
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
MANY_MAKING = Law(
    "many-making",
    Severity.ERROR,
    why="Each build of an earlier day takes a processor for a while and a place on the disk for as long as it is kept.",
    mend="Wait until one of them is done, then ask again.",
)
NOT_MADE = Law(
    "not-made",
    Severity.ERROR,
    why="Looking makes nothing: a build of an earlier day takes minutes and a place on the disk.",
    mend="Make it first: on the page of the number or scoreboard of that day, or with `fairlead ask`.",
)
MAKING_ENDED = Law(
    "making-ended",
    Severity.ERROR,
    why="A build is there whole or not at all; one that was not finished is never shown.",
    mend="Start it again; if it ends again, `fairlead ask ... --as-of DAY` in a terminal shows what is wrong.",
)
WORKSPACE_EXISTS = Law(
    "workspace-exists",
    Severity.ERROR,
    why="A new workspace is never written over one that is there.",
    mend="Choose another name, or work in the one that is there.",
)
STAGE_NEVER_ENTERED = Law(
    "stage-never-entered",
    Severity.WARNING,
    why="A stage that stays empty is one that nobody works with, or one whose entry the record cannot show.",
    mend="Take it away, correct what lets one in, or say under `stands_for:` what its source calls it.",
)
NOT_WRITTEN = Law(
    "not-written",
    Severity.ERROR,
    why="The file could not be read or written, so nothing was.",
    mend="Check the folder, the disk and who may write there.",
)
ROWS_UNCOUNTED = Law(
    "rows-uncounted",
    Severity.WARNING,
    why="Lines, invoices and deals that are set aside are in no number: totals are too small by what stands in them.",
    mend="See them with `fairlead builds --set-aside`, and correct the source or its mapping.",
)

LAWS = (
    UNKNOWN_METRIC,
    UNKNOWN_DIMENSION,
    UNKNOWN_FLOW,
    UNKNOWN_STAGE,
    BAD_QUESTION,
    UNKNOWN_DICTIONARY,
    UNKNOWN_HANDOFF,
    UNKNOWN_POLICY,
    UNKNOWN_LENS,
    UNKNOWN_SUBJECT,
    BAD_DISPUTE,
    NO_OWN_MODEL,
    ENGINES_DISAGREE,
    PERIOD_NOT_OVER,
    PERIODS_DIFFER,
    FINE_CUT,
    DEFINITION_UNKNOWN,
    OTHER_CODE,
    UNKNOWN_RECORD,
    BAD_GATE,
    BAD_WAIVER,
    MAY_NOT_WAIVE,
    METRIC_NEEDS,
    NO_FILES,
    FUTURE_EXPORT,
    MANY_MAKING,
    NOT_MADE,
    MAKING_ENDED,
    WORKSPACE_EXISTS,
    STAGE_NEVER_ENTERED,
    NOT_WRITTEN,
    ROWS_UNCOUNTED,
)
