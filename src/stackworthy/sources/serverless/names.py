"""The logical ids that the framework gives to what it generates.

https://www.serverless.com/framework/docs/providers/aws/guide/resources
"""

from __future__ import annotations

import re

_NOT_ALPHANUMERIC = re.compile(r"[^0-9A-Za-z]")
_VARIABLE = re.compile(r"\{(.*)\}")
_WORD = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+|[A-Z]+|[0-9]+")


def upper_first(name: str) -> str:
    """The name with a capital first letter, the rest as it is."""
    return name[:1].upper() + name[1:]


def normalized(name: str) -> str:
    """`hello-world_2` as it stands in logical ids: `HelloDashworldUnderscore2`."""
    return upper_first(name.replace("-", "Dash").replace("_", "Underscore"))


def alphanumeric(name: str) -> str:
    """The letters and digits of a name, the first one a capital."""
    return upper_first(_NOT_ALPHANUMERIC.sub("", name))


def path_part(part: str) -> str:
    """A segment of an API's path: `{user-id}` is `UserDashidVar`."""
    part = part.capitalize().replace("-", "Dash")
    return upper_first(_NOT_ALPHANUMERIC.sub("", _VARIABLE.sub(r"\1Var", part)))


def path(text: str) -> str:
    """A whole path, its segments one after the other."""
    return "".join(path_part(part) for part in text.split("/"))


def start_case(text: str) -> str:
    """The words of a text, each with a capital: `application/json` is `ApplicationJson`."""
    return "".join(upper_first(word) for word in _WORD.findall(text))


def function(name: str) -> str:
    """The logical id of a function."""
    return f"{normalized(name)}LambdaFunction"


def log_group(name: str) -> str:
    """The logical id of a function's log group."""
    return f"{normalized(name)}LogGroup"


def layer(name: str) -> str:
    """The logical id of a layer."""
    return f"{normalized(name)}LambdaLayer"


def websocket_route(route: str) -> str:
    """The logical id of a WebSocket route."""
    for mark, word in (("$", "S"), ("/", "Slash"), ("-", "Dash"), ("_", "Underscore"), (".", "Period")):
        route = route.replace(mark, word)
    return f"{route}WebsocketsRoute"
