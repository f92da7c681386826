"""Which roles of the model somebody signed in holds."""

from fairlead.desk.people.models import User
from fairlead.model.people import Role
from fairlead.model.whole import Model


def roles_of(user: User, model: Model) -> tuple[str, ...]:
    """Titles of the roles whose holders in people.yaml name this user, by full name or work email."""
    return tuple(role.title for role in held_by(user, model))


def held_by(user: User, model: Model) -> tuple[Role, ...]:
    """Those roles themselves."""
    named = {name.casefold() for name in (user.name, user.email) if name}
    roles = model.people.roles.values()
    return tuple(role for role in roles if any(holder.casefold() in named for holder in role.holders))
