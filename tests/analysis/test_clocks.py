"""Clocks of a build, case by case: each on a row or two that can be checked by eye. The office works 9 to 17."""

from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest

from fairlead.analysis.calendar import Hours
from fairlead.analysis.policies import Era
from fairlead.model.calendars import Calendar, Calendars
from tests.analysis.clocked import Clocked, calendars, change, model
from tests.analysis.worlds import week

OFFICE = Hours("UTC", week("09:00-17:00"))
MONDAY = datetime(2026, 3, 2, tzinfo=UTC)
NOW = datetime(2026, 3, 31, 12, tzinfo=UTC)
ANSWER: dict[str, Any] = {
    "starts": "mql_at",
    "response": {"kinds": ["call", "email", "meeting"], "failed": ["No answer"]},
    "limits": {"all": {"within": "4 working hours"}},
}


def monday(hour: float, day: int = 0) -> datetime:
    """An hour of Monday, March 2nd 2026, or of a day after it."""
    return MONDAY + timedelta(days=day, hours=hour)


START = monday(10)


def lead(at: datetime = START, who: str = "ada", **more: Any) -> dict[str, Any]:
    return {"id": who, "mql_at": at, "owner_id": "alice", **more}


def act(at: datetime, who: str = "ada", **more: Any) -> dict[str, Any]:
    told = {"kind": "call", "direction": "outbound", "automated": False, "source_system": "crm", "member_id": "alice"}
    return {"id": f"act-{at.isoformat()}", "person_id": who, "at": at, **told, **more}


def played(policy: dict[str, Any] = ANSWER, at: datetime = NOW, hours: Hours = OFFICE, **tables: Any) -> Clocked:
    return Clocked([Era(None, model({"answer": policy}, calendars(hours)))], at, **tables)


def only(made: Clocked, cycle: int = 1) -> dict[str, Any]:
    return made.clocks()["answer", "ada", cycle]


@pytest.mark.parametrize(("second", "state"), [(0, "met"), (1, "breached")])
def test_e75_exactly_at_the_deadline_is_met(second: int, state: str) -> None:
    row = only(played(person=[lead()], activity=[act(monday(14) + timedelta(seconds=second))]))
    assert (row["due_at"], row["state"], row["late_seconds"]) == (monday(14), state, second)


def test_e75_open_at_the_very_deadline_is_not_overdue_yet() -> None:
    assert only(played(at=monday(14), person=[lead()]))["state"] == "running"
    assert only(played(at=monday(14) + timedelta(microseconds=1), person=[lead()]))["state"] == "overdue"


def test_e74_what_arrives_at_night_runs_from_the_next_opening() -> None:
    row = only(played(person=[lead(monday(20))]))
    assert (row["started_at"], row["runs_from"], row["due_at"]) == (monday(20), monday(9, 1), monday(13, 1))
    assert (row["start_weekday"], row["start_hour"]) == (1, 20)


def test_e70_a_holiday_that_is_added_later_moves_the_deadline_in_the_next_build() -> None:
    off = OFFICE._replace(days=((date(2026, 3, 2), ()),))
    assert only(played(person=[lead()]))["due_at"] == monday(14)
    assert only(played(hours=off, person=[lead()]))["due_at"] == monday(13, 1)


def test_e68_the_limits_calendar_goes_before_the_policys_the_owners_and_the_default() -> None:
    names = ("limit", "policy", "alices", "company")
    week_of = {name: calendars(OFFICE, name).calendars[name] for name in names}
    agreed = Calendars(
        default="company", calendars={n: c.model_copy(update={"timezone": None}) for n, c in week_of.items()}
    )
    member = [{"id": "alice", "name": "Alice", "calendar": "alices", "timezone": "America/New_York"}]

    def chosen(**said: Any) -> str:
        policy = ANSWER | {"limits": {"all": {"within": "4 working hours", **said.pop("limit", {})}}} | said
        made = Clocked([Era(None, model({"answer": policy}, agreed))], NOW, person=[lead()], member=member)
        return str(only(made)["calendar"])

    assert chosen(limit={"calendar": "limit"}, calendar="policy") == "limit@America/New_York"
    assert chosen(calendar="policy") == "policy@America/New_York"
    assert chosen() == "alices@America/New_York"
    assert chosen(hours_of="company") == "company@UTC"


def test_a_timezone_that_nobody_knows_is_read_as_the_companys() -> None:
    plain = calendars(OFFICE).calendars["cal"].model_copy(update={"timezone": None})
    eras = [Era(None, model({"answer": ANSWER}, Calendars(default="cal", calendars={"cal": plain})))]
    made = Clocked(eras, NOW, "Europe/Berlin", person=[lead()], member=[{"id": "alice", "timezone": "Europe/Berlln"}])
    assert only(made)["calendar"] == "cal@Europe/Berlin"


