"""The laws of reading the model, of predicates and of metrics; `LAWS` holds all laws of the room."""

from fairlead.model import laws_of_clocks, laws_of_flow, laws_of_order, laws_of_revenue
from fairlead.problem import Law, Severity

ERROR, WARNING = Severity.ERROR, Severity.WARNING

PREDICATE_SYNTAX = Law(
    "predicate-syntax",
    ERROR,
    "A condition that cannot be read decides nothing.",
    "Write it as a SQL condition over the table's columns, such as: amount >= 5000 and segment = 'smb'.",
)
PREDICATE_SUBSET = Law(
    "predicate-subset",
    ERROR,
    "A condition runs unchanged on one row at the desk and on all rows of a build; it must mean the same in both.",
    "Use comparisons, and, or, not, in, between, like, is null, arithmetic, case and the listed functions.",
)
PREDICATE_FUNCTION = Law(
    "predicate-function",
    ERROR,
    "Only functions that mean the same on every engine may stand in a condition.",
    "Use one of the listed functions.",
)
PREDICATE_KIND = Law(
    "predicate-kind",
    ERROR,
    "Comparing a date with a word, or using a number as a condition, gives an answer nobody meant.",
    "Compare numbers with numbers, text with 'text' and dates with 'YYYY-MM-DD'.",
)
UNKNOWN_COLUMN = Law(
    "no-such-column",
    ERROR,
    "A condition over a column that does not exist would silently never hold.",
    "Name a column of the table; `account.segment` follows a reference.",
)
BAD_YAML = Law(
    "bad-yaml",
    ERROR,
    "A file that cannot be read holds no agreement.",
    "Mend the YAML at this line; two spaces a level, a space after every colon.",
)
DUPLICATE_KEY = Law(
    "duplicate-key",
    ERROR,
    "Of two entries under one key only one would count, and nobody could tell which.",
    "Rename or remove one of the two.",
)
YAML_TRICK = Law(
    "yaml-trick",
    ERROR,
    "The model is declared, not programmed: aliases, tags and merged keys hide what was agreed.",
    "Write the value out where it belongs.",
)
UNKNOWN_FILE = Law(
    "unknown-file",
    ERROR,
    "A file nobody reads looks like an agreement and is none.",
    "Name the file after a subject of the model, or move it elsewhere.",
)
NO_MODEL = Law(
    "no-model",
    ERROR,
    "Without a model there is nothing agreed to measure against.",
    "Run `fairlead init` to write the starter model, or point to the right folder.",
)
UNKNOWN_KEY = Law(
    "unknown-key",
    ERROR,
    "A misspelt key would silently have no effect.",
    "Use a key that docs/model.md lists.",
)
MISSING_KEY = Law(
    "missing-key",
    ERROR,
    "Without it the entry means nothing.",
    "Add the key.",
)
WRONG_TYPE = Law(
    "wrong-type",
    ERROR,
    "A value of another kind than expected cannot be used.",
    "Write the kind of value that docs/model.md gives for this key.",
)
WRONG_VALUE = Law(
    "wrong-value",
    ERROR,
    "Only the listed values have a meaning.",
    "Use one of the listed values.",
)
UNKNOWN_NAME = Law(
    "unknown-name",
    ERROR,
    "A name that nobody declared points nowhere.",
    "Use a declared name, or declare it.",
)
METRIC_WITHOUT_OWNER = Law(
    "metric-without-owner",
    ERROR,
    "A number nobody answers for changes nothing.",
    "Add `owner:` with a role of people.yaml.",
)
METRIC_WITHOUT_TARGET = Law(
    "metric-without-target",
    ERROR,
    "Without a target nobody can say whether the number is good.",
    "Add `target: {at_least: ...}`, at_most or between.",
)
METRIC_WITHOUT_PLAN = Law(
    "metric-without-plan",
    ERROR,
    "A missed target without an agreed plan starts a debate instead of work.",
    "Add `plan:` with what its owner does when the target is missed.",
)
METRIC_WITHOUT_DEFINITION = Law(
    "metric-without-definition",
    ERROR,
    "What is not defined is argued about in every review.",
    "Add `definition:` in one sentence everybody agrees to.",
)
METRIC_WITHOUT_TIER = Law(
    "metric-without-tier",
    ERROR,
    "Tier and group decide who sees a metric when, and where it stands in the tree.",
    "Add `tier: 1`, 2 or 3 and `group:`.",
)
METRIC_SHAPE = Law(
    "metric-shape",
    ERROR,
    "A metric gets its value in one way: measure, ratio, derived, or it needs data that is missing.",
    "Keep exactly one of measure, ratio, derived and needs.",
)
METRIC_WITHOUT_EXAMPLE = Law(
    "metric-without-example",
    WARNING,
    "A worked example shows what a definition means better than its words.",
    "Add `examples: [{given: {...}, gives: ...}]`.",
)
EXAMPLE_WRONG = Law(
    "example-wrong",
    ERROR,
    "A definition that does not give its own example is wrong in one of the two.",
    "Correct the example or the definition.",
)
METRIC_CYCLE = Law(
    "metric-cycle",
    ERROR,
    "A metric that depends on itself has no value, and a tree with a circle explains nothing.",
    "Remove one of the edges.",
)
SCOREBOARD_TOO_LONG = Law(
    "scoreboard-too-long",
    WARNING,
    "More than ten numbers are looked at by nobody; the others belong in the tree.",
    "Take `scoreboard: true` away from some.",
)
TOO_MUCH_PAY = Law(
    "too-many-pay-metrics",
    WARNING,
    "Pay that hangs on many numbers steers nobody; a few are paid, the rest steer.",
    "Tie the role's pay to at most three metrics.",
)
NAME_CLASH = Law(
    "name-clash",
    ERROR,
    "Two things of one name give two answers to one question.",
    "Rename one of the two.",
)
TARGET_SHAPE = Law(
    "target-shape",
    ERROR,
    "A target has one form, and its lower end is below its upper one.",
    "Write exactly one of at_least, at_most and between: [low, high].",
)
TARGET_UNIT = Law(
    "target-unit",
    ERROR,
    "Percent values are shares: 25 % is written 0.25; counts and times are not negative.",
    "Write the target in the metric's unit.",
)
TARGET_DIRECTION = Law(
    "target-direction",
    ERROR,
    "A target that is met by getting worse rewards the wrong thing.",
    "Use at_least where higher is better, at_most where lower is.",
)
UNIT_MISFIT = Law(
    "unit-misfit",
    ERROR,
    "A count shown as money, or a sum of money shown as percent, misleads at a glance.",
    "Give the unit that the measures have.",
)
MEASURE_AGGREGATE = Law(
    "measure-aggregate",
    ERROR,
    "A measure is one aggregate of one table.",
    "Keep exactly one of count, distinct, sum, avg, min, max and median.",
)
TIME_COLUMN = Law(
    "time-column",
    ERROR,
    "Without a date or timestamp column a row belongs to no period.",
    "Give `at:` one, or `during: [from, until]` two, date or timestamp columns of the table.",
)
MEASURE_KIND = Law(
    "measure-kind",
    ERROR,
    "Text cannot be added up or averaged.",
    "Aggregate a number, or count.",
)
MIXED_CURRENCY = Law(
    "mixed-currency",
    WARNING,
    "Amounts in different currencies add up to nothing.",
    "Use the column that ends in _converted.",
)
TIER_ON_CALENDAR = Law(
    "tier-on-calendar",
    WARNING,
    "Diagnostic metrics are read when something above them degrades; on a calendar they crowd out the rest.",
    "Use `cadence: triggered`, or raise the tier.",
)
NOT_REVIEWED = Law(
    "metric-not-reviewed",
    WARNING,
    "A number that no meeting looks at has no consequences.",
    "Add it to a meeting of cadence.yaml.",
)

