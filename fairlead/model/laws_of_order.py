"""The laws of the order of the house: data, tools, automations, charter, people, rhythm, plan, AI."""

from fairlead.problem import Law, Severity

ERROR, WARNING = Severity.ERROR, Severity.WARNING

DOMAIN_ROLES = Law(
    "domain-roles",
    ERROR,
    "Data that nobody owns, keeps clean or administers decays.",
    "Name owner, steward and admin of the domain.",
)
DOMAIN_CONFLICT = Law(
    "domain-conflict",
    ERROR,
    "A table in two domains has two owners and therefore none.",
    "Leave the table in one domain.",
)
TABLE_WITHOUT_DOMAIN = Law(
    "table-without-domain",
    WARNING,
    "Nobody answers for the data of a table outside every domain.",
    "Add the table to a domain.",
)
RECORD_CONFLICT = Law(
    "record-conflict",
    ERROR,
    "Two leading systems for one column overwrite each other.",
    "Leave one of the two lines.",
)
BOTH_WITHOUT_WHY = Law(
    "both-ways-without-why",
    WARNING,
    "Both directions cost twice and conflict; they are for where they are needed.",
    "Say why, or choose one direction.",
)
PICKLIST_DRIFT = Law(
    "picklist-drift",
    ERROR,
    "A condition on a value that is not on the list never holds.",
    "Use a value of the list, or add it to the list.",
)
PICKLIST_CONFLICT = Law(
    "picklist-conflict",
    ERROR,
    "Two lists for one column contradict each other sooner or later.",
    "Leave one list for the column.",
)
NAMING_EXAMPLE = Law(
    "naming-example",
    ERROR,
    "A convention whose own example breaks it cannot be followed.",
    "Correct the pattern or the example.",
)
TWO_TOOLS = Law(
    "two-tools-one-job",
    WARNING,
    "Two tools for one job mean two truths, two bills and two trainings.",
    "Choose one; mark the other `status: retiring`.",
)
TOOL_RETURNS_NOTHING = Law(
    "tool-returns-nothing",
    WARNING,
    "What a tool does not return to the CRM the next team does not see.",
    "List under `returns:` what comes back, or plan its replacement.",
)
TOOL_WITHOUT_OWNER = Law(
    "tool-without-owner",
    ERROR,
    "A tool nobody owns is renewed by nobody's decision.",
    "Add `owner:`.",
)
LAYER_MISSING = Law(
    "layer-missing",
    WARNING,
    "A layer the stack cannot do without has no tool.",
    "Add the tool, or lower the layer's priority.",
)
CRM_COUNT = Law(
    "one-crm",
    ERROR,
    "One system holds accounts and deals; with none or two nothing can be returned to it.",
    "Mark exactly one tool `is_crm: true`.",
)
AUTOMATION_WITHOUT_OWNER = Law(
    "automation-without-owner",
    ERROR,
    "When it misfires somebody has to be called.",
    "Add `owner:`.",
)
AUTOMATION_WITHOUT_PURPOSE = Law(
    "automation-without-purpose",
    ERROR,
    "What has no purpose cannot be judged or retired.",
    "Add `purpose:`.",
)
AUTOMATION_WITHOUT_INPUTS = Law(
    "automation-without-inputs",
    ERROR,
    "Without its inputs nobody sees which change will break it.",
    "Add `inputs:`.",
)
AUTOMATION_WITHOUT_OUTPUTS = Law(
    "automation-without-outputs",
    ERROR,
    "Without its outputs nobody sees what it touched.",
    "Add `outputs:`.",
)
AUTOMATION_WITHOUT_ROLLBACK = Law(
    "automation-without-rollback",
    ERROR,
    "What cannot be undone may not run by itself.",
    "Add `rollback:`.",
)
AUTOMATION_WITHOUT_METRIC = Law(
    "automation-without-metric",
    WARNING,
    "Automation is for where it is safe and measurable.",
    "Add `metric:`.",
)
ONE_FUNCTION = Law(
    "reports-to-one-function",
    WARNING,
    "Revenue operations that reports to one function alone serves that function.",
    "Report to the chief executive, revenue or finance officer, or to several.",
)
SPONSOR_MISSING = Law(
    "sponsor-missing",
    WARNING,
    "Without an executive sponsor and a lead, decisions between functions are not taken.",
    "Name `sponsor:` and `lead:` under reporting.",
)
RIGHT_WITHOUT_DECIDER = Law(
    "right-without-decider",
    ERROR,
    "A right nobody holds is taken by whoever is nearest.",
    "Name at least one role under `decides:`.",
)
MANAGES_FUNCTION = Law(
    "revops-manages-function",
    WARNING,
    "Whoever manages a function cannot be the neutral one between functions.",
    "Let the lead of revenue operations manage no function.",
)
BOLTED_ON = Law(
    "bolted-on",
    WARNING,
    "Revenue operations added to a sales operations job stays sales operations.",
    "Give it a role of its own in the function revops.",
)
SHADOW_DECISION = Law(
    "shadow-decision",
    WARNING,
    "Decisions in spreadsheets undo the ones that were agreed.",
    "Bring the decision back into the model and mark it settled.",
)
RHYTHM_UNCLEAR = Law(
    "rhythm-unclear",
    WARNING,
    "If executives cannot tell the rhythm in a minute, execution drifts.",
    "Write `in_a_minute:` in cadence.yaml, at most 160 words.",
)
RACI_ACCOUNTABLE = Law(
    "raci-accountable",
    ERROR,
    "Where two are accountable nobody is.",
    "Name exactly one role under `accountable:`.",
)
RACI_RESPONSIBLE = Law(
    "raci-responsible",
    ERROR,
    "A process nobody works on does not happen.",
    "Name at least one role under `responsible:`.",
)
ROLE_WITHOUT_HOLDER = Law(
    "role-without-holder",
    WARNING,
    "A role that nobody holds answers for nothing.",
    "Add names or work emails under `holders:`.",
)
ROLE_CYCLE = Law(
    "role-cycle",
    ERROR,
    "A reporting line in a circle ends nowhere.",
    "Correct `reports_to:`.",
)
MEETING_WITHOUT_CHAIR = Law(
    "meeting-without-chair",
    ERROR,
    "A meeting nobody leads decides nothing.",
    "Add `chair:`.",
)
COUNCIL_MISSING = Law(
    "council-missing",
    WARNING,
    "The integrity of the metrics is reviewed monthly by a council of all functions.",
    "Mark one monthly meeting `council: true`.",
)
TASK_WITHOUT_EVIDENCE = Law(
    "task-without-evidence",
    WARNING,
    "Without evidence a task is done when somebody says so.",
    "Add `evidence:`.",
)
PHASE_ORDER = Law(
    "phase-order",
    ERROR,
    "Phases follow each other.",
    "Correct `days:`; each phase begins after the one before.",
)
AI_WITHOUT_OWNER = Law(
    "ai-without-owner",
    ERROR,
    "Somebody has to answer for what a tool sees and says.",
    "Add `owner:`.",
)
AI_WITHOUT_RETENTION = Law(
    "ai-without-retention",
    ERROR,
    "Data that a vendor keeps for ever is out of our hands.",
    "Add `retention_days:`.",
)
AI_NOT_APPROVED = Law(
    "ai-not-approved",
    ERROR,
    "A use with a tool that was not approved breaks the policy.",
    "Approve the tool or switch the use off.",
)
AI_WITHOUT_HUMAN = Law(
    "ai-without-human",
    ERROR,
    "A human being reads what a model says before it counts.",
    "Add `human:` with a role.",
)
AI_TOO_EARLY = Law(
    "ai-too-early",
    WARNING,
    "Predictions on data that is not clean are wrong with confidence.",
    "Keep predictions for the third phase.",
)
AI_UNCHECKED = Law(
    "ai-unchecked",
    WARNING,
    "A model's finding is validated against the systems of record.",
    "Add `checked_against:` with data domains.",
)
DECISION_OPEN = Law(
    "decision-open",
    WARNING,
    "A contradiction without a decision is decided anew in every report.",
    "Add `decision:`.",
)
CLAIM_WITHOUT_SOURCE = Law(
    "claim-without-source",
    WARNING,
    "A figure without a source is a rumour.",
    "Add `attributed_to:`, or say in `note:` that none is named.",
)
DISPUTE_OPEN = Law(
    "dispute-open",
    WARNING,
    "A quarrel about a definition that stays open is had again at the next review.",
    "Settle it (`fairlead settle`) and write how under `settled:`.",
)
DISPUTE_EXAMPLE = Law(
    "dispute-example",
    ERROR,
    "An example that does not fit the metric shows nothing: it names other operands, or belongs to no metric.",
    "Give a value to each operand of the metric, and to nothing else.",
)
DISPUTE_NOT_FOLLOWED = Law(
    "dispute-not-followed",
    ERROR,
    "What was settled and what the definition does are two things: one was changed, or never was.",
    "Change the definition to what was settled, or settle the dispute anew and say how.",
)
DISPUTE_WITHOUT_VERDICT = Law(
    "dispute-without-verdict",
    WARNING,
    "A settled dispute whose example may or may not hold cannot be checked.",
    "Add `agreed: true` when the definition is to give the example, `agreed: false` when it is not.",
)