def test_the_customers_calendar_is_the_one_meant_for_their_country() -> None:
    regional = Calendar(
        name="de", timezone="Europe/Berlin", hours=calendars(OFFICE).calendars["cal"].hours, regions=("DE",)
    )
    agreed = Calendars(default="cal", calendars={**calendars(OFFICE).calendars, "de": regional})
    eras = [Era(None, model({"answer": ANSWER | {"hours_of": "customer"}}, agreed))]
    made = Clocked(
        eras,
        NOW,
        person=[lead(account_id="a"), lead(who="bob", account_id="b")],
        account=[{"id": "a", "country": "DE"}, {"id": "b", "country": "FR"}],
    ).clocks()
    assert made["answer", "ada", 1]["calendar"] == "de@Europe/Berlin"
    assert made["answer", "bob", 1]["calendar"] == "cal@UTC"


def test_e76_a_clock_keeps_the_version_it_ran_under() -> None:
    """The limit became shorter on the third day: what started before is judged by the longer one."""
    shorter = ANSWER | {"limits": {"all": {"within": "1 working hour"}}}
    eras = [
        Era(None, model({"answer": ANSWER}, calendars(OFFICE))),
        Era(monday(0, 2), model({"answer": shorter}, calendars(OFFICE))),
    ]
    made = Clocked(eras, NOW, person=[lead(), lead(monday(10, 2), "bob")]).clocks()
    before, after = made["answer", "ada", 1], made["answer", "bob", 1]
    assert (before["due_at"], before["limit_text"]) == (monday(14), "4 working hours")
    assert (after["due_at"], after["limit_text"]) == (monday(11, 2), "1 working hour")
    assert before["version"] != after["version"]


def test_e76_an_edit_of_words_is_no_new_version() -> None:
    eras = [
        Era(None, model({"answer": ANSWER}, calendars(OFFICE))),
        Era(monday(0, 2), model({"answer": ANSWER | {"label": "Answer", "says": "Soon."}}, calendars(OFFICE))),
    ]
    made = Clocked(eras, NOW, person=[lead(), lead(monday(10, 2), "bob")])
    assert len({row["version"] for row in made.clocks().values()}) == 1


def test_e77_after_a_reassignment_the_clock_goes_on_and_each_has_their_share() -> None:
    handed = change("ada", "owner_id", monday(11), "alice", "bob")
    made = played(person=[lead(owner_id="bob")], change=[handed], activity=[act(monday(13))])
    row, shares = only(made), made.shares()["answer", "ada", 1]
    assert (row["owner_id"], row["working_seconds"]) == ("alice", 3 * 3600)
    assert {who: one["working_seconds"] for who, one in shares.items()} == {"alice": 3600, "bob": 7200}
    assert shares["bob"]["share"] == pytest.approx(2 / 3)


def test_e77_time_while_nobody_owned_it_is_nobodys() -> None:
    handed = change("ada", "owner_id", monday(12), None, "bob")
    shares = played(person=[lead(owner_id="bob")], change=[handed], activity=[act(monday(13))]).shares()[
        "answer", "ada", 1
    ]
    assert {who: one["working_seconds"] for who, one in shares.items()} == {None: 7200, "bob": 3600}


HOT = ANSWER | {
    "limits": {"hot": {"when": "fit_score >= 80", "within": "1 working hour"}, "all": {"within": "4 working hours"}}
}


def test_e78_the_limit_that_held_at_the_start_stays() -> None:
    cooled = change("ada", "fit_score", monday(10.5), 90, 10)
    row = only(played(HOT, person=[lead(fit_score=10)], change=[cooled]))
    assert (row["limit_name"], row["due_at"]) == ("hot", monday(11))


def test_e78_a_change_before_the_start_counts() -> None:
    warmed = change("ada", "fit_score", monday(9.5), 10, 90)
    assert only(played(HOT, person=[lead(fit_score=90)], change=[warmed]))["limit_name"] == "hot"


def test_e78_the_segment_of_their_company_is_read_as_it_was() -> None:
    policy = ANSWER | {
        "limits": {"big": {"when": "segment = 'enterprise'", "within": "1 hour"}, "all": {"within": "9 hours"}}
    }
    moved = change("acme", "segment", monday(12), "enterprise", "smb", entity="account")
    made = played(
        policy, person=[lead(account_id="acme")], account=[{"id": "acme", "segment": "smb"}],
        facts_person=[lead(account_id="acme", segment="smb")], change=[moved],
    )  # fmt: skip
    assert only(made)["limit_name"] == "big"


