"""Tokens for programs: made for a person, shown once, good until they expire or are revoked."""

import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta

from django.db import IntegrityError, transaction
from django.db.models import F, Q, QuerySet

from fairlead.desk.laws import NO_SUCH_TOKEN, TOKEN_DAYS, TOKEN_LABEL
from fairlead.desk.people.links import digest
from fairlead.desk.people.models import Token, User
from fairlead.problem import Problem, Refused, did_you_mean

BEGINNING = "fl_"  # so that a token is known for one where it should not be: in code, in a chat, in a log
GOOD_FOR = 365
LONGEST = 3650
LABEL_LENGTH = 80
COARSE = timedelta(hours=1)  # a busy program does not write to the database with every question


def make(user: User, label: str, *, now: datetime, days: int = GOOD_FOR) -> str:
    """A new token for `user`, which nobody can be shown again; refused with everything that is wrong."""
    label = label.strip()
    if problems := _faults(user, label, days, now):
        raise Refused(problems)
    token = BEGINNING + secrets.token_urlsafe(32)
    expires_at = now + timedelta(days=days)
    with _alone(label), transaction.atomic():
        over = Token.objects.filter(user=user, label=label, revoked_at=None, expires_at__lte=now)
        over.update(revoked_at=F("expires_at"))  # its label is free again
        Token.objects.create(digest=digest(token), user=user, label=label, made_at=now, expires_at=expires_at)
    return token


@contextmanager
def _alone(label: str) -> Iterator[None]:
    """Refuse a label that somebody took between the look and the leap: a button pressed twice, another window."""
    try:
        yield
    except IntegrityError:
        raise Refused([_taken(label)]) from None


def _taken(label: str) -> Problem:
    return TOKEN_LABEL.broken(f"There is a token '{label}' already.")


def user_of(token: str, *, now: datetime) -> User | None:
    """Whom a token speaks for, None when it is none, over, revoked, or of somebody who left.

    It is looked up by its digest, so how long that takes says nothing about any token there is.
    """
    found = good(now).filter(digest=digest(token), user__is_active=True).select_related("user").first()
    if found is None:
        return None
    stale = Q(last_used_at=None) | Q(last_used_at__lt=now - COARSE)
    if found.last_used_at is None or found.last_used_at < now - COARSE:
        Token.objects.filter(stale, pk=found.pk).update(last_used_at=now)
    return found.user


def good(now: datetime) -> QuerySet[Token]:
    """The tokens that are neither revoked nor over."""
    return Token.objects.filter(revoked_at=None, expires_at__gt=now).order_by("made_at", "pk")


def revoke(user: User, label: str | None, *, now: datetime) -> int:
    """End the tokens of `user`, or the one called `label`; returns how many. Refused when there is no such one."""
    theirs = good(now).filter(user=user)
    chosen = theirs.filter(label=label) if label is not None else theirs
    ended = chosen.update(revoked_at=now)
    if not ended:
        named = f" called '{label}'" if label is not None else ""
        known = list(theirs.values_list("label", flat=True))
        hint = did_you_mean(label or "", known) if known else None
        raise Refused([NO_SUCH_TOKEN.broken(f"{user.username} has no token{named}.", hint=hint)])
    return ended


def _faults(user: User, label: str, days: int, now: datetime) -> list[Problem]:
    found = []
    if not 0 < len(label) <= LABEL_LENGTH or not label.isprintable():
        found.append(TOKEN_LABEL.broken("This cannot be a label."))
    elif good(now).filter(user=user, label=label).exists():
        found.append(_taken(label))
    if not 1 <= days <= LONGEST:
        found.append(TOKEN_DAYS.broken(f"A token cannot be good for {days} days."))
    return found
