"""Let people in."""

from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction

from fairlead.desk import NewUser
from fairlead.desk.laws import UNKNOWN_ACCESS, USER_EXISTS, USER_NAME, WEAK_PASSWORD
from fairlead.desk.people.models import Access, User
from fairlead.problem import Problem, Refused


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
