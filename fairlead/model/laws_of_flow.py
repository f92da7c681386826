"""The laws of how revenue flows: stages, pipelines, handoffs, calendars, routing, forecast."""

from fairlead.problem import Law, Severity

ERROR, WARNING = Severity.ERROR, Severity.WARNING

STAGE_WITHOUT_OWNER = Law(
    "stage-without-owner",
    ERROR,
    "Whoever is in a stage without an owner waits.",
    "Add `owner:` with one role.",
)
STAGE_WITHOUT_ENTRY = Law(
    "stage-without-entry",
    ERROR,
    "Without an entry criterion nobody can say who is in the stage.",
    "Add `enters:` (a time column) or `enter_when:` (a predicate).",
)
STAGE_WITHOUT_EXIT = Law(
    "stage-without-exit",
    ERROR,
    "Without an exit criterion a stage becomes a place to park.",
    "Add `exit_when:` with a predicate.",
)
STAGE_UNREACHABLE = Law(
    "stage-unreachable",
    ERROR,
    "No path of `next` leads from the first stage here, so nobody can ever be in it.",
    "Name it under `next:` of the stage before.",
)
PIPELINE_WITHOUT_END = Law(
    "pipeline-without-end",
    ERROR,
    "A pipeline without a won and a lost stage never closes a deal.",
    "Give one stage `outcome: won` and one `outcome: lost`.",
)
HANDOFF_WITHOUT_TRIGGER = Law(
    "handoff-without-trigger",
    ERROR,
    "Without a trigger nobody knows when the handoff begins.",
    "Add `trigger:` with a predicate.",
)
HANDOFF_WITHOUT_ACTION = Law(
    "handoff-without-action",
    ERROR,
    "The receiver has to know what is expected.",
    "Add `action:`.",
)
HANDOFF_WITHOUT_TIME = Law(
    "handoff-without-time",
    ERROR,
    "A handoff without a time limit happens when there is time.",
    "Add `limits:` with at least one `within:`.",
)
HANDOFF_WITHOUT_QUALITY = Law(
    "handoff-without-quality",
    ERROR,
    "Fast and useless is not a handoff.",
    "Add `quality:` with how one sees that it was done well.",
)
HANDOFF_WITHOUT_ESCALATION = Law(
    "handoff-without-escalation",
    ERROR,
    "A limit that may pass without anybody hearing of it is no limit.",
    "Add `escalation:` with after and to.",
)
NEED_NOT_PROVIDED = Law(
    "need-not-provided",
    WARNING,
    "What the receiver needs and nobody provides is where revenue leaks.",
    "Add it to `provides:` of the handoff, or agree that it is not needed.",
)
RULE_UNREACHABLE = Law(
    "rule-unreachable",
    WARNING,
    "The rule before it always holds, so this one never decides.",
    "Move the rule without a condition to the end.",
)
CALENDAR_WITHOUT_HOURS = Law(
    "calendar-without-hours",
    ERROR,
    "A clock that counts working time would never end.",
    "Give at least one weekday its hours.",
)
CALENDAR_OVERLAP = Law(
    "calendar-overlap",
    ERROR,
    "Overlapping or reversed hours would count time twice or backwards.",
    "Order the blocks of the day; each ends before the next begins.",
)
UNKNOWN_TIMEZONE = Law(
    "unknown-timezone",
    ERROR,
    "Without its timezone a calendar's hours mean nothing.",
    "Use a name such as Europe/Berlin.",
)
ROUTING_WITHOUT_FALLBACK = Law(
    "routing-without-fallback",
    ERROR,
    "Whoever no rule takes is lost.",
    "Add `fallback:` with a pool.",
)
POOL_WITHOUT_PEOPLE = Law(
    "pool-without-people",
    ERROR,
    "A pool in which nobody takes part routes to nobody.",
    "Give it a team, or members with a weight above zero.",
)
CATEGORY_WITHOUT_RULE = Law(
    "category-without-rule",
    ERROR,
    "A forecast category without a rule is a mood.",
    "Add `when:` and `says:`.",
)
ACCOUNTABILITY_MISSING = Law(
    "accountability-missing",
    ERROR,
    "A human being answers for forecasts, prices and commitments to customers.",
    "Name the deciding role in charter.yaml under accountability.",
)

LAWS: tuple[Law, ...] = (
    STAGE_WITHOUT_OWNER,
    STAGE_WITHOUT_ENTRY,
    STAGE_WITHOUT_EXIT,
    STAGE_UNREACHABLE,
    PIPELINE_WITHOUT_END,
    HANDOFF_WITHOUT_TRIGGER,
    HANDOFF_WITHOUT_ACTION,
    HANDOFF_WITHOUT_TIME,
    HANDOFF_WITHOUT_QUALITY,
    HANDOFF_WITHOUT_ESCALATION,
    NEED_NOT_PROVIDED,
    RULE_UNREACHABLE,
    CALENDAR_WITHOUT_HOURS,
    CALENDAR_OVERLAP,
    UNKNOWN_TIMEZONE,
    ROUTING_WITHOUT_FALLBACK,
    POOL_WITHOUT_PEOPLE,
    CATEGORY_WITHOUT_RULE,
    ACCOUNTABILITY_MISSING,
)
