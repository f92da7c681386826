"""One-time sign-in links: made for a person, good for one use within half a day, kept only as a digest."""

import hashlib
import secrets
from datetime import datetime, timedelta

from django.db.models import QuerySet
from django.urls import reverse
from django.utils import timezone

from fairlead.desk.laws import USER_UNKNOWN
from fairlead.desk.people.models import SignInLink, User
from fairlead.problem import Refused, did_you_mean

GOOD_FOR = timedelta(hours=12)


def link_for(username: str, site: str) -> str:
    """A link for `username` at `site` (such as http://127.0.0.1:8000)."""
    user = User.objects.filter(username=username, is_active=True).first()
    if user is None:
        known = User.objects.filter(is_active=True).values_list("username", flat=True)
        hint = f"{did_you_mean(username, known)} {USER_UNKNOWN.mend}"
        raise Refused([USER_UNKNOWN.broken(f"Nobody called '{username}' may sign in.", hint=hint)])
    return site.rstrip("/") + reverse("sign-in-link", args=[make(user, now=timezone.now())])


def make(user: User, *, now: datetime) -> str:
    """A new token for `user`. Links long past are swept on the way."""
    SignInLink.objects.filter(expires_at__lt=now - GOOD_FOR).delete()
    token = secrets.token_urlsafe(32)
    SignInLink.objects.create(digest=digest(token), user=user, made_at=now, expires_at=now + GOOD_FOR)
    return token


def waiting(token: str, *, now: datetime) -> User | None:
    """Whom the token would sign in, without using it up."""
    link = _good(token, now).select_related("user").first()
    return link.user if link else None


def redeem(token: str, *, now: datetime) -> User | None:
    """Whom the token signs in; it is used up by this, also when two ask at the same instant."""
    user = waiting(token, now=now)
    return user if user and _good(token, now).update(used_at=now) == 1 else None


def digest(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()


def _good(token: str, now: datetime) -> QuerySet[SignInLink]:
    return SignInLink.objects.filter(digest=digest(token), used_at=None, expires_at__gt=now, user__is_active=True)
