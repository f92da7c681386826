"""The starter model: complete, computable where the data exists, and honest where it does not."""

import re

import duckdb
import pytest

from fairlead.model.check_order import WORDS_IN_A_MINUTE
from fairlead.model.load import STARTER, load
from fairlead.model.mentions import conditions
from fairlead.model.metrics import Group
from fairlead.model.predicate import columns_of, parse
from fairlead.model.reference import schema_json
from fairlead.model.tables import TABLES, Table
from fairlead.model.whole import SUBJECTS

MODEL = load(STARTER)[0]
METRICS = tuple(MODEL.metrics.metrics.values())
WAITING = {"M7", "M15", "M24", "M26", "M31", "M45", "M53", "M55", "M58", "M59"}


def test_every_metric_of_the_dictionary_is_there_once() -> None:
    assert sorted((m.id for m in METRICS if m.id), key=lambda i: int(i[1:])) == [f"M{n}" for n in range(1, 61)]


def test_metrics_whose_data_exists_are_computable() -> None:
    assert {m.id for m in METRICS if m.id and not m.computable} == WAITING


def test_a_metric_that_waits_says_what_for() -> None:
    assert all(m.needs and all(len(n) > 4 for n in m.needs) for m in METRICS if not m.computable)


def test_every_computable_metric_has_an_example() -> None:
    assert [m.name for m in METRICS if m.computable and not m.examples] == []


def test_every_measure_is_used_or_worth_having() -> None:
    used = {name for m in METRICS for name in MODEL.operands(m)}
    spare = set(MODEL.metrics.measures) - used
    assert spare <= {
        "fx_mrr",
        "lost",
        "new_business_bookings",
        "expansion_bookings",
        "deals_created",
        "open_deals",
        "qualified_pipeline",
        "close_date_pushes",
        "recycled",
        "meetings_held",
        "touches",
        "reactivation_mrr",
    }


def test_r72_the_scoreboard_has_eight_to_ten_metrics_of_all_functions() -> None:
    assert 8 <= len(MODEL.scoreboard) <= 10
    owners = {role.function for m in MODEL.scoreboard if (role := MODEL.role(m.owner))}
    assert len(owners) >= 4


def test_r69_all_four_groups_of_the_tree_are_filled() -> None:
    assert {m.group for m in METRICS} == set(Group)


def test_r70_velocity_leads_to_its_four_inputs() -> None:
    velocity = MODEL.metric("pipeline_velocity")
    assert velocity is not None
    assert set(MODEL.operands(velocity)) == {"qualified_deals", "win_rate", "average_deal_size", "sales_cycle_length"}


def test_plans_are_concrete() -> None:
    assert [m.name for m in METRICS if len(m.plan.split()) < 10] == []
    assert len({m.plan for m in METRICS}) == len(METRICS)


def test_money_is_summed_in_the_companys_currency() -> None:
    for name, measure in MODEL.metrics.measures.items():
        if measure.sum == "amount":
            assert "headcount" in (measure.where or ""), name


def test_metrics_answer_to_their_names_numbers_and_aliases() -> None:
    names = {
        m.name for m in METRICS if m in [MODEL.metric(n) for n in ("nrr", "M5", "m5", "Net revenue retention", "NDR")]
    }
    assert names == {"nrr"}
    assert MODEL.metric("no such number") is None


@pytest.mark.parametrize("metric", [m for m in METRICS if m.by], ids=lambda m: m.name)
def test_dimensions_a_metric_is_looked_at_by_exist(metric: object) -> None:
    """Every part of a metric has the dimension itself, or a way of its own to it."""
    assert isinstance(metric, type(METRICS[0]))
    tables = {TABLES[m.from_] for name in _leaves(metric.name) if (m := MODEL.measure(name))}
    for dimension in metric.by:
        last = dimension.rpartition(".")[2]
        for table in tables:
            names = columns_of(table)
            assert dimension in names or any(n.rpartition(".")[2] == last for n in names), (dimension, table.name)


def _leaves(name: str) -> set[str]:
    metric = MODEL.metrics.metrics.get(name)
    return {name} if metric is None else {leaf for operand in MODEL.operands(metric) for leaf in _leaves(operand)}


def test_c1_to_c13_are_decided_with_their_positions() -> None:
    decisions = MODEL.decisions.decisions
    assert list(decisions) == [f"C{n}" for n in range(1, 14)]
    assert all(len(d.positions) >= 2 and d.decision and d.decided_by for d in decisions.values())
    touched = {name for d in decisions.values() for name in d.touches}
    assert touched <= set(MODEL.metrics.metrics) | set(SUBJECTS)
    for metric in METRICS:
        if metric.decision:
            assert metric.name in decisions[metric.decision].touches


def test_every_metric_says_which_framework_names_it_where_that_is_known() -> None:
    """C1 to C4, C7 and C13 say whose these are; the rest of the dictionary is nobody's in particular."""
    found = {m.name: set(m.frameworks) for m in METRICS if m.frameworks}
    assert {name for names in found.values() for name in names} <= set(MODEL.decisions.frameworks)
    assert found["pipeline_velocity"] >= {"growth"}
    assert found["days_to_close"] == {"lifecycle"}
    assert found["forecast_accuracy"] == {"growth", "lifecycle"}
    assert found["nrr_without_contraction"] == {"growth"}
    assert found["win_rate_by_stage"] == {"lifecycle"}
    assert found["cac_payback"] == {"operating_model"}
    five = MODEL.cadence.meetings["quarterly_review"].five
    assert all("lifecycle" in found[name] for name in five)
    assert len(found) < len(METRICS)