LAWS: tuple[Law, ...] = (
    DOMAIN_ROLES,
    DOMAIN_CONFLICT,
    TABLE_WITHOUT_DOMAIN,
    RECORD_CONFLICT,
    BOTH_WITHOUT_WHY,
    PICKLIST_DRIFT,
    PICKLIST_CONFLICT,
    NAMING_EXAMPLE,
    TWO_TOOLS,
    TOOL_RETURNS_NOTHING,
    TOOL_WITHOUT_OWNER,
    LAYER_MISSING,
    CRM_COUNT,
    AUTOMATION_WITHOUT_OWNER,
    AUTOMATION_WITHOUT_PURPOSE,
    AUTOMATION_WITHOUT_INPUTS,
    AUTOMATION_WITHOUT_OUTPUTS,
    AUTOMATION_WITHOUT_ROLLBACK,
    AUTOMATION_WITHOUT_METRIC,
    ONE_FUNCTION,
    SPONSOR_MISSING,
    RIGHT_WITHOUT_DECIDER,
    MANAGES_FUNCTION,
    BOLTED_ON,
    SHADOW_DECISION,
    RHYTHM_UNCLEAR,
    RACI_ACCOUNTABLE,
    RACI_RESPONSIBLE,
    ROLE_WITHOUT_HOLDER,
    ROLE_CYCLE,
    MEETING_WITHOUT_CHAIR,
    COUNCIL_MISSING,
    TASK_WITHOUT_EVIDENCE,
    PHASE_ORDER,
    AI_WITHOUT_OWNER,
    AI_WITHOUT_RETENTION,
    AI_NOT_APPROVED,
    AI_WITHOUT_HUMAN,
    AI_TOO_EARLY,
    AI_UNCHECKED,
    DECISION_OPEN,
    CLAIM_WITHOUT_SOURCE,
    DISPUTE_OPEN,
    DISPUTE_EXAMPLE,
    DISPUTE_NOT_FOLLOWED,
    DISPUTE_WITHOUT_VERDICT,
)
