"""What the API says of itself: its OpenAPI description, made once a process from the operations' own types."""

import copy
from functools import lru_cache
from typing import Any

from django.conf import settings

from fairlead.desk.api.operating import api

PREFIX = "/api/"


def openapi() -> dict[str, Any]:
    """The description, with the name that the session's cookie has here."""
    found = copy.copy(_described())
    schemes = {name: dict(scheme) for name, scheme in found["components"]["securitySchemes"].items()}
    schemes["Session"]["name"] = settings.SESSION_COOKIE_NAME
    return found | {"components": found["components"] | {"securitySchemes": schemes}}


@lru_cache(maxsize=1)
def _described() -> dict[str, Any]:
    found = dict(api.get_openapi_schema(path_prefix=PREFIX))
    del found["servers"]  # it is wherever it was fetched from
    for operation in (one for methods in found["paths"].values() for one in methods.values()):
        for parameter in operation["parameters"]:
            parameter["schema"] = _sendable(parameter["schema"])
    return found


def _sendable(schema: dict[str, Any]) -> dict[str, Any]:
    """A parameter that may be left out: null, which an address cannot say, is taken from what it may be."""
    choices = [one for one in schema.get("anyOf", ()) if one.get("type") != "null"]
    if len(choices) != 1:
        return schema
    kept = {name: told for name, told in schema.items() if name != "anyOf"}
    return {**kept, **choices[0]}
