"""Gates: whether everybody who left a stage, or is still in it, had what the stage asks for.

    lifecycle.yaml (required, evidence, exit_when) ──> Gate(s) ──> build.gate_facts_SUBJECT ──> mart.gate
                                                                   the same SQL over one stay ──> `fairlead gate`

What is required counts when it is filled and as well evidenced as the model demands: 1 filled, 2 somebody did
something about it during the stay, 3 the customer did (R32: a human being wrote, called or met); on a day before the
value was written, nobody did anything about it. A waiver counts when it was given by then, has not run out or been
taken back by then, and covers everything that lacks.
"""

from collections.abc import Iterator, Sequence
from typing import NamedTuple

from fairlead.analysis.gate_columns import LIFECYCLE
from fairlead.analysis.gate_facts import Source, facts_sql
from fairlead.analysis.scan import text
from fairlead.model.agreed import Subject
from fairlead.model.lifecycle import DealStage, Outcome, Stage
from fairlead.model.people import Role
from fairlead.model.predicate import Predicate, columns_of, parse
from fairlead.model.tables import TABLES, Kind
from fairlead.model.whole import Model
from fairlead.values import Query

EXIT = "exit"  # what a waiver of the exit criterion names
WAIVERS = "gate_waivers"  # the right in charter.yaml that names further roles who may waive


class Gate(NamedTuple):
    """What a stage asks of whoever leaves it: columns and the grade of evidence for each, and a condition.

    `forward`: the stages beyond; nobody passes a gate without any. `owner` is the stage's role. `is_named_alone`: its
    stage's name means it without its flow, as a waiver may have it; of two of one name it is that of the pipeline.
    `has_namesake`: there are two of one name, so that it is called by its flow too.
    """

    flow: str
    stage: str
    subject: Subject
    owner: str | None
    required: tuple[tuple[str, int], ...]
    exit_when: Predicate | None
    forward: tuple[str, ...]
    is_named_alone: bool = True
    has_namesake: bool = False

    @property
    def called(self) -> str:
        """What a waiver calls it: its stage, and its flow before it where there is another of that name."""
        return self.name if self.has_namesake else self.stage

    @property
    def names(self) -> tuple[str, ...]:
        """Every name by which a waiver may mean it."""
        return (self.name, self.stage) if self.is_named_alone else (self.name,)

    @property
    def name(self) -> str:
        """`sales.discovery`: the key of the gate in a build."""
        return f"{self.flow}.{self.stage}"

    @property
    def columns(self) -> tuple[str, ...]:
        """Every column the gate looks at."""
        used = self.exit_when.columns if self.exit_when else ()
        return tuple(dict.fromkeys([*(column for column, _ in self.required), *used]))


def gates(model: Model) -> tuple[Gate, ...]:
    """Every stage that asks for something, of the lifecycle and then of each pipeline, in the model's order."""
    found = [_gate(LIFECYCLE, s, s.subject, _beyond(model, s)) for s in model.stages]
    for line in model.lifecycle.pipelines.values():
        names = list(line.stages)
        for place, stage in enumerate(line.stages.values()):
            later = [n for n in names[place + 1 :] if line.stages[n].outcome is not Outcome.LOST]
            beyond = tuple(later) if stage.outcome is Outcome.OPEN else ()
            found.append(_gate(line.name, stage, Subject.OPPORTUNITY, beyond))
    asking = [gate for gate in found if gate.required or gate.exit_when]
    lines = {(gate.subject, gate.stage) for gate in asking if gate.flow != LIFECYCLE}
    two = lines & {(gate.subject, gate.stage) for gate in asking if gate.flow == LIFECYCLE}
    return tuple(
        gate._replace(has_namesake=named in two, is_named_alone=gate.flow != LIFECYCLE or named not in two)
        for gate in asking
        for named in [(gate.subject, gate.stage)]
    )


def _beyond(model: Model, stage: Stage) -> tuple[str, ...]:
    """The later stages of the lifecycle, whoever goes through them: a person's next may be a deal's."""
    names = [s.name for s in model.stages]
    return tuple(names[names.index(stage.name) + 1 :])


def _gate(flow: str, stage: Stage | DealStage, subject: Subject, forward: tuple[str, ...]) -> Gate:
    predicate, _ = parse(stage.exit_when or "", columns_of(TABLES[subject.facts]))
    known = [c for c in stage.required if TABLES[subject.facts].column(c)]
    required = tuple((column, stage.demanded(column)) for column in dict.fromkeys(known))
    return Gate(flow, stage.name, subject, stage.owner, required, predicate, forward)


def deciders(model: Model, gate: Gate) -> tuple[Role, ...]:
    """Who may waive: the role that owns the stage and those above it, then those the charter names `gate_waivers`."""
    found: dict[str, Role] = {}
    waiting = [gate.owner, *(model.charter.authority[WAIVERS].decides if WAIVERS in model.charter.authority else ())]
    while waiting:
        role = model.role(waiting.pop(0))
        if role is not None and role.name not in found:
            found[role.name] = role
            waiting.insert(0, role.reports_to)
    return tuple(found.values())


