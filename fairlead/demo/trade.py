"""Month by month: qualified people become deals, deals are won or lost, customers grow, renew and leave.

    SQL ──> new deal ──won──> contract line ──> expansion deal ──won──> another line
    (or joins the deal           │
     that is open already)       ├──> renewal deal (mid-market, enterprise) ──won──> next term
                                 │                                          └─lost──> churn
                                 └──> small customers pay on, grow, shrink or leave

All amounts are whole units of the deal's currency: a month's charge for lines, a year's for deals.
"""

import numpy as np

from fairlead.demo import company
from fairlead.demo.book import Book
from fairlead.demo.clock import (
    DAY,
    END,
    HOUR,
    MONTHS,
    NEVER,
    START,
    Chance,
    Flags,
    Floats,
    Ints,
    Numbers,
    day_of,
    first_day,
    in_office,
    month_of_day,
)
from fairlead.demo.funnel import Funnel
from fairlead.demo.market import Accounts, People
from fairlead.demo.sold import DEAL_COLUMNS, LINE_COLUMNS, YEAR, Deals, Drawn, Joined, Lines, Sale
from fairlead.demo.staff import Staff


def leaning(people: People, minutes: Floats) -> Floats:
    """How much better than usual the odds are of a deal with each person, who was answered after `minutes`."""
    quality = np.array([c.quality for c in company.CHANNELS])[people.channel]
    speed = 0.25 - 0.10 * np.log1p(minutes / 30)
    fit = 0.02 * (people.fit - 62)
    found: Floats = quality + speed + fit
    return found


