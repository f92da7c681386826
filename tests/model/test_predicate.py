"""Predicates: what may be said, what is refused, and that garbage never raises."""

import re
from datetime import date

import duckdb
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from fairlead.model.predicate import FUNCTIONS, columns_of, conjuncts, parse
from fairlead.model.tables import TABLES, Kind
from fairlead.problem import Where

DEALS = columns_of(TABLES["facts_opportunity"])
PLAIN = frozenset({"a", "b", "c", "flag", "name"})


def shown(text: str) -> str:
    predicate, problems = parse(text, PLAIN)
    assert predicate is not None, problems
    return predicate.render(lambda name: f"t.{name}")


def refused(text: str) -> str:
    predicate, problems = parse(text, PLAIN, Where("m.yaml", 7))
    assert predicate is None
    assert problems[0].where == Where("m.yaml", 7)
    return problems[0].code


def value(text: str, **columns: object) -> object:
    """What DuckDB makes of a predicate over one row."""
    predicate, problems = parse(text, frozenset(columns))
    assert predicate is not None, problems
    names = list(columns)
    sql = predicate.render(lambda name: f"${names.index(name) + 1}")
    used = [columns[name] for name in names if f"${names.index(name) + 1}" in sql]
    places = iter(range(1, len(used) + 1))
    mapped = {f"${names.index(n) + 1}": f"${next(places)}" for n in names if f"${names.index(n) + 1}" in sql}
    sql = re.sub(r"\$\d+", lambda m: mapped[m.group()], sql)
    row = duckdb.execute(f"SELECT {sql}", used).fetchone()
    assert row is not None
    return row[0]


def test_columns_are_named_once_and_replaced_everywhere() -> None:
    predicate, _ = parse("a > 1 and (b = 'x' or a is null)", PLAIN)
    assert predicate is not None
    assert predicate.columns == ("a", "b")
    assert predicate.render(lambda n: f'"{n}"') == """("a" > 1 AND ("b" = 'x' OR "a" IS NULL))"""


def test_as_of_is_reserved_and_passes_through_the_same_door() -> None:
    predicate, _ = parse("a < as_of - interval 30 day", PLAIN)
    assert predicate is not None
    assert predicate.columns == ("a",)
    assert predicate.uses_as_of
    assert predicate.render({"a": "A", "as_of": "NOW"}.__getitem__) == "(A < NOW - INTERVAL '30' DAY)"


def test_dotted_names_follow_references() -> None:
    predicate, _ = parse("account.owner.team = 'SMB' and Account.Segment = 'smb'", DEALS)
    assert predicate is not None
    assert predicate.columns == ("account.owner.team", "account.segment")
    assert predicate.compared == (("account.owner.team", "SMB"), ("account.segment", "smb"))


def test_quoted_names_are_taken_literally() -> None:
    known = ["Stage Name", "Close.Date"]
    predicate, problems = parse("\"Stage Name\" = 'Won' and \"Close.Date\" > '2026-01-01'", known)
    assert predicate is not None, problems
    assert predicate.columns == ("Stage Name", "Close.Date")
    assert parse("\"stage name\" = 'Won'", known)[0] is None


def test_text_in_double_quotes_is_explained() -> None:
    _, problems = parse('stage = "closed won, says the CRM"', DEALS)
    assert problems[0].code == "no-such-column"
    assert "single quotes" in (problems[0].hint or "")


def test_an_unknown_column_offers_the_nearest() -> None:
    _, problems = parse("stge = 'x' and amont > 1", DEALS)
    assert [p.hint for p in problems] == ["Did you mean 'stage'?", "Did you mean 'amount'?"]