@pytest.mark.parametrize(
    ("what", "stops"),
    [
        ({}, True),
        ({"automated": True}, False),
        ({"kind": "note"}, False),
        ({"outcome": "No answer"}, False),
        ({"outcome": "Connected"}, True),
        ({"kind": "meeting", "direction": "inbound"}, False),
        ({"kind": "email", "direction": "inbound"}, False),
    ],
)
def test_e79_only_a_response_by_a_human_being_stops_the_clock(what: dict[str, Any], stops: bool) -> None:
    """Not automated mail, an internal note, a failed attempt, nor a meeting that the prospect booked."""
    row = only(played(person=[lead()], activity=[act(monday(11), **what)]))
    assert row["stopped_at"] == (monday(11) if stops else None)


def test_r47_failed_attempts_are_counted_before_and_after_the_deadline() -> None:
    tries = [act(monday(hour), outcome="No answer") for hour in (11, 15)]
    row = only(played(person=[lead()], activity=[*tries, act(monday(16)), act(monday(16.5))]))
    assert (row["attempts"], row["attempts_in_time"], row["first_attempt_at"]) == (3, 1, monday(11))
    assert (row["stopped_at"], row["stopped_by"], row["activity_id"]) == (monday(16), "call", act(monday(16))["id"])


def test_e80_a_call_before_the_record_was_made_took_no_time() -> None:
    row = only(played(person=[lead()], activity=[act(monday(9.5))]))
    assert (row["stopped_at"], row["working_seconds"], row["state"]) == (monday(10), 0, "met")


def test_e80_a_call_of_last_month_is_no_answer() -> None:
    assert only(played(person=[lead()], activity=[act(monday(9, -20))]))["state"] == "overdue"


def test_e81_a_backdated_activity_mends_a_breach_and_it_shows() -> None:
    row = only(played(person=[lead()], activity=[act(monday(11), logged_at=monday(9, 5))]))
    assert (row["state"], row["was_breached"], row["stop_known_at"]) == ("met", True, monday(9, 5))


def test_e81_logged_in_time_is_no_mending() -> None:
    assert not only(played(person=[lead()], activity=[act(monday(11), logged_at=monday(13))]))["was_breached"]


@pytest.mark.parametrize(("looked", "mended"), [(monday(13), False), (monday(16), True)])
def test_e81_without_a_time_of_logging_the_last_look_in_vain_tells(looked: datetime, mended: bool) -> None:
    """The CRM was read before and did not have the call: only if that was after the deadline did a breach show."""
    other = act(monday(8), "bob", seen_at=looked)
    row = only(played(person=[lead()], activity=[other, act(monday(11), seen_at=monday(9, 1))]))
    assert (row["state"], row["was_breached"]) == ("met", mended)


def test_e82_a_breach_is_measured_on() -> None:
    open_, closed = (played(at=monday(17), person=[lead()], activity=calls) for calls in ([], [act(monday(16))]))
    assert (only(open_)["state"], only(open_)["late_seconds"]) == ("overdue", 3 * 3600)
    assert (only(closed)["state"], only(closed)["late_seconds"], only(closed)["working_seconds"]) == (
        "breached", 2 * 3600, 6 * 3600,
    )  # fmt: skip


def test_e83_of_duplicates_that_are_one_the_earliest_clock_survives() -> None:
    """Two sources tell of Ada; the leading one heard of her an hour later."""
    made = played(person=[lead(monday(11))], kept_person=[lead(monday(11)), lead(monday(10))])
    assert {key: row["started_at"] for key, row in made.clocks().items()} == {("answer", "ada", 1): monday(10)}


def test_a_lead_that_comes_back_has_a_second_clock() -> None:
    again = [
        change("ada", "mql_at", monday(10, 7), monday(10), monday(10, 7)),
        change("ada", "recycled_at", monday(12, 1), None, monday(12, 1)),
    ]
    made = played(
        person=[lead(monday(10, 7), recycled_at=monday(12, 1))], change=again,
        activity=[act(monday(11)), act(monday(12, 7))],
    )  # fmt: skip
    assert [(only(made, n)["started_at"], only(made, n)["stopped_at"]) for n in (1, 2)] == [
        (monday(10), monday(11)), (monday(10, 7), monday(12, 7)),
    ]  # fmt: skip


