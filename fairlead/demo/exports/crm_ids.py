"""The keys that Salesforce gives its rows; other systems refer to them."""

from fairlead.demo.clock import Ints
from fairlead.demo.exports.sheet import Column, ids


def account(rows: Ints) -> Column:
    return ids("001Hc", rows, "AAM")


def contact(rows: Ints) -> Column:
    return ids("003Hc", rows, "QAE")


def deal(rows: Ints) -> Column:
    return ids("006Hc", rows, "IAR")


def user(rows: Ints) -> Column:
    return ids("005Hc", rows, "QAG")


def campaign(rows: Ints) -> Column:
    return ids("701Hc", rows, "AAW")


def product(rows: Ints) -> Column:
    return ids("01tHc", rows, "AAG")


def waiver(rows: Ints) -> Column:
    return ids("a0WHc", rows, "AAI")


def ads_campaign(rows: Ints) -> Column:
    """The number an advertising system gives the campaign."""
    return ids("2", rows, "", 9)
