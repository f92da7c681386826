"""Let people in, and out again."""

from datetime import datetime

from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.db.models import F

from fairlead.desk import NewUser, Person
from fairlead.desk.laws import UNKNOWN_ACCESS, USER_EXISTS, USER_NAME, USER_UNKNOWN, WEAK_PASSWORD
from fairlead.desk.people.models import Access, SignInLink, Token, User
from fairlead.desk.people.tokens import good
from fairlead.problem import Problem, Refused, did_you_mean


def add(new: NewUser) -> User:
    """Add a user; refused with everything that is wrong."""
    user = User(username=new.username, name=new.name, email=new.email, access=new.access)
    problems = [*_faults(user), *_password_faults(user, new.password)]
    if problems:
        raise Refused(problems)
    user.set_password(new.password)
    try:
        with transaction.atomic():
            user.save()
    except IntegrityError as error:
        raise Refused([_taken(new.username)]) from error
    return user


def first_owner(username: str) -> None:
    """On a desk without people, make `username` its owner; otherwise change nothing."""
    if not User.objects.exists():
        add(NewUser(username, access=Access.OWNER))


def named(username: str) -> User:
    """The user of that name, also one who is off; refused, offering the nearest name, when there is none."""
    user = User.objects.filter(username=username).first()
    if user is None:
        known = User.objects.values_list("username", flat=True)
        hint = f"{did_you_mean(username, known)} {USER_UNKNOWN.mend}"
        raise Refused([USER_UNKNOWN.broken(f"There is no user '{username}'.", hint=hint)])
    return user


def set_password(user: User, password: str) -> None:
    """Give a user another password; refused when it is weak. Every session of theirs ends with the old one."""
    if problems := _password_faults(user, password):
        raise Refused(problems)
    user.set_password(password)
    user.save(update_fields=["password"])


def sign_out_everywhere(user: User) -> None:
    """End every session of a user, wherever it is open."""
    User.objects.filter(pk=user.pk).update(signed_out=F("signed_out") + 1)
    user.refresh_from_db()


@transaction.atomic
def turn_off(user: User, *, now: datetime) -> None:
    """Let a user in no more: signed out at once, tokens and links dead, and they stay dead when let in again."""
    user.is_active = False
    user.save(update_fields=["is_active"])
    sign_out_everywhere(user)
    Token.objects.filter(user=user, revoked_at=None).update(revoked_at=now)
    SignInLink.objects.filter(user=user, used_at=None).update(used_at=now)


def turn_on(user: User) -> None:
    """Let a user in again."""
    user.is_active = True
    user.save(update_fields=["is_active"])


def everybody(*, now: datetime) -> tuple[Person, ...]:
    """Everybody who may or might sign in, by name."""
    tokens: dict[int, list[str]] = {}
    for token in good(now):
        tokens.setdefault(token.user_id, []).append(token.label)
    return tuple(
        Person(
            username=user.username,
            name=user.name,
            email=user.email,
            access=user.access,
            is_active=user.is_active,
            has_password=user.has_usable_password(),
            last_sign_in=user.last_login,
            tokens=tuple(tokens.get(user.pk, ())),
        )
        for user in User.objects.order_by("username")
    )


def owners() -> list[User]:
    """Whom to ask for access."""
    return list(User.objects.filter(access=Access.OWNER, is_active=True).order_by("date_joined"))


def _faults(user: User) -> list[Problem]:
    found = []
    if User.objects.filter(username__iexact=user.username).exists():
        found.append(_taken(user.username))
    try:
        User._meta.get_field("username").clean(user.username, user)
    except ValidationError:
        found.append(USER_NAME.broken(f"'{user.username}' cannot be a user name."))
    if user.access not in Access.values:
        found.append(UNKNOWN_ACCESS.broken(f"There is no access '{user.access}'."))
    return found


def _password_faults(user: User, password: str | None) -> list[Problem]:
    if password is None:
        return []
    try:
        validate_password(password, user)
    except ValidationError as error:
        return [WEAK_PASSWORD.broken(" ".join(error.messages))]
    return []


def _taken(username: str) -> Problem:
    return USER_EXISTS.broken(f"There is a user '{username}' already.")
