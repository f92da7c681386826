"""Texts of a model that break its laws, one for each, and the sound ones that they were made from."""

METRIC = """
measures:
  won: {from: opportunity, count: '*', where: is_won, at: closed_at}
  closed: {from: opportunity, count: '*', where: is_closed, at: closed_at}
  bookings: {from: opportunity, sum: amount_converted, where: is_won, at: closed_at}
metrics:
  win_rate:
    definition: Won out of closed.
    ratio: [won, closed]
    unit: percent
    better: higher
    tier: 1
    group: pipeline_health
    owner: vp_sales
    target: {at_least: 0.25}
    plan: Read the losses.
    examples: [{given: {won: 1, closed: 4}, gives: 0.25}]
"""

HANDOFF = """
handoffs:
  mql_to_sql:
    from: marketing
    to: sales
    trigger: mql_at is not null
    action: Respond.
    limits: {all: {within: 5 minutes}}
    quality: By a human being.
    escalation: [{after: 1 hour, to: vp_sales}]
"""

STAGE = """
stages:
  inquiry: {owner: vp_sales, enters: created_at, exit_when: engaged_at is not null}
  engaged: {owner: vp_sales, enters: engaged_at, exit_when: mql_at is not null}
"""

HOURS = "calendars:\n  a:\n    hours: {monday: '09:00-17:00'}\n"

AUTOMATION = """
automations:
  route:
    owner: vp_sales
    purpose: Routes.
    inputs: [person]
    outputs: [owner]
    rollback: Switch it off.
    metric: win_rate
"""


def changed(text: str, old: str, new: str) -> str:
    assert old in text
    return text.replace(old, new, 1)


def metric(old: str, new: str) -> dict[str, str]:
    return {"metrics": changed(METRIC, old, new)}


def more_metrics(count: int, line: str) -> dict[str, str]:
    entry = METRIC[METRIC.index("  win_rate:") :]
    copies = "".join(entry.replace("win_rate:", f"win_rate_{n}:") + f"    {line}\n" for n in range(count))
    return {"metrics": METRIC + copies}


def handoff(old: str, new: str) -> dict[str, str]:
    return {"handoffs": changed(HANDOFF, old, new)}


SLA = """
slas:
  acceptance:
    starts: mql_at
    stops: sal_at
    limits: {all: {within: 2 working days}}
    calendar: office
"""


def sla(old: str, new: str) -> dict[str, str]:
    return {"handoffs": changed(SLA, old, new)}


def stage(old: str, new: str) -> dict[str, str]:
    return {"lifecycle": changed(STAGE, old, new)}


def automation(old: str, new: str) -> dict[str, str]:
    return {"automations": changed(AUTOMATION, old, new)}


def disputed(rest: str, term: str = "win_rate") -> dict[str, str]:
    return {"metrics": METRIC, "decisions": f"disputes:\n  - {{term: {term}, says: Is it?, {rest}}}\n"}


ROLES = {"people": "roles:\n  vp_sales: {function: sales}\n  revops_lead: {function: revops}\n"}
RIGHTS = "authority:\n  stages: {says: Stages., decides: [vp_sales]}\n"
CRM = "  crm: {layer: crm, jobs: [deals], owner: vp_sales, is_crm: true}\n"

