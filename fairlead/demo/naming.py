"""Names, domains and addresses for rows, put together from the word lists; the same row always gets the same."""

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from fairlead.demo import company
from fairlead.demo.clock import Ints
from fairlead.demo.exports.sheet import Column, join, pick, where, whole
from fairlead.demo.words import ENDINGS, FIRST_NAMES, LAST_NAMES, STEM_HEADS, STEM_TAILS, TRADES

# Every number below SPAN is a stem and a trade of its own, scattered so that neighbours do not look alike.
SPAN, STRIDE = len(STEM_HEADS) * len(STEM_TAILS) * 4, 2_791


def _parts(account: Ints, industry: Ints) -> tuple[Column, Column, Column]:
    """(stem, trade, number when the stems have run out) of companies."""
    code = (account % SPAN) * STRIDE % SPAN
    head, tail, trade = code % len(STEM_HEADS), code // len(STEM_HEADS) % len(STEM_TAILS), code // (SPAN // 4)
    words = [word for name in company.INDUSTRIES for word in TRADES[name]]
    again = account // SPAN
    number = where(again > 0, whole(again), "")
    return join(pick(STEM_HEADS, head), pick(STEM_TAILS, tail)), pick(words, industry * 4 + trade), number


def company_names(account: Ints, industry: Ints) -> Column:
    """Names such as "Velmark Freight, Inc."."""
    stem, trade, number = _parts(account, industry)
    return join(
        stem, where(account // SPAN > 0, join(" ", number), ""), " ", trade, pick(ENDINGS, account * 7 % len(ENDINGS))
    )


def domains(account: Ints, industry: Ints) -> Column:
    """Domains such as velmarkfreight.example; one a company."""
    stem, trade, number = _parts(account, industry)
    plain = pc.replace_substring(pc.replace_substring(pc.utf8_lower(join(stem, trade)), "& ", "and"), " ", "")
    return join(plain, number, ".example")


def emails(account: Ints, industry: Ints, first: Ints, last: Ints, twin: Ints) -> Column:
    """first.last@domain, numbered when the name is taken; at a mail provider when the company is not known."""
    name = join(pick(FIRST_NAMES, first), ".", pick(LAST_NAMES, last), where(twin > 0, whole(twin), ""))
    known = account >= 0
    at = where(known, domains(np.maximum(account, 0), industry), "mailbox.example")
    return join(pc.utf8_lower(name), "@", at)


def phones(row: Ints) -> Column:
    """Numbers from the range kept free for stories."""
    return join("+1 202 555 01", pc.utf8_lpad(pa.array(row % 100).cast(pa.string()), 2, "0"))