def test_an_answer_to_the_first_time_is_none_to_the_second() -> None:
    again = [
        change("ada", "mql_at", monday(10, 1), monday(10), monday(10, 1)),
        change("ada", "recycled_at", monday(12), None, monday(12)),
    ]
    made = played(person=[lead(monday(10, 1), recycled_at=monday(12))], change=again, activity=[act(monday(11))])
    assert (only(made)["state"], only(made, 2)["state"]) == ("met", "overdue")


def test_a_corrected_time_is_no_second_clock() -> None:
    corrected = change("ada", "mql_at", monday(9, 3), monday(10), monday(10.25))
    made = played(person=[lead(monday(10.25))], change=[corrected])
    assert [row["started_at"] for row in made.clocks().values()] == [monday(10.25)]


def test_what_has_not_started_by_then_has_no_clock() -> None:
    assert played(at=monday(9), person=[lead()]).clocks() == {}


def test_who_was_deleted_or_does_not_trigger_has_no_clock() -> None:
    policy = ANSWER | {"trigger": "fit_score >= 50"}
    people = [lead(fit_score=60), lead(who="bob", fit_score=40), lead(who="cem", fit_score=90, deleted_at=NOW)]
    assert set(played(policy, person=people).clocks()) == {("answer", "ada", 1)}


def test_a_time_column_stops_it_the_first_of_several() -> None:
    policy = {key: value for key, value in ANSWER.items() if key != "response"} | {"stops": ["sal_at", "recycled_at"]}
    row = only(played(policy, person=[lead(sal_at=monday(16), recycled_at=monday(12))]))
    assert (row["stopped_at"], row["stopped_by"]) == (monday(12), "recycled_at")


def test_a_stage_runs_from_entering_to_leaving_each_time() -> None:
    policy = {"subject": "opportunity", "stage": "evaluation", "limits": {"all": {"within": "2 days"}}}
    stays = [
        {
            "subject": "opportunity",
            "subject_id": "d",
            "sequence": n,
            "stage": "evaluation",
            "entered_at": since,
            "left_at": left,
        }
        for n, since, left in ((1, monday(9), monday(9, 1)), (3, monday(9, 10), None))
    ]
    deals = [{"id": "d", "owner_id": "alice", "stage": "evaluation"}]
    made = played(policy, at=monday(9, 14), opportunity=deals, stage_entry=stays).clocks()
    assert [(row["cycle"], row["state"], row["working_seconds"]) for row in made.values()] == [
        (1, "met", 86_400), (2, "overdue", 4 * 86_400),
    ]  # fmt: skip


def test_a_signal_about_the_customer_stops_it() -> None:
    policy = {
        "subject": "opportunity", "starts": "closed_at", "limits": {"all": {"within": "5 working days"}},
        "response": {"kinds": [], "signals": "kickoff"},
    }  # fmt: skip
    deals = [{"id": "d", "account_id": "a", "closed_at": monday(10)}]
    signals = [
        {"id": str(n), "account_id": "a", "kind": kind, "at": monday(n, 2)} for n, kind in ((9, "nps"), (11, "kickoff"))
    ]
    made = played(policy, opportunity=deals, signal=signals).clocks()["answer", "d", 1]
    assert (made["stopped_at"], made["stopped_by"]) == (monday(11, 2), "kickoff")


def test_e87_compliance_counts_overdue_and_leaves_out_what_is_not_due() -> None:
    people = [lead(who=name) for name in ("met", "late", "overdue")] + [lead(monday(15), "pending")]
    calls = [act(monday(11), "met"), act(monday(15), "late")]
    made = played(at=monday(16), person=people, activity=calls).clocks()
    assert {key[1]: (row["state"], row["counts"]) for key, row in made.items()} == {
        "met": ("met", True), "late": ("breached", True), "overdue": ("overdue", True), "pending": ("running", False),
    }  # fmt: skip


@pytest.mark.parametrize(
    ("points", "warned"),
    [("50%", monday(12)), (["80%", "30 minutes"], monday(13.2)), ("3 hours", monday(11)), ("90 minutes", monday(12.5))],
)
def test_somebody_is_warned_at_the_first_point(points: Any, warned: datetime) -> None:
    row = only(played(ANSWER | {"warn_at": points}, person=[lead()]))
    assert row["warn_at"] == warned


def test_a_warning_of_a_night_start_waits_for_the_morning() -> None:
    assert only(played(ANSWER | {"warn_at": "50%"}, person=[lead(monday(20))]))["warn_at"] == monday(11, 1)


def test_a_model_without_clocks_makes_empty_tables() -> None:
    made = Clocked([Era(None, model({}, calendars(OFFICE)))], NOW, person=[lead()])
    assert made.clocks() == {}
    assert made.shares() == {}
