"""Users, the links that sign them in, and the tokens of their programs."""

from django.contrib.auth.models import AbstractUser
from django.db import models


class Access(models.TextChoices):
    """What somebody may see of the workspace. Who may *decide* what is the model's business (decision rights)."""

    OWNER = "owner", "Owner: sees everything and lets others in"
    TEAM = "team", "Team: sees the pages"
    NONE = "none", "None: may sign in and see nothing"


class User(AbstractUser):
    """Somebody who may sign in. The model gives them their roles, by `name` or `email`: see `roles.py`."""

    first_name = None  # type: ignore[assignment]  # names have more shapes than two fields
    last_name = None  # type: ignore[assignment]
    name = models.CharField(max_length=150, blank=True)
    access = models.CharField(max_length=10, choices=Access.choices, default=Access.NONE)
    failures = models.PositiveIntegerField(default=0, help_text="wrong passwords in a row")
    failed_at = models.DateTimeField(null=True, blank=True)
    signed_out = models.PositiveIntegerField(default=0, help_text="how often they were signed out everywhere")

    def get_full_name(self) -> str:
        return self.name or self.username

    def get_short_name(self) -> str:
        return self.get_full_name()

    def get_session_auth_hash(self) -> str:
        """What a session must know to be good: it ends with the password, and with being signed out everywhere."""
        known = super().get_session_auth_hash()
        return f"{known}.{self.signed_out}" if self.signed_out else known

    @property
    def may_see(self) -> bool:
        """Whether the pages of the workspace are open to this person."""
        return self.access in (Access.OWNER, Access.TEAM)


class SignInLink(models.Model):
    """A link that signs one person in once. The token itself is never kept, only its digest."""

    digest = models.CharField(max_length=64, unique=True)
    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="links")
    made_at = models.DateTimeField()
    expires_at = models.DateTimeField()
    used_at = models.DateTimeField(null=True, blank=True)

    def __str__(self) -> str:
        return f"sign-in link of {self.user_id}, until {self.expires_at:%Y-%m-%d %H:%M}"


class Token(models.Model):
    """What a program of somebody's shows to the REST API. The token itself is never kept, only its digest."""

    digest = models.CharField(max_length=64, unique=True)
    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="tokens")
    label = models.CharField(max_length=80)
    made_at = models.DateTimeField()
    expires_at = models.DateTimeField()
    last_used_at = models.DateTimeField(null=True, blank=True, help_text="to the hour")
    revoked_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        # Two with one name could not be told apart when one is to be revoked.
        constraints = (
            models.UniqueConstraint(
                fields=("user", "label"), condition=models.Q(revoked_at=None), name="one_token_of_a_label"
            ),
        )

    def __str__(self) -> str:
        return f"token {self.label} of {self.user_id}, until {self.expires_at:%Y-%m-%d}"