def test_positions_are_those_of_the_frameworks() -> None:
    labels = {framework.title for framework in MODEL.decisions.frameworks.values()}
    assert len(labels) == 5
    who = {position.who for decision in MODEL.decisions.decisions.values() for position in decision.positions}
    assert who - labels == {"Two frameworks"}


def test_c11_and_c12_are_marked_as_disputed() -> None:
    assert {name for name, c in MODEL.decisions.claims.items() if c.disputed} == {"aligned_growth", "tools_per_company"}


def test_r16_the_rhythm_fits_in_a_minute() -> None:
    assert 0 < len(MODEL.cadence.in_a_minute.split()) <= WORDS_IN_A_MINUTE


def test_r19_nine_stages_in_order_each_with_an_owner() -> None:
    assert [s.name for s in MODEL.stages] == [
        "inquiry",
        "engaged",
        "marketing_qualified",
        "sales_accepted",
        "sales_qualified",
        "closed_won",
        "onboarding",
        "adopted",
        "renewal",
    ]
    assert all(s.owner in MODEL.people.roles for s in MODEL.stages)


def test_r107_the_eight_layers_and_the_minimum() -> None:
    eight = {
        "crm",
        "marketing_automation",
        "sales_engagement",
        "data_enrichment",
        "revenue_intelligence",
        "customer_success",
        "reporting",
        "integration",
    }
    assert eight <= set(MODEL.stack.layers)
    assert {n for n, layer in MODEL.stack.layers.items() if layer.minimum} == {
        "crm",
        "marketing_automation",
        "billing",
        "reporting",
    }


def test_r36_the_critical_handoffs_are_there() -> None:
    ways = {(h.from_.value, h.to.value) for h in MODEL.handoffs.handoffs.values()}
    assert {
        ("marketing", "sales"),
        ("sales", "customer_success"),
        ("customer_success", "sales"),
        ("sales", "finance"),
    } <= ways


def test_r42_hot_leads_have_five_minutes() -> None:
    limits = list(MODEL.handoffs.handoffs["mql_to_sql"].limits.values())
    assert str(limits[0].within) == "5 minutes"
    assert limits[-1].when is None


def test_r31_templates_of_both_plans() -> None:
    assert set(MODEL.playbooks.templates) == {"account_plan", "opportunity_plan"}


def test_definitions_of_words_can_be_computed() -> None:
    for name, definition in MODEL.data.definitions.items():
        assert definition.when, name
        assert definition.table, name
        assert parse(definition.when, columns_of(TABLES[definition.table]), wants="condition")[1] == ()


def test_nobody_is_named_and_no_number_of_a_requirement_is_left() -> None:
    for file in STARTER.rglob("*.yaml"):
        assert re.findall(r"\b[RE]\d{1,3}\b|\bP[1-5]\b", file.read_text()) == [], file.name
    assert all(not role.holders for role in MODEL.people.roles.values())


@pytest.mark.parametrize("subject", SUBJECTS)
def test_a_schema_for_editors_knows_every_key_and_no_other(subject: str) -> None:
    schema = schema_json(subject)
    assert schema["additionalProperties"] is False
    assert set(schema["properties"]) == {f.alias or n for n, f in SUBJECTS[subject].model_fields.items()}
    for part in schema.get("$defs", {}).values():
        assert "name" not in part.get("properties", {})
        for key, prop in part.get("properties", {}).items():
            assert prop.get("description") or "$ref" in prop, (subject, key)


def _row(table: Table) -> str:
    """A SELECT of no rows with the table's columns in their types."""
    columns = ", ".join(f'CAST(NULL AS {c.kind.sql}) AS "{c.name}"' for c in table.all_columns)
    return f"SELECT {columns} WHERE false"


def _sql(text: str, table: Table, as_of: str) -> str:
    """A predicate as DuckDB reads it; joined columns stand in as nulls of their type."""
    kinds = columns_of(table)
    predicate, problems = parse(text, kinds)
    assert predicate is not None, problems
    return predicate.render(
        lambda n: as_of if n == "as_of" else f"CAST(NULL AS {kinds[n].sql})" if "." in n else f't."{n}"'
    )


@pytest.mark.parametrize("as_of", ["DATE '2026-01-31'", "TIMESTAMPTZ '2026-01-31 00:00:00+00'"])
def test_every_predicate_and_measure_runs(as_of: str) -> None:
    """Nothing that the checks let pass may fail when DuckDB binds it."""
    for condition in conditions(MODEL):
        table = TABLES[condition.table]
        duckdb.execute(f"SELECT * FROM ({_row(table)}) AS t WHERE {_sql(condition.text, table, as_of)}")
    for name, measure in MODEL.metrics.measures.items():
        table = TABLES[measure.from_]
        reading = measure.reading
        inner = "*" if reading.expression == "*" else _sql(reading.expression, table, as_of)
        function = f"count(DISTINCT {inner})" if reading.aggregate == "distinct" else f"{reading.aggregate}({inner})"
        where = _sql(measure.where, table, as_of) if measure.where else "true"
        row = duckdb.execute(f"SELECT {function} FROM ({_row(table)}) AS t WHERE {where}").fetchone()
        assert row is not None, name
