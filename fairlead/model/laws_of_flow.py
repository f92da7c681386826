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
STAGE_WITHOUT_COLUMN = Law(
    "stage-without-column",
    ERROR,
    "A criterion that looks at nothing holds for everybody or for nobody, whatever happens.",
    "Name a column of the subject, as in `meetings >= 1`; where everybody is meant, write `'true'` in quotes.",
)
STAGE_UNREACHABLE = Law(
    "stage-unreachable",
    ERROR,
    "No path of `next` leads from the first stage here, so nobody can ever be in it.",
    "Name it under `next:` of the stage before.",
)
STAGE_OUT_OF_PLACE = Law(
    "stage-out-of-place",
    ERROR,
    "Stages are counted as one way, in the order they are written: in a late one, everybody has passed those above it.",
    "Write it above the stages under its `next:`, with those of the preset in place of `preset:`; or leave it out, and "
    "let `recycling.to_stage` say where a return goes.",
)
EVIDENCE_NOT_REQUIRED = Law(
    "evidence-not-required",
    ERROR,
    "Evidence for a column that may stay empty is never looked at.",
    "Name the column under `required:` as well, or take it away here.",
)
PIPELINE_WITHOUT_END = Law(
    "pipeline-without-end",
    ERROR,
    "A pipeline without a won and a lost stage never closes a deal.",
    "Give one stage `outcome: won` and one `outcome: lost`.",
)
PIPELINE_NAMED_LIFECYCLE = Law(
    "pipeline-named-lifecycle",
    ERROR,
    "Stays in the lifecycle and in a pipeline of that name could not be told apart.",
    "Give the pipeline another name.",
)
STAGE_NOT_MAPPED = Law(
    "stage-not-mapped",
    ERROR,
    "A deal that moves between two pipelines would be in a stage that the other one does not have.",
    "Give the stage it corresponds to `stands_for:` with this name, or both the same name.",
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
HANDOFF_STAGE_UNREACHED = Law(
    "handoff-stage-unreached",
    ERROR,
    "Nobody ever goes from the one stage to the other, so the handoff never happens.",
    "Correct `from_stage:` and `to_stage:`, or add the way between them under `next:` of the stages.",
)
HANDOFF_WORTH = Law(
    "handoff-worth",
    ERROR,
    "What a gap costs is the conversions it prevents times what each is worth: both have to be known.",
    "Name a money column of the subject under `worth:`, and under `converts:` when it has come to that.",
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
UNKNOWN_REGION = Law(
    "unknown-region",
    ERROR,
    "Public holidays of a place that nobody knows would be worked.",
    "Use a country such as DE or a region of it such as DE-BY, or list the days under `holidays:`.",
)
HOLIDAY_TWICE = Law(
    "holiday-twice",
    ERROR,
    "A day that is said twice may be said differently, and nobody knows which holds.",
    "Keep one entry for the day.",
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
    STAGE_WITHOUT_COLUMN,
    STAGE_UNREACHABLE,
    STAGE_OUT_OF_PLACE,
    EVIDENCE_NOT_REQUIRED,
    PIPELINE_WITHOUT_END,
    PIPELINE_NAMED_LIFECYCLE,
    STAGE_NOT_MAPPED,
    HANDOFF_WITHOUT_TRIGGER,
    HANDOFF_WITHOUT_ACTION,
    HANDOFF_WITHOUT_TIME,
    HANDOFF_WITHOUT_QUALITY,
    HANDOFF_WITHOUT_ESCALATION,
    HANDOFF_STAGE_UNREACHED,
    HANDOFF_WORTH,
    NEED_NOT_PROVIDED,
    RULE_UNREACHABLE,
    CALENDAR_WITHOUT_HOURS,
    CALENDAR_OVERLAP,
    UNKNOWN_TIMEZONE,
    UNKNOWN_REGION,
    HOLIDAY_TWICE,
    ROUTING_WITHOUT_FALLBACK,
    POOL_WITHOUT_PEOPLE,
    CATEGORY_WITHOUT_RULE,
    ACCOUNTABILITY_MISSING,
)