def gate_entries(model: Model) -> tuple[Query, ...]:
    """The SQL of mart.gate and of the steps to it: for each subject with gates, its facts as of each leaving."""
    steps: list[Query] = []
    parts: list[str] = []
    for subject in Subject:
        if not (own := [g for g in gates(model) if g.subject is subject]):
            continue
        step = f"build.gate_facts_{subject.value}"
        listed = ", ".join(text(g.name) for g in own)
        stays = (
            f"SELECT m.* FROM mart.stage_entry AS m WHERE m.subject = {text(subject.value)}"
            f" AND m.flow || '.' || m.stage IN ({listed})"
        )
        steps.append(Query(step, facts_sql(model, subject, columns_needed(own), Source(stays))))
        parts.append(judged_sql(own, step, "record.waiver"))
    rows = "\nUNION ALL\n".join(f"SELECT p.* FROM ({one}) AS p" for one in parts)
    return (*steps, Query("mart.gate", rows or _nothing()))


def columns_needed(found: Sequence[Gate]) -> tuple[str, ...]:
    """The columns of one subject's facts that its gates look at."""
    return tuple(dict.fromkeys(column for gate in found for column in gate.columns))


def judged_sql(found: Sequence[Gate], facts: str, waivers: str) -> str:
    """SQL of mart.gate's rows of one subject from its `facts` (as `facts_sql` gives them) and waivers."""
    subject = found[0].subject
    items = list(dict.fromkeys(column for gate in found for column, _ in gate.required))
    lacks = [f"c.lack_{n}" for n in range(len(items))]
    covers = [f"NOT {lack} OR coalesce(w.cover_{n} OR w.cover_all, false)" for n, lack in enumerate(lacks)]
    covers.append("c.exit_met IS NOT false OR coalesce(w.cover_exit OR w.cover_all, false)")
    names = ", ".join(f"CASE WHEN {lack} THEN {text(item)} END" for lack, item in zip(lacks, items, strict=True))
    today = _today(found)
    again = "1" if subject is Subject.OPPORTUNITY else "t._cycle"  # a deal counts once, whoever comes back again
    return f"""WITH checked AS (
  SELECT s.*, {", ".join([*_lacking(found, items), f"{_exit(found)} AS exit_met", f"{_forward(found)} AS forward"])}
  FROM {facts} AS s
),
covered AS (
  SELECT c._subject_id, c._sequence, {", ".join(_covering(items))},
    max(coalesce(m.name, v.waived_by)) AS waived_by, max(v.waiver_reason) AS waiver_reason
  FROM {facts} AS c
  JOIN {waivers} AS v ON v.subject = {text(subject.value)} AND v.subject_id = c._subject_id AND {_means(found)}
    AND v.at <= c._at AND (v.expires_on IS NULL OR v.expires_on >= c._day)
    AND (v.withdrawn_at IS NULL OR v.withdrawn_at > c._at)
  LEFT JOIN record.member AS m ON m.id = v.waived_by_id
  WHERE v.deleted_at IS NULL
  GROUP BY c._subject_id, c._sequence
),
counted AS (
  SELECT c.*, w.waived_by, w.waiver_reason, {_sum(f"c.need_{n} > 0" for n in range(len(items)))} AS required_count,
    {_sum(f"c.lack_{n}" for n in range(len(items)))} AS lack_count,
    {f"nullif(concat_ws(', ', {names}), '')" if names else "CAST(NULL AS VARCHAR)"} AS missing,
    {" AND ".join(f"({cover})" for cover in covers)} AS is_covered
  FROM checked AS c
  LEFT JOIN covered AS w ON w._subject_id = c._subject_id AND w._sequence = c._sequence
),
told AS (
  SELECT c.*, c.lack_count > 0 OR coalesce(NOT c.exit_met, false) AS lacks,
    c._left_at IS NOT NULL AND c.forward AS is_passed
  FROM counted AS c
)
SELECT
  {text(subject.value)} AS subject, t._subject_id AS subject_id, t._sequence AS sequence, t._flow AS flow,
  t._stage AS stage, t._next_stage AS next_stage, t._cycle AS cycle, t._person_id AS person_id,
  t._opportunity_id AS opportunity_id, t._account_id AS account_id, t._owner_id AS owner_id,
  t._entered_at AS entered_at, t._at AS at, t._left_at IS NULL AS is_open, t.required_count,
  t.required_count - t.lack_count AS filled_count, t.missing,
  CASE WHEN t.required_count > 0 THEN (t.required_count - t.lack_count) / t.required_count END AS completeness,
  t.exit_met AS is_exit_met,
  {_lowest([f"t.grade_{n}" for n in range(len(items))])} AS grade,
  t.is_passed, t.is_passed AND NOT t.lacks AS is_clean,
  t.is_passed AND t.lacks AND NOT t.is_covered AS is_slipped,
  NOT t.is_passed AND (t._left_at IS NOT NULL OR (t.lacks AND NOT t.is_covered)) AS is_stopped,
  t.lacks AND t.is_covered AS is_waived,
  CASE WHEN t.lacks AND t.is_covered THEN t.waived_by END AS waived_by,
  CASE WHEN t.lacks AND t.is_covered THEN t.waiver_reason END AS waiver_reason,
  t.is_passed AND row_number() OVER (PARTITION BY t._gate, t._subject_id, {again}, t.is_passed
    ORDER BY t._sequence DESC) = 1 AS is_last_pass,
  {today} AS from_today
FROM told AS t"""


