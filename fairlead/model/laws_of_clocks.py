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
    "A column of another subject is not there to start, stop or sort a clock.",
    "Change `subject:`, or name a column of this subject; a dot follows a reference, as in account.segment.",
)
POLICY_TWICE = Law(
    "policy-twice",
    ERROR,
    "A handoff and an SLA of one name would run one clock by two rules.",
    "Give one of them another name.",
)

LAWS: tuple[Law, ...] = (
    SLA_WITHOUT_START,
    SLA_WITHOUT_STOP,
    SLA_WITHOUT_TIME,
    CLOCK_WITHOUT_CALENDAR,
    WARNING_BEYOND_LIMIT,
    WRONG_SUBJECT,
    POLICY_TWICE,
)