CASES: list[tuple[str, dict[str, str]]] = [
    # reading
    ("bad-yaml", {"metrics": "metrics: [\n"}),
    ("bad-yaml", {"metrics": "metrics:\n\twin_rate: 1\n"}),
    ("duplicate-key", {"metrics": "metrics:\n  a: {unit: count}\n  a: {unit: count}\n"}),
    ("yaml-trick", {"metrics": "metrics: &all {}\nmeasures: *all\n"}),
    ("yaml-trick", {"metrics": "metrics: !!python/object:os.system {}\n"}),
    ("unknown-file", {"metric": "metrics: {}\n"}),
    ("no-model", {}),
    ("unknown-key", metric("plan:", "plam:")),
    ("missing-key", metric("    unit: percent\n", "")),
    ("wrong-type", metric("tier: 1", "tier: 1\n    drives: 5")),
    ("wrong-value", metric("unit: percent", "unit: percentage")),
    # names and predicates
    ("unknown-name", metric("owner: vp_sales", "owner: vp_sale")),
    ("unknown-name", metric("ratio: [won, closed]", "ratio: [wonn, closed]")),
    ("unknown-name", metric("ratio: [won, closed]", "derived: wonn / closed")),
    ("unknown-name", metric("from: opportunity", "from: opportunities")),
    ("no-such-column", metric("where: is_won", "where: is_wn")),
    ("no-such-column", metric("at: closed_at", "at: closd_at")),
    ("no-such-column", stage("enters: created_at", "enters: creatd_at")),
    ("predicate-syntax", metric("where: is_won", "where: is_won and")),
    ("predicate-subset", metric("where: is_won", "where: amount > (select 1)")),
    ("predicate-function", metric("where: is_won", "where: random() > 0.5")),
    ("predicate-kind", metric("where: is_won", "where: amount")),
    (
        "picklist-drift",
        {
            "data": "picklists:\n  kind: {columns: [opportunity.kind], values: {new: New.}}\n",
            **metric("where: is_won", "where: kind = 'nwe'"),
        },
    ),
    (
        "picklist-conflict",
        {"data": "picklists:\n  a: {columns: [opportunity.kind]}\n  b: {columns: [opportunity.kind]}\n"},
    ),
    ("naming-example", {"data": "naming:\n  a: {applies_to: campaigns, pattern: '^[a-z]+$', example: A1}\n"}),
    ("naming-example", {"data": "naming:\n  a: {applies_to: campaigns, pattern: '[', example: A1}\n"}),
    # metrics
    ("metric-without-definition", metric("    definition: Won out of closed.\n", "")),
    ("metric-without-owner", metric("    owner: vp_sales\n", "")),
    ("metric-without-target", metric("    target: {at_least: 0.25}\n", "")),
    ("metric-without-plan", metric("    plan: Read the losses.\n", "")),
    ("metric-without-plan", metric("    plan: Read the losses.\n", "    plan:\n")),
    ("metric-without-tier", metric("    tier: 1\n", "")),
    ("metric-shape", metric("ratio: [won, closed]", "ratio: [won, closed]\n    needs: [quotas]")),
    ("metric-shape", metric("    ratio: [won, closed]\n", "")),
    ("metric-without-example", metric("    examples: [{given: {won: 1, closed: 4}, gives: 0.25}]\n", "")),
    ("example-wrong", metric("gives: 0.25", "gives: 0.3")),
    ("example-wrong", metric("given: {won: 1,", "given: {wins: 1,")),
    ("metric-cycle", metric("    plan:", "    drives: [win_rate]\n    plan:")),
    ("metric-cycle", metric("ratio: [won, closed]", "ratio: [win_rate, closed]")),
    ("scoreboard-too-long", more_metrics(11, "scoreboard: true")),
    ("too-many-pay-metrics", more_metrics(4, "pay: [vp_sales]")),
    ("name-clash", metric("  bookings:", "  win_rate:")),
    ("name-clash", metric("    plan:", "    aliases: [Won]\n    plan:")),
    ("name-clash", more_metrics(2, "id: M10")),
    ("target-shape", metric("{at_least: 0.25}", "{between: [0.5, 0.2]}")),
    ("target-shape", metric("{at_least: 0.25}", "{at_least: 0.25, at_most: 0.5}")),
    ("target-shape", metric("{at_least: 0.25}", "{by: {segment: {smb: {at_least: 0.25}}}}")),
    ("target-unit", metric("{at_least: 0.25}", "{at_least: 25}")),
    ("target-unit", metric("{at_least: 0.25}", "{at_least: 0.25, by: {segment: {smb: {at_least: 30}}}}")),
    ("target-direction", metric("{at_least: 0.25}", "{at_most: 0.25}")),
    ("unit-misfit", metric("unit: percent", "unit: money")),
    ("unit-misfit", metric("ratio: [won, closed]", "measure: won")),
    ("measure-aggregate", metric("sum: amount_converted", "sum: amount_converted, count: '*'")),
    ("measure-aggregate", metric("sum: amount_converted, ", "")),
    ("time-column", metric("where: is_won, at: closed_at", "where: is_won, at: name")),
    ("time-column", metric("where: is_won, at: closed_at", "where: is_won")),
    ("time-column", metric("at: closed_at", "during: [created_at, stage]")),
    ("time-column", stage("enters: created_at", "enters: email")),
    ("measure-kind", metric("sum: amount_converted", "sum: stage")),
    ("mixed-currency", metric("sum: amount_converted", "sum: amount")),
    ("tier-on-calendar", metric("tier: 1", "tier: 3\n    review: [{audience: vp_sales, cadence: weekly}]")),
    ("metric-not-reviewed", {"metrics": METRIC, "cadence": "meetings:\n  a: {cadence: weekly}\n"}),
    # the flow
    ("stage-without-owner", stage("owner: vp_sales, ", "")),
    ("stage-without-owner", {"lifecycle": "pipelines: {sales: {stages: {discovery: {exit_when: amount > 0}}}}\n"}),
    ("stage-without-entry", stage("enters: created_at, ", "")),
    ("stage-without-column", stage("enters: created_at, ", "enter_when: 1 = 0, ")),
    ("stage-without-column", stage("exit_when: engaged_at is not null", "exit_when: 2 > 1")),
    (
        "stage-without-column",
        {"lifecycle": "pipelines: {sales: {stages: {talk: {exit_when: 1 = 1}}}}\n"},
    ),
    ("stage-without-exit", stage(", exit_when: engaged_at is not null", "")),
    (
        "stage-unreachable",
        stage("exit_when: engaged_at is not null}", "exit_when: engaged_at is not null, next: [inquiry]}"),
    ),
    (
        "stage-out-of-place",
        {
            "lifecycle": changed(STAGE, "engaged_at is not null}", "engaged_at is not null, next: [engaged, dormant]}")
            + "  dormant: {owner: vp_sales, enters: recycled_at, exit_when: mql_at is not null, next: [engaged]}\n"
        },
    ),
    ("pipeline-without-end", {"lifecycle": "pipelines: {sales: {stages: {discovery: {owner: a}}}}\n"}),
    ("pipeline-named-lifecycle", {"lifecycle": "pipelines: {lifecycle: {stages: {talk: {}}}}\n"}),
    ("stage-not-mapped", {"lifecycle": "pipelines: {new: {stages: {talk: {}}}, renewals: {stages: {due: {}}}}\n"}),
    ("no-such-column", stage("enters: created_at", "enters: seen_first")),
    (
        "evidence-not-required",
        stage("exit_when: engaged_at is not null}", "exit_when: engaged_at is not null, evidence: {email: 3}}"),
    ),
    ("handoff-without-trigger", handoff("    trigger: mql_at is not null\n", "")),
    ("handoff-without-action", handoff("    action: Respond.\n", "")),
    ("handoff-without-time", handoff("    limits: {all: {within: 5 minutes}}\n", "")),
    ("handoff-without-quality", handoff("    quality: By a human being.\n", "")),
    ("handoff-without-escalation", handoff("    escalation: [{after: 1 hour, to: vp_sales}]\n", "")),
    (
        "handoff-stage-unreached",
        {**handoff("    action:", "    from_stage: engaged\n    to_stage: inquiry\n    action:"), "lifecycle": STAGE},
    ),
    ("handoff-worth", handoff("    action:", "    converts: sql_at\n    worth: fit_score\n    action:")),
    ("handoff-worth", handoff("    action:", "    worth: won_amount\n    action:")),
    ("no-such-column", handoff("    action:", "    converts: liked_at\n    action:")),
    ("wrong-subject", handoff("    action:", "    converts: onboarded_at\n    action:")),
    ("wrong-subject", stage("enters: created_at", "enters: closed_at")),
    ("wrong-subject", stage("exit_when: engaged_at is not null", "exit_when: closed_at is not null")),
    ("wrong-subject", stage("exit_when: engaged_at is not null", "exit_when: email is not null, required: [amount]")),
    ("wrong-subject", {"lifecycle": "pipelines: {sales: {stages: {talk: {exit_when: engaged_at is not null}}}}\n"}),
    ("wrong-subject", handoff("trigger: mql_at is not null", "trigger: is_won")),
    ("need-not-provided", handoff("    quality:", "    needs: [email]\n    quality:")),
    ("rule-unreachable", handoff("{all: {within: 5 minutes}}", "{all: {within: 5 minutes}, b: {within: 1 hour}}")),
    ("rule-unreachable", {"routing": "rules:\n  all: {to: desk}\n  smb: {when: segment = 'smb', to: desk}\n"}),
    ("sla-without-start", sla("    starts: mql_at\n", "")),
    ("sla-without-stop", sla("    stops: sal_at\n", "")),
    ("sla-without-time", sla("    limits: {all: {within: 2 working days}}\n", "")),
    ("clock-without-calendar", sla("    calendar: office\n", "")),
    (
        "clock-without-calendar",
        sla(
            "within: 2 working days}}\n    calendar: office",
            "within: 2 days}}\n    escalation: [{after: 1 working hour, to: owner}]",
        ),
    ),
    ("unknown-name", sla("    starts: mql_at\n    stops: sal_at\n", "    stage: nowhere\n")),
    (
        "wrong-subject",
        {
            **sla("    starts: mql_at\n    stops: sal_at\n", "    subject: account\n    stage: engaged\n"),
            "lifecycle": STAGE,
        },
    ),
    ("warning-beyond-limit", sla("calendar: office", "calendar: office\n    warn_at: 100%")),
    ("warning-beyond-limit", sla("calendar: office", "calendar: office\n    warn_at: [80%, 900 working hours]")),
    ("wrong-subject", sla("stops: sal_at", "stops: closed_at")),
    ("wrong-subject", sla("calendar: office", "calendar: office\n    trigger: is_won")),
    ("stop-at-start", sla("stops: sal_at", "stops: [sal_at, mql_at]")),
    ("stop-at-start", sla("stops: sal_at", "stops: created_at")),
    ("trigger-without-column", sla("calendar: office", "calendar: office\n    trigger: 1 = 0")),
    ("trigger-without-column", handoff("trigger: mql_at is not null", "trigger: 1 = 0")),
    ("trigger-without-column", handoff("within: 5 minutes}", "within: 5 minutes, when: 2 > 1}")),
    ("trigger-without-column", sla("within: 2 working days}", "within: 2 working days, when: 2 > 1}")),
    ("trigger-without-column", handoff("    quality:", "    done: 1 = 2\n    quality:")),
    ("trigger-without-column", handoff("    quality:", "    recycling: {when: '1 = 1'}\n    quality:")),
    ("response-unknown", sla("stops: sal_at", "response: {kinds: [telepathy]}")),
    ("signal-unknown", sla("stops: sal_at", "response: {kinds: [], signals: [smoke]}")),
    ("budget-without-pauses", sla("calendar: office", "calendar: office\n    pause_budget: 2 days")),
    (
        "ladder-out-of-order",
        sla(
            "calendar: office",
            "calendar: office\n    escalation: [{after: 5 hours, to: owner}, {after: 1 hour, to: council}]",
        ),
    ),
    (
        "picklist-drift",
        {
            "data": "picklists:\n  reason: {columns: [person.recycle_reason], values: {no_fit: Not ours.}}\n",
            **sla("calendar: office", "calendar: office\n    pauses: {a: {column: recycle_reason, values: [Nope]}}"),
        },
    ),
    (
        "pause-without-value",
        sla("calendar: office", "calendar: office\n    pauses: {a: {column: recycle_reason, values: []}}"),
    ),
    ("policy-twice", {"handoffs": HANDOFF + SLA.replace("acceptance:", "mql_to_sql:")}),
    ("wrong-value", sla("calendar: office", "calendar: office\n    pause_budget: 2 working days")),
    ("rule-unreachable", sla("{all: {within: 2 working days}}", "{all: {within: 2 days}, b: {within: 1 day}}")),
    ("routing-without-fallback", {"routing": "rules:\n  all: {to: desk}\n"}),
    ("pool-without-people", {"routing": "pools:\n  desk: {method: round_robin}\n"}),
    ("pool-without-people", {"routing": "pools:\n  desk: {method: weighted, weights: {Alice: 0, Bob: 0}}\n"}),
    ("calendar-without-hours", {"calendars": "calendars:\n  none: {label: Never}\n"}),
    ("calendar-overlap", {"calendars": "calendars:\n  a: {hours: {monday: ['09:00-13:00', '12:00-17:00']}}\n"}),
    ("calendar-overlap", {"calendars": "calendars:\n  a: {hours: {monday: '17:00-09:00'}}\n"}),
    ("unknown-timezone", {"calendars": "calendars:\n  a: {timezone: Europe/Berlln, hours: {monday: '09:00-17:00'}}\n"}),
    ("unknown-region", {"calendars": "calendars:\n  a: {holidays_of: DE-XX, hours: {monday: '09:00-17:00'}}\n"}),
    ("holiday-twice", {"calendars": HOURS + "    holidays: [{on: 2026-12-24}, {on: 2026-12-24}]\n"}),
    ("category-without-rule", {"forecast": "categories:\n  commit: {says: Sure.}\n"}),
    ("switch-without-reason", {"revenue": "switches: {free: churn}\n"}),
    ("reason-of-nothing", {"revenue": "why: {fre: Nobody knows.}\n"}),
    ("switch-without-reason", {"revenue": "reconciliation: {like_days: 30}\n"}),
    ("reason-of-nothing", {"revenue": "watch: {why: {signs: Nobody knows.}}\n"}),
    ("wrong-value", {"revenue": "reconciliation: {amount_is: decade}\n"}),
    ("lens-of-ours", {"revenue": "lenses:\n  ours: {source: A page.}\n"}),
    (
        "retention-told-twice",
        {"metrics": "measures:\n  expansion_mrr: {from: account_month, sum: expansion_mrr, at: month, says: More.}\n"},
    ),
    ("lens-without-source", {"revenue": "lenses:\n  theirs: {label: Theirs}\n"}),
    ("wrong-value", {"revenue": "switches: {churn_date: whenever}\n"}),
    ("wrong-value", {"revenue": "lenses:\n  theirs: {source: A page., switches: {paused: {counts_as: gone}}}\n"}),
    ("unknown-key", {"revenue": "switches: {chrun_date: service_end}\n"}),
    ("wrong-type", {"revenue": "switches: {past_due: {after_days: 91}}\n"}),
    ("accountability-missing", {"charter": "accountability:\n  pricing: {says: Prices., decides: [cfo]}\n"}),
    # the order of the house
    ("domain-roles", {"data": "domains:\n  a: {tables: [account], owner: cfo, steward: cfo}\n"}),
    ("domain-conflict", {"data": "domains:\n  a: {tables: [account]}\n  b: {tables: [account]}\n"}),
    ("table-without-domain", {"data": "domains:\n  a: {tables: [account]}\n"}),
    (
        "record-conflict",
        {"data": "sync:\n  - {column: account, system: crm}\n  - {column: account, system: billing}\n"},
    ),
    ("both-ways-without-why", {"data": "sync:\n  - {column: account, system: crm, direction: both}\n"}),
    ("both-ways-without-why", {"stack": f"tools:\n{CRM}  b: {{layer: crm, direction: both}}\n"}),
    ("two-tools-one-job", {"stack": f"tools:\n{CRM}  b: {{layer: crm, jobs: [Deals]}}\n"}),
    ("tool-returns-nothing", {"stack": f"tools:\n{CRM}  b: {{layer: crm}}\n"}),
    ("tool-returns-nothing", {"stack": f"tools:\n{CRM}  b: {{layer: crm, returns: [x], direction: from_crm}}\n"}),
    ("tool-without-owner", {"stack": "tools:\n  b: {layer: crm}\n"}),
    ("layer-missing", {"stack": "layers:\n  crm: {purpose: Deals., priority: must}\n"}),
    ("one-crm", {"stack": "tools:\n  b: {layer: crm}\n"}),
    ("automation-without-owner", automation("    owner: vp_sales\n", "")),
    ("automation-without-purpose", automation("    purpose: Routes.\n", "")),
    ("automation-without-inputs", automation("    inputs: [person]\n", "")),
    ("automation-without-outputs", automation("    outputs: [owner]\n", "")),
    ("automation-without-rollback", automation("    rollback: Switch it off.\n", "")),
    ("automation-without-metric", automation("    metric: win_rate\n", "")),
    (
        "reports-to-one-function",
        {**ROLES, "charter": "reporting: {lead: revops_lead, sponsor: vp_sales, reports_to: vp_sales}\n"},
    ),
    ("sponsor-missing", {"charter": RIGHTS}),
    ("right-without-decider", {"charter": changed(RIGHTS, ", decides: [vp_sales]", "")}),
    (
        "revops-manages-function",
        {"people": "roles:\n  lead: {function: revops, manages: [sales]}\n", "charter": "reporting: {lead: lead}\n"},
    ),
    ("bolted-on", {"people": "roles:\n  lead: {function: sales}\n", "charter": "reporting: {lead: lead}\n"}),
    (
        "bolted-on",
        {
            "people": "roles:\n  lead: {function: revops, also: sales operations}\n",
            "charter": "reporting: {lead: lead}\n",
        },
    ),
    (
        "shadow-decision",
        {"charter": "shadow_decisions:\n  - {what: Territories, found_in: territories_final_v3.xlsx}\n"},
    ),
    ("rhythm-unclear", {"cadence": "meetings:\n  a: {cadence: weekly, chair: cro}\n"}),
    ("rhythm-unclear", {"cadence": f"in_a_minute: {'word ' * 161}\nmeetings:\n  a: {{cadence: weekly}}\n"}),
    ("raci-accountable", {"people": "processes:\n  forecasting: {responsible: a, accountable: [a, b]}\n"}),
    ("raci-accountable", {"people": "processes:\n  forecasting: {responsible: a}\n"}),
    ("raci-responsible", {"people": "processes:\n  forecasting: {accountable: a}\n"}),
    ("role-without-holder", ROLES),
    (
        "role-cycle",
        {"people": "roles:\n  a: {function: sales, reports_to: b}\n  b: {function: sales, reports_to: a}\n"},
    ),
    ("meeting-without-chair", {"cadence": "meetings:\n  a: {cadence: weekly}\n"}),
    ("council-missing", {"cadence": "meetings:\n  a: {cadence: weekly, council: true}\n"}),
    ("task-without-evidence", {"plan": "phases:\n  see: {tasks: {audit: {says: Look.}}}\n"}),
    ("phase-order", {"plan": "phases:\n  see: {days: [1, 30]}\n  build: {days: [30, 60]}\n"}),
    ("ai-without-owner", {"ai": "tools:\n  a: {retention_days: 3}\n"}),
    ("ai-without-retention", {"ai": "tools:\n  a: {owner: cro}\n"}),
    ("ai-not-approved", {"ai": "tools:\n  a: {owner: cro}\nuse_cases:\n  b: {kind: draft, tool: a, is_on: true}\n"}),
    ("ai-without-human", {"ai": "use_cases:\n  b: {kind: draft}\n"}),
    ("ai-too-early", {"ai": "use_cases:\n  b: {kind: predict, is_on: true}\n"}),
    ("ai-unchecked", {"ai": "use_cases:\n  b: {kind: draft}\n"}),
    ("decision-open", {"decisions": "decisions:\n  C1: {topic: Velocity}\n"}),
    ("claim-without-source", {"decisions": "claims:\n  a: {says: Much faster.}\n"}),
    ("dispute-open", {"decisions": "disputes:\n  - {term: churn, says: Does a downgrade count?}\n"}),
    ("dispute-open", disputed("given: {won: 1, closed: 4}, gives: 0.3")),
    ("dispute-example", disputed("given: {wins: 1, closed: 4}, gives: 0.3")),
    ("dispute-example", disputed("given: {won: 1}, gives: 0.3")),
    ("dispute-example", {"decisions": "disputes:\n  - {term: churn, says: It is., given: {a: 1}, gives: 1}\n"}),
    ("dispute-not-followed", disputed("given: {won: 1, closed: 4}, gives: 0.3, settled: Yes., agreed: true")),
    ("dispute-not-followed", disputed("given: {won: 1, closed: 4}, gives: 0.25, settled: No., agreed: false")),
    ("dispute-without-verdict", disputed("given: {won: 1, closed: 4}, gives: 0.3, settled: We talked.")),
    ("unknown-name", disputed("settled: Yes.", term="win_rat")),
    ("unknown-name", disputed("settled: Yes., decision: C9")),
    ("unknown-name", metric("tier: 1", "tier: 1\n    frameworks: growht")),
]
