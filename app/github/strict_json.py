"""JSON from outside, read without surprises: no doubled keys, no NaN, no nesting that breaks the reader. Pure."""

import json
from typing import Any, NoReturn

from app.github.errors import Malformed


def read_object(body: bytes) -> dict[str, Any]:
    """The JSON object that a body holds.

    Raises:
        Malformed: it is not UTF-8, not JSON, no object, or one of the odd kinds on which readers disagree.
    """
    try:
        data = json.loads(body.decode("utf-8"), object_pairs_hook=_distinct, parse_constant=_no_constant)
    except UnicodeDecodeError:
        raise Malformed("the body is not UTF-8") from None
    except RecursionError:
        raise Malformed("the body is nested too deeply") from None
    except ValueError:  # not JSON, or a number of thousands of digits
        raise Malformed("the body is not JSON") from None
    if not isinstance(data, dict):
        raise Malformed("the body is no JSON object")
    return data


def _distinct(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        raise Malformed("the body has a key twice in one object")
    return found


def _no_constant(_: str) -> NoReturn:
    raise Malformed("the body has a number that JSON does not know")
