"""The laws of what runs against time: SLAs and the clocks of handoffs."""

from fairlead.problem import Law, Severity

ERROR, WARNING = Severity.ERROR, Severity.WARNING

SLA_WITHOUT_START = Law(
    "sla-without-start",
    ERROR,
    "A promise of time that begins at no time cannot be measured.",
    "Add `starts:` with a time column, or `stage:` with the stage it is about.",
)
SLA_WITHOUT_STOP = Law(
    "sla-without-stop",
    ERROR,
    "A clock that nothing stops is overdue for ever.",
    "Add `stops:` with time columns, or `response:` with what counts as an answer.",
)
SLA_WITHOUT_TIME = Law(
    "sla-without-time",
    ERROR,
    "An SLA without a time limit promises nothing.",
    "Add `limits:` with at least one `within:`.",
)
CLOCK_WITHOUT_CALENDAR = Law(
    "clock-without-calendar",
    ERROR,
    "Working time that no calendar defines would be counted as day and night.",
    "Add `calendar:` to it or to its limit, or `default:` in calendars.yaml.",
)
WARNING_BEYOND_LIMIT = Law(
    "warning-beyond-limit",
    ERROR,
    "A warning that comes before the clock starts, or when time has run out, warns nobody.",
    "Name a point within every limit: `80%`, or less time before than the shortest limit has.",
)
WRONG_SUBJECT = Law(
    "wrong-subject",
    ERROR,
    "A column of another subject is not there to let anybody into a stage, or to start, stop or sort a clock.",
    "Change `subject:`, or name a column of this subject; a dot follows a reference, as in account.segment.",
)
POLICY_TWICE = Law(
    "policy-twice",
    ERROR,
    "A handoff and an SLA of one name would run one clock by two rules.",
    "Give one of them another name.",
)
STOP_AT_START = Law(
    "stop-at-start",
    ERROR,
    "A clock that stops as soon as it starts is always met, and tells nothing.",
    "Name time columns under `stops:` that come after the start.",
)
TRIGGER_WITHOUT_COLUMN = Law(
    "trigger-without-column",
    ERROR,
    "A trigger or condition that looks at nothing holds for everybody or for nobody; a promise to nobody is not seen.",
    "Name a column of the subject, as in `mql_at is not null`; leave it out where everybody is meant.",
)
RESPONSE_UNKNOWN = Law(
    "response-unknown",
    ERROR,
    "An answer of a kind that no activity has stops no clock, and everybody looks late.",
    "Name kinds of activities: call, email, meeting, task, note, or those of a picklist for activity.kind.",
)
SIGNAL_UNKNOWN = Law(
    "signal-unknown",
    WARNING,
    "An answer of a kind that no signal has stops no clock, and everybody looks late.",
    "Name a kind of signals that comes in; a picklist for signal.kind in data.yaml says which there are.",
)
PAUSE_WITHOUT_VALUE = Law(
    "pause-without-value",
    ERROR,
    "A pause at no value never comes, and looks as if it did: the clock runs through it.",
    "Name under `values:` what the column holds while the clock stands still, or remove the pause.",
)
BUDGET_WITHOUT_PAUSES = Law(
    "budget-without-pauses",
    WARNING,
    "A budget limits what pauses add; without pauses it does nothing, and looks as if it did.",
    "Add `pauses:`, or remove `pause_budget:`.",
)
LADDER_OUT_OF_ORDER = Law(
    "ladder-out-of-order",
    WARNING,
    "A ladder goes up: who is told later than the next step is told after somebody higher has heard of it.",
    "Put the steps into the order of their times, the shortest first.",
)

LAWS: tuple[Law, ...] = (
    SLA_WITHOUT_START,
    SLA_WITHOUT_STOP,
    SLA_WITHOUT_TIME,
    CLOCK_WITHOUT_CALENDAR,
    WARNING_BEYOND_LIMIT,
    WRONG_SUBJECT,
    POLICY_TWICE,
    STOP_AT_START,
    TRIGGER_WITHOUT_COLUMN,
    RESPONSE_UNKNOWN,
    SIGNAL_UNKNOWN,
    PAUSE_WITHOUT_VALUE,
    BUDGET_WITHOUT_PAUSES,
    LADDER_OUT_OF_ORDER,
)