def _by_gate(found: Sequence[Gate], cases: Sequence[tuple[str, str]], otherwise: str) -> str:
    """SQL of a value that depends on the gate; `cases` are (gate, SQL)."""
    lines = " ".join(f"WHEN {text(name)} THEN {sql}" for name, sql in cases)
    return f"CASE s._gate {lines} ELSE {otherwise} END" if cases else otherwise


def _lacking(found: Sequence[Gate], items: Sequence[str]) -> Iterator[str]:
    """Of each item: the grade its gate needs (0: it does not), the one it has (NULL: not asked), whether it lacks."""
    for n, item in enumerate(items):
        need = _by_gate(found, [(g.name, str(dict(g.required)[item])) for g in found if item in dict(g.required)], "0")
        column = TABLES[found[0].subject.facts].column(item)
        is_text = column is not None and column.kind is Kind.TEXT
        has = f"coalesce(trim(s.\"{item}\") <> '', false)" if is_text else f's."{item}" IS NOT NULL'
        evidence = f's."evidence_{item}"'
        yield f"{need} AS need_{n}"
        yield f"CASE WHEN ({need}) > 0 THEN CASE WHEN {has} THEN {evidence} ELSE 0 END END AS grade_{n}"
        yield f"({need}) > 0 AND (NOT {has} OR {evidence} < ({need})) AS lack_{n}"


def _lowest(grades: Sequence[str]) -> str:
    """SQL of the lowest of some grades, of those that are asked for."""
    if len(grades) < 2:
        return grades[0] if grades else "CAST(NULL AS INTEGER)"
    return f"least({', '.join(grades)})"


def _exit(found: Sequence[Gate]) -> str:
    """SQL of whether the exit criterion of the stage holds; NULL where it has none."""
    cases = [(g.name, f"coalesce({rendered(g.exit_when)}, false)") for g in found if g.exit_when]
    return _by_gate(found, cases, "CAST(NULL AS BOOLEAN)")


def rendered(predicate: Predicate) -> str:
    """SQL of a predicate over the facts `s`, asked as of the instant of the stay."""
    return "(" + predicate.render(lambda name: "s._at" if name == "as_of" else f's."{name}"') + ")"


def _forward(found: Sequence[Gate]) -> str:
    cases = [
        (g.name, f"coalesce(s._next_stage IN ({', '.join(map(text, g.forward))}), false)") for g in found if g.forward
    ]
    return _by_gate(found, cases, "false")


def _means(found: Sequence[Gate]) -> str:
    """SQL of whether a waiver is of the gate: named as `flow.stage`, or by its stage alone."""
    others = ", ".join(text(g.name) for g in found if not g.is_named_alone)
    alone = "v.stage = c._stage" + (f" AND c._gate NOT IN ({others})" if others else "")
    return f"(v.stage = c._gate OR ({alone}))"


def _covering(items: Sequence[str]) -> Iterator[str]:
    """What the waivers of a stay cover."""
    for n, item in enumerate(items):
        yield f"max(CASE WHEN v.what = {text(item)} THEN 1 ELSE 0 END) = 1 AS cover_{n}"
    yield f"max(CASE WHEN v.what = '{EXIT}' THEN 1 ELSE 0 END) = 1 AS cover_exit"
    yield "max(CASE WHEN coalesce(v.what, '') = '' THEN 1 ELSE 0 END) = 1 AS cover_all"


def _sum(conditions: Iterator[str]) -> str:
    return " + ".join(f"CAST({condition} AS INTEGER)" for condition in conditions) or "0"


def _today(found: Sequence[Gate]) -> str:
    """SQL of the columns a gate looks at that are as they are today, because the record does not tell otherwise."""
    cases = []
    for column in columns_needed(found):
        using = ", ".join(text(g.name) for g in found if column in g.columns)
        cases.append(f'CASE WHEN t."today_{column}" AND t._gate IN ({using}) THEN {text(column)} END')
    return f"nullif(concat_ws(', ', {', '.join(cases)}), '')"


def _nothing() -> str:
    """SQL of mart.gate without rows, for a model without gates."""
    return (
        "SELECT "
        + ", ".join(f"CAST(NULL AS {c.kind.sql}) AS {c.name}" for c in TABLES["gate"].columns)
        + (" WHERE false")
    )