LAWS: tuple[Law, ...] = (
    PREDICATE_SYNTAX,
    PREDICATE_SUBSET,
    PREDICATE_FUNCTION,
    PREDICATE_KIND,
    UNKNOWN_COLUMN,
    BAD_YAML,
    DUPLICATE_KEY,
    YAML_TRICK,
    UNKNOWN_FILE,
    NO_MODEL,
    UNKNOWN_KEY,
    MISSING_KEY,
    WRONG_TYPE,
    WRONG_VALUE,
    UNKNOWN_NAME,
    METRIC_WITHOUT_OWNER,
    METRIC_WITHOUT_TARGET,
    METRIC_WITHOUT_PLAN,
    METRIC_WITHOUT_DEFINITION,
    METRIC_WITHOUT_TIER,
    METRIC_SHAPE,
    METRIC_WITHOUT_EXAMPLE,
    EXAMPLE_WRONG,
    METRIC_CYCLE,
    SCOREBOARD_TOO_LONG,
    TOO_MUCH_PAY,
    NAME_CLASH,
    TARGET_SHAPE,
    TARGET_UNIT,
    TARGET_DIRECTION,
    UNIT_MISFIT,
    MEASURE_AGGREGATE,
    TIME_COLUMN,
    MEASURE_KIND,
    MIXED_CURRENCY,
    TIER_ON_CALENDAR,
    NOT_REVIEWED,
    *laws_of_clocks.LAWS,
    *laws_of_revenue.LAWS,
    *laws_of_flow.LAWS,
    *laws_of_order.LAWS,
)
