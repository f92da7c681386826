"""From inquiry to sales qualified: touches make people engaged, fit and behaviour make them marketing
qualified, and how soon a human answers decides how many of them sales accepts and qualifies.

    touches ──> engaged ──(fit + behaviour)──> MQL ──(response time)──> accepted ──> SQL
                                                └────────────────────> recycled, with a reason
"""

from typing import NamedTuple

import numpy as np

from fairlead.demo import company
from fairlead.demo.clock import DAY, END, HOUR, MINUTE, NEVER, START, Chance, Flags, Floats, Ints, in_office, local
from fairlead.demo.market import People, running
from fairlead.demo.staff import Staff

FORM, VISIT, CLICK, EVENT = 0, 1, 2, 3
TOUCH_KINDS = ("form", "visit", "email_click", "event")
EMAIL = len(company.CHANNELS)  # touches by our own emails have a channel that nobody is sourced from
TOUCH_CHANNELS = (*(c.name for c in company.CHANNELS), "email")


class Touches(NamedTuple):
    """One row a meeting of a person and a campaign, in order of time. `campaign` is -1 for our own emails."""

    person: Ints
    kind: Ints
    channel: Ints
    campaign: Ints
    at: Ints


class Funnel(NamedTuple):
    """How far each person came, the last time round; NEVER where they did not."""

    behaviour: Ints
    engaged_at: Ints
    mql_at: Ints
    responded_at: Ints
    sal_at: Ints
    sql_at: Ints
    recycled_at: Ints
    recycle_reason: Ints
    rep: Ints  # who answers: a row of Staff, -1 before MQL

    @property
    def response_minutes(self) -> Floats:
        """Minutes from qualification to the first human answer; NaN without one."""
        answered = self.responded_at != NEVER
        gap = np.where(answered, self.responded_at, 0) - np.where(answered, self.mql_at, 0)
        return np.where(answered, gap / MINUTE, np.nan)


def touches(people: People, chance: Chance) -> Touches:
    """The inquiry itself, what followed it, and the visits before it."""
    dice = chance.of("touches")
    count = len(people.account)
    after = dice.poisson(people.keenness * 3.7)
    before = dice.binomial(2, 0.2, count)
    person = np.concatenate([np.arange(count), np.repeat(np.arange(count), after), np.repeat(np.arange(count), before)])
    wait = np.concatenate(
        [
            np.zeros(count),
            dice.gamma(0.7, 26.0, after.sum()) * DAY + 20 * MINUTE,
            -dice.gamma(1.0, 8.0, before.sum()) * DAY - 5 * MINUTE,
        ]
    )
    at = people.created_at[person] + wait.astype(np.int64)
    office = (wait > DAY) & (dice.random(len(person)) < 0.8)
    at = np.where(office, in_office(at, dice), at)
    kind = np.concatenate(
        [
            np.zeros(count, np.int64),
            dice.choice(4, after.sum(), p=[0.12, 0.46, 0.36, 0.06]),
            np.full(before.sum(), VISIT),
        ]
    )
    inquiry = np.arange(len(person)) < count
    own = dice.choice(len(company.CHANNELS), len(person), p=[0.42, 0.18, 0.16, 0.1, 0.04, 0.04, 0.06, 0.0])
    channel = np.where(inquiry | (dice.random(len(person)) < 0.55), people.channel[person], own)
    channel = np.where(kind == EVENT, 3, np.where(kind == CLICK, EMAIL, channel))
    kind = np.where(inquiry & (people.channel[person] == 3), EVENT, kind)
    month = (np.clip(at, START, END - 1) - START) // (30 * DAY + 10 * HOUR + 30 * MINUTE)
    campaign = np.where(channel == EMAIL, -1, running(np.minimum(channel, EMAIL - 1), month))
    campaign = np.where(inquiry, people.campaign[person], campaign)
    held = np.flatnonzero((at < END) & (at >= START))
    held = held[np.argsort(at[held], kind="stable")]
    return Touches(person[held], kind[held], channel[held], campaign[held], at[held])


