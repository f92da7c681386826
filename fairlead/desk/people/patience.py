"""Guessing passwords is slow: after a few wrong ones in a row a name has to wait, whoever asks. Links still work."""

from datetime import datetime, timedelta
from typing import Any

from django.contrib.auth.forms import AuthenticationForm
from django.core.exceptions import ValidationError
from django.db.models import F
from django.utils import timezone

from fairlead.desk.people.models import User

FREE_TRIES = 8
WAIT = timedelta(minutes=1)


class PatientForm(AuthenticationForm):
    """Django's sign-in form, with patience."""

    def clean(self) -> dict[str, Any]:
        now, username = timezone.now(), self.cleaned_data.get("username", "")
        if must_wait(username, now=now):
            raise ValidationError("Too many wrong passwords. Wait a minute, or use a sign-in link.", code="wait")
        user = User.objects.filter(username=username)
        try:
            cleaned = super().clean()
        except ValidationError:
            failed(username, now=now)
            raise
        user.update(failures=0, failed_at=None)
        return cleaned


def failed(username: str, *, now: datetime) -> None:
    """One more wrong password for this name."""
    User.objects.filter(username=username).update(failures=F("failures") + 1, failed_at=now)


def must_wait(username: str, *, now: datetime) -> bool:
    """Whether this name was tried wrongly too often, and just now."""
    return User.objects.filter(username=username, failures__gte=FREE_TRIES, failed_at__gt=now - WAIT).exists()