class Trade:
    """The state of all accounts between months, and the two books that grow."""

    def __init__(self, accounts: Accounts, people: People, funnel: Funnel, staff: Staff, chance: Chance) -> None:
        self.accounts, self.people, self.funnel, self.staff = accounts, people, funnel, staff
        self.dice = chance.of("trade")
        self.lean = leaning(people, np.nan_to_num(funnel.response_minutes, nan=3000.0))
        count = len(accounts.segment)
        self.deals, self.lines = Book(DEAL_COLUMNS), Book(LINE_COLUMNS)
        self.since = np.full(count, NEVER)  # day the customer started, NEVER for others
        self.term_end = np.full(count, NEVER)
        self.busy_until = np.zeros(count, np.int64)
        self.contact = np.full(count, -1, np.int64)
        self.open_deal = np.full(count, -1, np.int64)  # the latest deal: open while busy
        self.joined: list[tuple[Ints, Ints]] = []
        self.happened: set[str] = set()
        # Small customers, and most mid-market ones, renew without anybody opening a deal for it.
        self.silent = self.dice.random(count) < np.array([1.0, 0.72, 0.0])[accounts.segment]
        self.step = np.where(accounts.currency == company.USD, 1, 10)

    def run(self) -> tuple[Deals, Lines, Joined]:
        self._import_legacy()
        qualified = np.flatnonzero(self.funnel.sql_at != NEVER)
        month = month_of_day(day_of(self.funnel.sql_at[qualified]))
        for m in range(MONTHS):
            self._qualified(qualified[month == m])
            self._try_again(m)
            self._grow(m)
            self._propose_renewals(m)
            self._close(m)
            self._renew_silently(m)
        deals = Deals(*(self.deals[c].copy() for c in DEAL_COLUMNS))
        joined = Joined(*(np.concatenate(column) for column in zip(*self.joined, strict=True)))
        return deals, Lines(*(self.lines[c].copy() for c in LINE_COLUMNS)), joined

    # deals

    def _import_legacy(self) -> None:
        """Customers from before the window: their deals were entered on the day they were won."""
        who = np.flatnonzero(self.accounts.legacy == 1)
        at = in_office(self.accounts.created_at[who] + 5 * DAY, self.dice)
        none, new, won = np.full(len(who), -1), np.zeros(len(who), np.int64), np.ones(len(who), np.int64)
        rows = self._open(Drawn(who, new, none, at, at, won, self._price(who)), imported=1)
        self._win_new(rows)

    def _qualified(self, people: Ints) -> None:
        """One deal for the first qualified person of an account this month; others join the deal that is open."""
        at, account = self.funnel.sql_at[people], self.people.account[people]
        order = np.lexsort((at, account))
        people, at, account = people[order], at[order], account[order]
        first = np.r_[True, account[1:] != account[:-1]] if len(account) else np.zeros(0, bool)
        take = np.where(self.since[account] == NEVER, 0.95, 0.3)  # customers' new people seldom mean a new deal
        free = first & (self.busy_until[account] < at) & (self.dice.random(len(at)) < take)
        created = at[free] + self.dice.integers(300, 2 * DAY, int(free.sum()))
        self._pursue(account[free], people[free], created)
        joins = ~free & (self.busy_until[account] > at) & (self.open_deal[account] >= 0)
        self.joined.append((self.open_deal[account[joins]], people[joins]))

    def _try_again(self, m: int) -> None:
        """Sellers go back to companies that said no half a year ago."""
        opens = first_day(m)
        cold = (self.since == NEVER) & (self.contact >= 0) & (self.busy_until < (opens - 120) * DAY)
        account = np.flatnonzero(cold & (self.dice.random(len(cold)) < 0.12))
        created = in_office((opens + self.dice.integers(0, 27, len(account))) * DAY + 14 * HOUR, self.dice)
        self._pursue(account, self.contact[account], created)

    def _pursue(self, account: Ints, people: Ints, created: Ints) -> None:
        """Open a deal: new for a company that does not pay yet, otherwise an expansion."""
        kind = np.where(self.since[account] != NEVER, company.EXPANSION, company.NEW)
        lean = self.lean[people]
        won, closes = self._fate(account, kind, created, lean)
        price = np.where(kind == company.NEW, self._price(account), self._more(account))
        rows = self._open(Drawn(account, kind, people, created, closes, won, price))
        self.contact[account] = np.where(self.contact[account] < 0, people, self.contact[account])
        self.busy_until[account] = self.deals["closes_at"][rows]
        self.open_deal[account] = rows

    def _fate(self, account: Ints, kind: Ints, created: Ints, lean: Floats) -> tuple[Ints, Ints]:
        """Whether deals will be won, and when they close."""
        segment = self.accounts.segment[account]
        base = np.array([s.win for s in company.SEGMENTS])[segment]
        skill = self.staff.skill[self.accounts.owner[account]]
        odds = np.where(kind == company.NEW, base + lean, -0.85 + 0.3 * lean) + skill
        won = self.dice.random(len(account)) < 1 / (1 + np.exp(-odds))
        cycle = np.array([s.cycle for s in company.SEGMENTS])[segment] * np.where(kind == company.NEW, 0.92, 0.6)
        spread = np.where(won, 0.40, 0.70)
        days = np.maximum(cycle * np.where(won, 1.0, 0.95) * np.exp(self.dice.normal(0, 1, len(account)) * spread), 2.0)
        return won.astype(np.int64), in_office(created + (days * DAY).astype(np.int64), self.dice)

    def _open(self, drawn: Drawn, imported: int = 0) -> Ints:
        """Add deals; of a few that are won, billing is never told."""
        account = drawn.account
        small = self.accounts.segment[account] != company.ENTERPRISE
        could = small & (drawn.won == 1) & (drawn.kind == company.NEW) & (drawn.closes < END) & (imported == 0)
        slips = could & ((self.dice.random(len(account)) < 0.012) | self._once("not billed", could))
        return self.deals.add(
            account=account,
            kind=drawn.kind,
            person=drawn.person,
            owner=self.accounts.owner[account],
            created_at=drawn.created,
            closes_at=np.maximum(drawn.closes, drawn.created),
            won=drawn.won,
            amount=drawn.amount,
            imported=imported,
            billed=np.where(slips, 0, 1),
        )

    def _price(self, account: Ints) -> Ints:
        """A first contract's price a year, in steps that convert to the cent."""
        segment = self.accounts.segment[account]
        price = np.array([s.price for s in company.SEGMENTS])[segment]
        spread = np.array([s.spread for s in company.SEGMENTS])[segment]
        drawn = price * np.exp(self.dice.normal(0, 1, len(account)) * spread - 0.04)
        return self._rounded(account, drawn / 12) * 12

    def _more(self, account: Ints) -> Ints:
        """What an expansion adds a year: a third to three quarters of what the customer pays."""
        return self._rounded(account, self._paying()[account] * (0.32 + 0.45 * self.dice.random(len(account)))) * 12

    def _rounded(self, account: Ints, monthly: Numbers) -> Ints:
        step = self.step[account]
        steps: Ints = np.maximum(np.round(monthly / (step * 5)).astype(np.int64), 1)
        return steps * step * 5

    def _paying(self) -> Ints:
        """What every account pays a month now."""
        running = self.lines["ends"] == NEVER
        net = (self.lines["gross"] - self.lines["discount"])[running]
        return np.bincount(self.lines["account"][running], net, len(self.since)).astype(np.int64)

    def _once(self, what: str, could: Flags) -> Flags:
        """The first row that could, the first time one could: however small the company, it happens there once."""
        if what in self.happened or not could.any():
            return np.zeros(len(could), bool)
        self.happened.add(what)
        found: Flags = np.arange(len(could)) == np.argmax(could)
        return found

    # customers

    def _close(self, m: int) -> None:
        """The wins and lost renewals of a month take effect."""
        opens, closes = first_day(m), first_day(m + 1)
        at = self.deals["closes_at"]
        day = at // DAY
        now = np.flatnonzero((day >= opens) & (day < closes) & (at < END) & (self.deals["imported"] == 0))
        now = now[np.argsort(at[now], kind="stable")]
        kind, won = self.deals["kind"][now], self.deals["won"][now] == 1
        self._win_new(now[won & (kind == company.NEW)])
        self._win_more(now[won & (kind == company.EXPANSION)])
        renewal = now[kind == company.RENEWAL]
        renewal = renewal[self.since[self.deals["account"][renewal]] != NEVER]
        lost = self.deals["won"][renewal] == 0
        self._leave(self.deals["account"][renewal[lost]], self._ends_of(renewal[lost]))
        self._renew(renewal[~lost])

    def _ends_of(self, renewals: Ints) -> Ints:
        """The last term's end, or the day after a decision that came late."""
        return np.maximum(self.term_end[self.deals["account"][renewals]], self.deals["closes_at"][renewals] // DAY + 1)

    def _win_new(self, rows: Ints) -> None:
        rows = rows[self.deals["billed"][rows] == 1]
        account = self.deals["account"][rows]
        starts = self.deals["closes_at"][rows] // DAY + self.dice.integers(1, 8, len(rows))
        segment = self.accounts.segment[account]
        yearly = self.dice.random(len(rows)) < np.array([s.yearly for s in company.SEGMENTS])[segment]
        net = self.deals["amount"][rows] // 12
        off = np.where(self.dice.random(len(rows)) < 0.08, self._rounded(account, net * 0.1), 0)
        self.since[account], self.term_end[account] = starts, starts + YEAR
        small = (segment == company.SMB) & (starts > START // DAY)
        early = small & ((self.dice.random(len(rows)) < 0.015) | self._once("left early", small))
        self._add(Sale(account, rows, starts, net + off, off, np.where(yearly, 12, 1), segment), early)

    def _win_more(self, rows: Ints) -> None:
        account = self.deals["account"][rows]
        rows = rows[self.since[account] != NEVER]
        account = self.deals["account"][rows]
        product = np.where(self.dice.random(len(rows)) < 0.5, company.ADD_ON, self.accounts.segment[account])
        starts = np.maximum(self.deals["closes_at"][rows] // DAY + 1, self.since[account] + 1)
        charge, none = self.deals["amount"][rows] // 12, np.zeros(len(rows), np.int64)
        self._add(Sale(account, rows, starts, charge, none, self._interval(account), product))

    def _interval(self, account: Ints) -> Ints:
        """How many months these accounts pay at once: as their first running line does."""
        found = np.ones(len(self.since), np.int64)
        running = np.flatnonzero(self.lines["ends"] == NEVER)[::-1]
        found[self.lines["account"][running]] = self.lines["months"][running]
        return found[account]

    def _add(self, sale: Sale, early: Flags | None = None) -> None:
        """Begin lines; those marked `early` end within three months, if that is before the window does."""
        account, starts = sale.account, sale.starts
        ends = starts + self.dice.integers(25, 80, len(account))
        gone = np.zeros(len(account), bool) if early is None else early & (ends < END // DAY)
        self.since[account[gone]] = NEVER
        self.lines.add(
            **sale._asdict(),
            ends=np.where(gone, ends, NEVER),
            until=self.term_end[account],
            lost_early=gone.astype(np.int64),
        )

    def _leave(self, account: Ints, on: Ints) -> None:
        """End every running line of accounts on a day; those after the window have not happened yet."""
        happened = on < END // DAY
        self._end_lines(account[happened], on[happened])
        self.since[account[happened]] = NEVER

    def _end_lines(self, account: Ints, on: Ints) -> None:
        day = np.full(len(self.since), NEVER)
        day[account] = on
        mine = day[self.lines["account"]]
        ends = self.lines["ends"]
        running = (ends == NEVER) & (mine != NEVER)
        ends[running] = np.maximum(mine[running], self.lines["starts"][running] + 1)

    def _renew(self, rows: Ints) -> None:
        """All lines of the account become one for the next year, at the price the renewal deal agreed."""
        account, starts = self.deals["account"][rows], self._ends_of(rows)
        due = starts < END // DAY
        rows, account, starts = rows[due], account[due], starts[due]
        months = self._interval(account)
        self._end_lines(account, starts)
        latest = np.zeros(len(self.since), np.int64)
        np.maximum.at(latest, self.lines["account"], np.where(self.lines["ends"] == NEVER, 0, self.lines["ends"]))
        starts = np.maximum(starts, latest[account])
        self.term_end[account] = starts + YEAR
        charge, none = self.deals["amount"][rows] // 12, np.zeros(len(rows), np.int64)
        self._add(Sale(account, rows, starts, charge, none, months, self.accounts.segment[account]))

    def _propose_renewals(self, m: int) -> None:
        """Larger customers get a renewal deal some eighty days before their term ends."""
        opens, closes = first_day(m), first_day(m + 1)
        due = (self.since != NEVER) & (self.term_end - 80 >= opens) & (self.term_end - 80 < closes)
        account = np.flatnonzero(due & ~self.silent)
        if not len(account):
            return
        created = in_office((self.term_end[account] - 80) * DAY + 14 * HOUR, self.dice)
        decided = in_office(
            (self.term_end[account] - 12) * DAY + (self.dice.normal(0, 9, len(account)) * DAY).astype(np.int64),
            self.dice,
        )
        leaves = np.array([s.churn for s in company.SEGMENTS])[self.accounts.segment[account]] * 1.6
        stays = self.dice.random(len(account)) >= leaves
        stays &= ~self._once("renewal lost", np.full(len(account), m < MONTHS - 6))
        change = self.dice.choice([1.0, 1.03, 1.07, 1.12, 0.8], len(account), p=[0.3, 0.27, 0.22, 0.15, 0.06])
        amount = self._rounded(account, self._paying()[account] * np.where(stays, change, 1.0)) * 12
        kind, won = np.full(len(account), company.RENEWAL), stays.astype(np.int64)
        self._open(Drawn(account, kind, self.contact[account], created, decided, won, amount))

    def _grow(self, m: int) -> None:
        """Customer success finds room to grow: an expansion deal."""
        segment = self.accounts.segment
        opens = first_day(m)
        keen = np.array([s.growth for s in company.SEGMENTS])[segment]
        settled = (self.since != NEVER) & (self.since < opens - 45) & (self.busy_until < opens * DAY)
        account = np.flatnonzero(settled & (self.dice.random(len(segment)) < keen) & (self._paying() > 0))
        created = in_office((opens + self.dice.integers(0, 27, len(account))) * DAY + 14 * HOUR, self.dice)
        kind = np.full(len(account), company.EXPANSION)
        won, closes = self._fate(account, kind, created, np.full(len(account), 1.2))
        self.busy_until[account] = closes
        self.open_deal[account] = -1
        self._open(Drawn(account, kind, self.contact[account], created, closes, won, self._more(account)))

    def _renew_silently(self, m: int) -> None:
        """Those without renewal deals: some leave, some pay more, some add or drop seats."""
        opens, closes = first_day(m), first_day(m + 1)
        who = np.flatnonzero((self.since != NEVER) & (self.since < opens - 90) & self.silent)
        yearly = self._interval(who) == 12
        due = (self.term_end[who] >= opens) & (self.term_end[who] < closes)
        draw = self.dice.random(len(who))
        churn = np.array([s.churn for s in company.SEGMENTS])[self.accounts.segment[who]]
        leaves = np.where(yearly, due & (draw < churn), draw < churn * 1.25 / 12)
        on = np.where(yearly, self.term_end[who], opens + self.dice.integers(0, 27, len(who)))
        dearer = who[due & ~leaves & (self.accounts.segment[who] == company.MID_MARKET)]
        starts = self.term_end[dearer]
        self.term_end[who] += np.where(due & ~leaves, YEAR, 0)
        self._replace(dearer, starts, 1.05)
        self._leave(who[leaves], on[leaves])
        stay = who[~leaves & ~yearly & (self.term_end[who] >= closes)]
        draw = self.dice.random(len(stay))
        self._replace(stay[draw < 0.020], opens + 27, 1.25)
        self._replace(stay[draw > 0.994], opens + 27, 0.7)

    def _replace(self, account: Ints, on: Ints | int, factor: float) -> None:
        """From a day on these accounts pay `factor` times as much, as one line; no deal says so."""
        day = np.broadcast_to(np.asarray(on, np.int64), account.shape)
        account, day = account[day < END // DAY], day[day < END // DAY]
        if not len(account):
            return
        charge, months = self._rounded(account, self._paying()[account] * factor), self._interval(account)
        self._end_lines(account, day)
        latest = np.zeros(len(self.since), np.int64)
        np.maximum.at(latest, self.lines["account"], np.where(self.lines["ends"] == NEVER, 0, self.lines["ends"]))
        starts, none = np.maximum(day, latest[account]), np.zeros(len(account), np.int64)
        self._add(Sale(account, none - 1, starts, charge, none, months, self.accounts.segment[account]))