def qualify(people: People, met: Touches, staff: Staff, chance: Chance) -> Funnel:
    """Each person's way as far as it goes before the window ends."""
    dice = chance.of("funnel")
    count = len(people.account)
    since = met.at - people.created_at[met.person]
    behaviour = np.bincount(met.person[(since >= 0) & (since < 30 * DAY)], minlength=count)
    engaged_at = np.full(count, NEVER)
    later = since > 0
    np.minimum.at(engaged_at, met.person[later], met.at[later])
    score = people.fit + 6.0 * np.minimum(behaviour, 6) + dice.normal(0, 7, count)
    warm = (engaged_at != NEVER) & (people.fit >= 30) & (score > 71.0)
    mql_at = _then(warm, engaged_at, dice.gamma(1.0, 2.0, count) * HOUR + 5 * MINUTE)
    rep, responded_at = responses(people, mql_at, staff, dice)
    minutes = np.where(responded_at != NEVER, (np.where(responded_at != NEVER, responded_at, 0) - mql_at) / MINUTE, 1e5)
    poor = people.channel == company.WORTHLESS
    accepts, goes_on = chances(people, minutes)
    sal_at = accept(responded_at, accepts, dice)
    sql_at = meet(people, sal_at, goes_on, dice)
    recycled_at, sal_at = give_back(responded_at, sal_at, sql_at, dice)
    reason = np.where(poor & (dice.random(count) < 0.6), 2, dice.integers(0, company.AGREED_REASONS, count))
    return Funnel(behaviour, engaged_at, mql_at, responded_at, sal_at, sql_at, recycled_at, reason, rep)


def chances(people: People, minutes: Floats) -> tuple[Floats, Floats]:
    """By person, answered after `minutes`: the chance that sales accepts, and that whoever is accepted qualifies."""
    slow = np.log1p(np.clip(minutes, 0, 1e5) / 30)
    quality = np.array([c.quality for c in company.CHANNELS])[people.channel]
    poor = people.channel == company.WORTHLESS
    lean = 0.03 * (people.fit - 55) + np.maximum(quality, -0.5)
    return _odds(1.55 + lean - 0.28 * slow - 1.6 * poor), _odds(0.95 + lean - 0.13 * slow - 3.2 * poor)


def accept(responded_at: Ints, accepts: Floats, dice: np.random.Generator) -> Ints:
    """When sales accepts those who were answered."""
    accepted = (responded_at != NEVER) & (dice.random(len(responded_at)) < accepts)
    return _then(accepted, responded_at, dice.gamma(1.2, 9.0, len(responded_at)) * HOUR + 5 * MINUTE)


def meet(people: People, sal_at: Ints, goes_on: Floats, dice: np.random.Generator) -> Ints:
    """When those who were accepted become sales qualified: at a meeting, of a company that is known."""
    meets = (sal_at != NEVER) & (dice.random(len(sal_at)) < goes_on) & (people.account >= 0)
    return _then(meets, sal_at, dice.gamma(1.6, 3.4, len(sal_at)) * DAY + HOUR, office=dice)


def give_back(responded_at: Ints, sal_at: Ints, sql_at: Ints, dice: np.random.Generator) -> tuple[Ints, Ints]:
    """When sales returns those who did not qualify, and when it accepts: never after it has returned somebody."""
    given_up = (responded_at != NEVER) & (sql_at == NEVER) & (dice.random(len(sal_at)) < 0.9)
    recycled_at = _then(given_up, responded_at, dice.gamma(2.0, 7.0, len(sal_at)) * DAY + 4 * HOUR)
    after = (recycled_at != NEVER) & (sal_at != NEVER) & (sal_at > recycled_at)
    return recycled_at, np.where(after, NEVER, sal_at)


def responses(people: People, mql_at: Ints, staff: Staff, dice: np.random.Generator) -> tuple[Ints, Ints]:
    """Who answers each MQL and when: within the hour by day, next morning by night, some late, some never."""
    count = len(mql_at)
    reps = staff.of("SDR")
    rep = np.where(mql_at != NEVER, reps[dice.integers(0, len(reps), count)], -1)
    minutes = np.exp(np.log(20) + dice.normal(0, 1.25, count) - 1.3 * staff.skill[rep])
    minutes = np.where(dice.random(count) < 0.06, dice.gamma(2.0, 1.6, count) * 1440 + 1500, minutes)
    asleep = local(np.where(mql_at == NEVER, START, mql_at)) % DAY
    night = (asleep < 8 * HOUR) | (asleep > 19 * HOUR)
    minutes += np.where(night, ((8 * HOUR + 45 * MINUTE - asleep) % DAY) / MINUTE, 0)
    answered = (mql_at != NEVER) & (dice.random(count) > 0.035)
    return rep, _then(answered, mql_at, np.maximum(minutes * MINUTE, 45))


def _odds(x: Floats) -> Floats:
    return 1 / (1 + np.exp(-x))


def _then(happens: Flags, before: Ints, wait: Floats, office: np.random.Generator | None = None) -> Ints:
    """`wait` seconds after `before` for those it happens to, unless the window ends first."""
    at = np.where(happens, np.where(happens, before, 0) + wait.astype(np.int64), NEVER)
    if office is not None:
        at = np.where(
            happens,
            np.maximum(in_office(np.where(happens, at, START), office), np.where(happens, before, 0) + HOUR),
            NEVER,
        )
    return np.where(at < END, at, NEVER)