@pytest.mark.parametrize(
    "text",
    [
        "a = 1",
        "a <> 1",
        "a != 1",
        "a >= 1 or b <= 2",
        "not flag",
        "a in (1, 2)",
        "a not in ('x')",
        "a between 1 and 2",
        "a not between 1 and 2",
        "name like 'x%'",
        "name not ilike '%x'",
        "a is null",
        "a is not null",
        "flag is true",
        "flag is not false",
        "a + b - c * 2 / 3 % 4",
        "-a",
        "a || b",
        "case when flag then a else b end",
        "case a when 1 then 'x' end",
        "interval 3 days + a",
        "date_diff('day', a, as_of) > 3",
        "date_diff('hour', a, b)",
        "date_trunc('month', a)",
        "date '2026-01-31'",
        "timestamp '2026-01-31 10:00:00'",
        "cast(a as double)",
        "a::date",
        "try_cast(a as bigint)",
        "true",
        "1",
        "'x'",
        "coalesce(a, b, 0)",
        "nullif(a, 0)",
        "greatest(a, b)",
        "least(a, b)",
        "abs(a)",
        "round(a, 2)",
        "ceil(a)",
        "floor(a)",
        "lower(name)",
        "upper(name)",
        "trim(name)",
        "length(name)",
        "replace(name, 'a', 'b')",
        "concat(name, 'a')",
        "left(name, 2)",
        "right(name, 2)",
        "split_part(name, ',', 1)",
        "starts_with(name, 'a')",
        "contains(name, 'a')",
        "a\n  and\n  b",
    ],
)
def test_the_subset_is_understood_and_stays_sql(text: str) -> None:
    predicate, problems = parse(text, PLAIN)
    assert predicate is not None, problems
    again, problems = parse(predicate.render(lambda n: n), PLAIN)
    assert again is not None, problems
    assert again.render(lambda n: n) == predicate.render(lambda n: n)
    assert again.columns == predicate.columns


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("", "predicate-syntax"),
        ("   ", "predicate-syntax"),
        ("a = ", "predicate-syntax"),
        ("((((", "predicate-syntax"),
        ("(" * 3000 + "a", "predicate-syntax"),
        ("a" * 5000, "predicate-syntax"),
        ("a = 'x", "predicate-syntax"),
        ("a; drop table x", "predicate-subset"),
        ("a -- so", "predicate-subset"),
        ("a /* so */ = 1", "predicate-subset"),
        ("-- nothing", "predicate-syntax"),
        ("(select 1)", "predicate-subset"),
        ("a in (select 1)", "predicate-subset"),
        ("exists (select 1)", "predicate-subset"),
        ("count(*) > 1", "predicate-subset"),
        ("sum(a) > 1", "predicate-subset"),
        ("row_number() over () = 1", "predicate-subset"),
        ("*", "predicate-subset"),
        ("a.*", "predicate-subset"),
        ("$1 = a", "predicate-subset"),
        ("? = a", "predicate-subset"),
        ("a[1] = 1", "predicate-subset"),
        ("{'a': 1} = a", "predicate-function"),
        ("[1, 2] = a", "predicate-function"),
        ("a::int[] = b", "predicate-subset"),
        ("cast(a as json) = b", "predicate-subset"),
        ("random() > 1", "predicate-function"),
        ("read_csv('x') = a", "predicate-function"),
        ("getenv('HOME') = a", "predicate-function"),
        ("regexp_matches(name, 'x')", "predicate-function"),
        ("now() > a", "predicate-function"),
        ("current_date > a", "predicate-function"),
        ("date_diff('month', a, b) = 1", "predicate-subset"),
        ("a = 1 for update", "predicate-syntax"),
        ("select a", "predicate-syntax"),
        ("date '2026-13-45' = a", "predicate-kind"),
        ("a and 5", "predicate-kind"),
        ("\x00", "predicate-syntax"),
        ("a = \x00", "predicate-syntax"),
    ],
)
def test_the_rest_is_refused(text: str, code: str) -> None:
    assert refused(text) == code


@pytest.mark.parametrize(
    "text",
    [
        "amount = 'many'",
        "stage = 5",
        "created_at > 'soon'",
        "amount + stage > 1",
        "is_won and amount",
        "amount in ('a')",
    ],
)
def test_kinds_that_never_agree_are_refused(text: str) -> None:
    _, problems = parse(text, DEALS)
    assert [p.code for p in problems] == ["predicate-kind"]


@pytest.mark.parametrize(
    "text",
    [
        "amount = 5",
        "close_date < '2026-01-31'",
        "created_at between '2026-01-01' and as_of",
        "not is_won and is_closed",
    ],
)
def test_kinds_that_agree_pass(text: str) -> None:
    assert parse(text, DEALS, wants="condition")[1] == ()


def test_a_condition_is_true_or_false() -> None:
    assert [p.code for p in parse("amount", DEALS, wants="condition")[1]] == ["predicate-kind"]
    assert [p.code for p in parse("is_won", DEALS, wants="value")[1]] == ["predicate-kind"]
    assert parse("is_won", DEALS, wants="condition")[0] is not None
    assert parse("amount / 2", DEALS, wants="value")[0] is not None


def test_e33_division_by_nothing_is_undefined() -> None:
    assert value("a / b", a=1, b=0) is None
    assert value("a / b", a=1.5, b=0.0) is None
    assert value("a / b / b", a=8, b=2) == 2


