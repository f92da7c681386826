"""The company itself: Halyard Cloud sells planning software to other companies, and these are its habits.

Everything a reader may want to turn is here: channels and what they are worth, segments and what they
pay, products, regions, currencies.
"""

from typing import Final, NamedTuple

NAME: Final = "Halyard Cloud"
DOMAIN: Final = "halyardcloud.example"


class Channel(NamedTuple):
    """A way people come: share of inquiries, how keen they are, how good their deals are, what a lead costs."""

    name: str
    share: float
    keen: float
    quality: float
    cost: float
    company_known: float


CHANNELS: Final = (
    Channel("organic_search", 0.22, 1.00, 0.15, 0.0, 0.84),
    Channel("paid_search", 0.15, 0.95, 0.05, 230.0, 0.80),
    Channel("paid_social", 0.12, 0.70, -0.15, 200.0, 0.72),
    Channel("events", 0.09, 1.10, 0.10, 480.0, 0.92),
    Channel("partner", 0.06, 1.30, 0.45, 180.0, 0.96),
    Channel("outbound", 0.14, 0.75, -0.20, 70.0, 0.97),
    Channel("referral", 0.05, 1.45, 0.60, 45.0, 0.94),
    Channel("content_syndication", 0.17, 0.80, -9.0, 120.0, 0.58),
)
WORTHLESS: Final = 7  # content_syndication: many leads, no wins


class Segment(NamedTuple):
    """A size of customer. `price` is the typical new contract a year, `cycle` the days from creation to won."""

    name: str
    share: float
    people: float
    price: float
    spread: float
    cycle: float
    win: float
    yearly: float  # share that pays by the year
    churn: float  # chance not to renew a year
    growth: float  # chance a month to start an expansion deal


SEGMENTS: Final = (
    Segment("smb", 0.60, 4.0, 5_400, 0.45, 25.0, -1.55, 0.25, 0.13, 0.022),
    Segment("mid_market", 0.30, 12.0, 27_000, 0.45, 70.0, -1.72, 0.75, 0.055, 0.038),
    Segment("enterprise", 0.10, 26.0, 105_000, 0.45, 140.0, -1.82, 1.00, 0.024, 0.040),
)
SMB, MID_MARKET, ENTERPRISE = 0, 1, 2


class Region(NamedTuple):
    """Where customers are: share, countries with their currency, and the days from won to kickoff."""

    name: str
    share: float
    countries: tuple[tuple[str, str], ...]
    kickoff_days: float


REGIONS: Final = (
    Region("North America", 0.64, (("US", "USD"), ("US", "USD"), ("US", "USD"), ("CA", "USD")), 5.0),
    Region("EMEA", 0.26, (("GB", "GBP"), ("DE", "EUR"), ("FR", "EUR"), ("NL", "EUR")), 21.0),
    Region("APAC", 0.10, (("AU", "USD"), ("SG", "USD")), 6.0),
)
SLOW_REGION: Final = 1  # EMEA waits for its kickoff

CURRENCIES: Final = ("USD", "EUR", "GBP")
USD, EUR, GBP = 0, 1, 2
NO_RATE: Final = "SEK"

INDUSTRIES: Final = (
    "Manufacturing", "Software", "Financial Services", "Healthcare", "Retail", "Logistics", "Education",
    "Professional Services",
)  # fmt: skip
PERSONAS: Final = ("champion", "decision_maker", "evaluator", "end_user")
PERSONA_SHARES: Final = (0.22, 0.14, 0.28, 0.36)
PERSONA_FIT: Final = (12, 16, 4, -12)


class Product(NamedTuple):
    name: str
    family: str
    list_price: int


PRODUCTS: Final = (
    Product("Halyard Plan", "Platform", 6_000),
    Product("Halyard Plan Plus", "Platform", 30_000),
    Product("Halyard Enterprise", "Platform", 120_000),
    Product("Halyard Insights", "Add-on", 9_000),
)
ADD_ON: Final = 3
FEATURES: Final = ("boards", "forecasts", "reports", "integrations")

STAGES: Final = ("discovery", "qualification", "evaluation", "proposal", "negotiation", "closed_won", "closed_lost")
WON, LOST = 5, 6
STAGE_LABELS: Final = (
    "Discovery", "Qualification", "Evaluation", "Proposal", "Negotiation", "Closed Won", "Closed Lost",
)  # fmt: skip
KINDS: Final = ("new", "expansion", "renewal")
NEW, EXPANSION, RENEWAL = 0, 1, 2
CATEGORIES: Final = ("pipeline", "best_case", "commit", "omitted", "closed")
LOST_REASONS: Final = (
    "No decision", "Price", "Competitor", "Missing feature", "No budget", "Lost contact", "Bad timing",
)  # fmt: skip
COMPETITORS: Final = ("", "Bowline Suite", "Capstan IQ", "Spreadsheets")
NEXT_STEPS: Final = ("Send proposal", "Book technical call", "Confirm budget", "Meet the sponsor")
WAITING: Final = "Waiting for the customer"  # also a next step; the starter model pauses clocks under it
# Why sales returns leads: the reasons that were agreed, then what some write instead.
RECYCLE_REASONS: Final = (
    "Not now", "No authority", "Bad fit", "Unreachable", "Competitor", "Student", "Call again in spring",
)  # fmt: skip
AGREED_REASONS: Final = 5

# Seasons: how busy each calendar month is, January first.
SEASON: Final = (1.02, 1.02, 1.12, 1.03, 1.02, 0.98, 0.86, 0.84, 1.10, 1.14, 1.05, 0.82)