def test_a_cast_that_fails_is_null() -> None:
    assert value("cast(a as double)", a="n/a") is None
    assert value("cast(a as double) > 2", a="2.5") is True
    assert value("a::date", a="2026-01-31") == date(2026, 1, 31)


def test_embedding_keeps_its_meaning() -> None:
    """`x and (p or q)` must not become `(x and p) or q`."""
    sql = shown("a = 1 or b = 1")
    row = duckdb.execute(f"SELECT false AND {sql.replace('t.a', '1').replace('t.b', '1')}").fetchone()
    assert row == (False,)


def test_a_literal_cannot_be_mistaken_for_a_hole() -> None:
    assert shown("name = 'fl_hole_0_' and a = 1") == "(t.name = 'fl_hole_0_' AND t.a = 1)"


def test_every_column_of_every_table_can_be_named() -> None:
    for table in TABLES.values():
        for name in columns_of(table):
            predicate, problems = parse(f"{name} is not null", columns_of(table))
            assert predicate is not None, problems
            assert predicate.columns == (name,)


def test_kinds_of_columns_come_with_their_names() -> None:
    assert DEALS["amount"] is Kind.MONEY
    assert DEALS["account.segment"] is Kind.TEXT
    assert DEALS["created_on"] is Kind.DATE


WORDS = st.sampled_from(
    [
        *FUNCTIONS,
        "a",
        "b",
        "flag",
        "and",
        "or",
        "not",
        "in",
        "between",
        "like",
        "is",
        "null",
        "case",
        "when",
        "then",
        "end",
        "interval",
        "date",
        "select",
        "from",
        "(",
        ")",
        ",",
        "'x'",
        '"a"',
        "1",
        "1e9",
        "+",
        "-",
        "*",
        "/",
        "::",
        ".",
        ";",
        "--",
        "{",
        "}",
        "[",
        "]",
        "$",
        "?",
        "\\",
        "'",
        '"',
        "as_of",
        "over",
        "::int",
        "@",
        "#",
        "\t",
        "\n",
        "e'",
        "x'",
        "0x",
        "//",
    ]
)


@settings(max_examples=400, deadline=None)
@given(st.lists(WORDS, max_size=14).map(" ".join) | st.text(max_size=60))
@example("'")
@example("CASE")
@example("a = b = c")
def test_garbage_never_raises_and_what_passes_is_in_the_subset(text: str) -> None:
    predicate, problems = parse(text, PLAIN, Where("m.yaml", 1))
    assert (predicate is None) == bool(problems)
    if predicate is not None:
        sql = predicate.render(lambda n: f"t.{n}").lower()
        assert "select" not in re.sub(r"'[^']*'", "", sql)
        assert ";" not in re.sub(r"'[^']*'", "", sql)
        assert set(predicate.columns) <= PLAIN


@settings(max_examples=200, deadline=None)
@given(
    st.integers(-5, 5),
    st.integers(-5, 5),
    st.booleans(),
    st.sampled_from(
        [
            "a < b",
            "a + b * 2 > 3",
            "not flag",
            "a between b and 3",
            "a in (1, 2, b)",
            "flag or a = b",
            "a / b > 1",
            "abs(a) >= b",
            "case when flag then a else b end > 0",
        ]
    ),
)
def test_a_rendered_predicate_means_what_was_written(a: int, b: int, flag: bool, text: str) -> None:
    """Against DuckDB reading the very text; only division by zero is made null."""
    written = duckdb.execute(f"SELECT {text} FROM (SELECT {a} AS a, {b} AS b, {flag} AS flag)").fetchone()
    rendered = duckdb.execute(f"SELECT {shown(text)} FROM (SELECT {a} AS a, {b} AS b, {flag} AS flag) AS t").fetchone()
    if "/" not in text or b != 0:
        assert rendered == written


@pytest.mark.parametrize(
    ("text", "parts"),
    [
        ("meetings >= 1 and next_step is not null", ("meetings >= 1", "next_step is not null")),
        ("(a >= 1 AND b is not null)", ("a >= 1", "b is not null")),
        ("a between 1 and 2 and b not between 3 and 4", ("a between 1 and 2", "b not between 3 and 4")),
        ("case when a and b then c else d end and x > 1", ("case when a and b then c else d end", "x > 1")),
        ("kind = 'x and y' and not (a and b)", ("kind = 'x and y'", "not (a and b)")),
        ("a and b or c", ("a and b or c",)),
        ("a and", ("a and",)),
    ],
)
def test_conditions_are_told_apart_as_they_are_written(text: str, parts: tuple[str, ...]) -> None:
    assert conjuncts(text) == parts
