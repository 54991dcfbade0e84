"""Functions of lists whose elements need not all be known.

A list whose length is not known keeps the elements that it certainly holds: in place (`OpenList`) or anywhere (`ScatteredList`).

Source: https://developer.hashicorp.com/terraform/language/functions, "Collection functions"
"""

from __future__ import annotations

from collections.abc import Callable, Iterable

from stackworthy.core.value import List, NotKnown, OpenList, Partial, Reference, Unknown, Value
from stackworthy.sources.terraform.bounds import check_elements
from stackworthy.sources.terraform.conversions import (
    cause_of,
    convert,
    equal,
    first_unknown,
    freeze,
    length_of,
    reason_of,
    unify,
)
from stackworthy.sources.terraform.functions.contract import Failure, invalid
from stackworthy.sources.terraform.functions.graphemes import count
from stackworthy.sources.terraform.functions.pieces import whole, whole_argument
from stackworthy.sources.terraform.types import (
    ANY,
    ScatteredList,
    TfList,
    TfSet,
    is_unknown,
    list_of,
    type_of,
)


def elements(items: Value) -> list[Value]:
    """The elements of a list, set or tuple; raises `NotKnown` unless it is known which they are and in which order."""
    if not isinstance(items, list) or isinstance(items, OpenList) or length_of(items) is None:
        raise NotKnown(reason_of(items))
    return items


def _like(items: Value, made: Iterable[Value]) -> List:
    """The new elements as a list or tuple, as the old ones were."""
    return TfList(made) if isinstance(items, (TfList, TfSet)) else List(made)


def _members(items: list[Value]) -> list[Value]:
    return items.known if isinstance(items, OpenList) else items


def _scattered(items: Iterable[Value], cause: Value) -> ScatteredList:
    return ScatteredList(items, cause_of(cause))


def _is_empty(value: Value) -> bool:
    """Whether it is null or the empty string; raises `NotKnown` when that is not known."""
    if isinstance(value, (Unknown, Partial)):
        return not bool(value)
    return value is None or (isinstance(value, str) and not value)


def length(value: Value) -> int:
    """`length(value)`: of a string, list, tuple, set, map or object."""
    if isinstance(value, str):
        return count(value)
    if isinstance(value, (Partial, Unknown, Reference)):
        raise NotKnown(reason_of(value))
    if not isinstance(value, (list, dict)):
        raise Failure("argument must be a string, a collection type, or a structural type")
    found = length_of(value)
    if found is None:
        raise NotKnown(reason_of(value))
    return found


def alltrue(items: Value) -> bool:
    """`alltrue(list)`: false as soon as one element is."""
    return not _any_is(items, lambda item: item is not True)


def anytrue(items: Value) -> bool:
    """`anytrue(list)`: true as soon as one element is."""
    return _any_is(items, lambda item: item is True)


def _any_is(items: Value, fits: Callable[[Value], bool]) -> bool:
    if is_unknown(items):
        raise NotKnown(reason_of(items))
    undecided: Value = items.rest if isinstance(items, OpenList) else None
    for item in _members(items):
        if first_unknown(item) is not None:
            undecided = item
        elif fits(item):
            return True
    if undecided is not None:
        raise NotKnown(reason_of(undecided))
    return False


def chunklist(items: Value, size: Value) -> TfList:
    """`chunklist(list, size)`; size 0 gives one chunk."""
    width = whole(size)
    known = elements(items)
    if width < 0:
        raise Failure("the size argument must be positive")
    if not known:
        return TfList()
    width = width or len(known)
    return TfList(TfList(known[start : start + width]) for start in range(0, len(known), width))


def coalesce(*values: Value) -> Value:
    """`coalesce(vals...)`: the first that is neither null nor the empty string."""
    common = unify([type_of(value) for value in values])
    if common is None or not values:
        raise Failure("all arguments must have the same type")
    left = [
        value for value in values if is_unknown(value) or isinstance(value, Partial) or not _is_empty(value)
    ]
    for position, value in enumerate(left):
        if isinstance(value, (Unknown, Partial)) and position + 1 == len(left):
            return value
        if not _is_empty(value):
            return convert(value, common)
    raise Failure("no non-null, non-empty-string arguments")


def coalescelist(*values: Value) -> Value:
    """`coalescelist(vals...)`: the first list that is not empty."""
    if not values:
        raise Failure("at least one argument is required")
    for value in values:
        if not (value is None or is_unknown(value) or isinstance(value, list)) or isinstance(value, TfSet):
            raise Failure("coalescelist arguments must be lists or tuples")
    left = [value for value in values if value is not None and (is_unknown(value) or length_of(value) != 0)]
    for position, value in enumerate(left):
        if position + 1 == len(left) or (isinstance(value, list) and _members(value)):
            return value
        if is_unknown(value) or isinstance(value, OpenList):
            raise NotKnown(reason_of(value))
    raise Failure("no non-null arguments")


def compact(items: Value) -> Value:
    """`compact(list)`: without null and empty strings."""
    kept: list[Value] = []
    undecided: Value = items if is_unknown(items) or isinstance(items, OpenList) else None
    for item in () if is_unknown(items) else _members(items):
        try:
            if not _is_empty(item):
                kept.append(item)
        except NotKnown:
            undecided = item
    return TfList(kept) if undecided is None else _scattered(kept, items)


def concat(*sequences: Value) -> Value:
    """`concat(seqs...)`: a list if all are lists of types that fit, else a tuple."""
    if not sequences:
        raise Failure("at least one argument is required")
    for items in sequences:
        if not (isinstance(items, list) or is_unknown(items)) or isinstance(items, TfSet):
            got = type_of(items).friendly()
            raise invalid("seqs", f"all arguments must be lists or tuples; got {got}")
    check_elements(sum(len(_members(items)) for items in sequences if isinstance(items, list)))
    first_open = next(
        (
            index
            for index, items in enumerate(sequences)
            if not isinstance(items, list) or isinstance(items, OpenList)
        ),
        None,
    )
    known = [item for items in sequences if isinstance(items, list) for item in _members(items)]
    if first_open is not None:
        cause = sequences[first_open]
        in_place = first_open + 1 == len(sequences) and not isinstance(cause, ScatteredList)
        return (OpenList if in_place else ScatteredList)(known, cause_of(cause))
    if all(isinstance(items, TfList) for items in sequences):
        common = unify([type_of(items) for items in sequences])
        if common is not None:
            return convert(TfList(known), common)
    return List(known)


def contains(items: Value, wanted: Value) -> bool:
    """`contains(list, value)`: true as soon as a known element is equal."""
    if is_unknown(items):
        raise NotKnown(reason_of(items))
    if not isinstance(items, list):
        raise Failure("argument must be list, tuple, or set")
    undecided = isinstance(items, OpenList)
    for item in _members(items):
        answer = equal(wanted, item)
        if answer:
            return True
        undecided = undecided or answer is None
    if undecided:
        raise NotKnown(reason_of(wanted) or reason_of(items))
    return False


def distinct(items: Value) -> Value:
    """`distinct(list)`: elements that may be equal to others leave the length and the order open."""
    if is_unknown(items):
        raise NotKnown(reason_of(items))
    seen: set[object] = set()
    unique: list[Value] = []
    for item in _members(items):
        key = freeze(item)
        if key not in seen:
            seen.add(key)
            unique.append(item)
    if isinstance(items, OpenList) or (len(unique) > 1 and first_unknown(unique) is not None):
        return _scattered(unique, items)
    return TfList(unique)


def element(items: Value, index: Value) -> Value:
    """`element(list, index)`: round and round; from the end when negative, where Terraform 1.11 fails."""
    try:
        position = whole(index)
    except Failure as error:
        raise Failure(f"invalid index: {error}") from None
    if (
        isinstance(items, OpenList)
        and 0 <= position < len(items.known)
        and not isinstance(items, ScatteredList)
    ):
        return items.known[position]
    if not (isinstance(items, list) or is_unknown(items)) or isinstance(items, TfSet):
        raise Failure(f"cannot read elements from {type_of(items).friendly()}")
    known = elements(items)
    if not known:
        raise Failure("cannot use element function with an empty list")
    return known[position % len(known)]


def flatten(items: Value) -> Value:
    """`flatten(list)`: an unknown element may be a list, so that what follows it has no known place."""
    if is_unknown(items):
        raise NotKnown(reason_of(items))
    if not isinstance(items, list):
        raise Failure("can only flatten lists, sets and tuples")
    made: list[Value] = []
    causes: list[Value] = []
    places: list[int] = []
    _flatten_into(items, made, causes, places)
    if not causes:
        return List(made)
    in_place = places[0] == len(made) and not isinstance(causes[0], ScatteredList)
    return (OpenList if in_place else ScatteredList)(made, cause_of(causes[0]))


def _flatten_into(items: list[Value], made: list[Value], causes: list[Value], places: list[int]) -> None:
    for item in _members(items):
        if isinstance(item, list):
            _flatten_into(item, made, causes, places)
        elif isinstance(item, Unknown):
            causes.append(item)
            places.append(len(made))
        else:
            made.append(item)
            check_elements(len(made))
    if isinstance(items, OpenList) or length_of(items) is None:
        causes.append(items)
        places.append(len(made) if isinstance(items, OpenList) else -1)


def index(items: Value, wanted: Value) -> int:
    """`index(list, value)`: the position of the first element that is equal."""
    if is_unknown(items):
        raise NotKnown(reason_of(items))
    if not isinstance(items, list) or isinstance(items, TfSet):
        raise Failure("argument must be a list or tuple")
    if isinstance(items, ScatteredList):
        raise NotKnown(reason_of(items))
    if not isinstance(items, OpenList) and not items:
        raise Failure("cannot search an empty list")
    for position, item in enumerate(_members(items)):
        answer = equal(item, wanted)
        if answer is None:
            raise NotKnown(reason_of(item) or reason_of(wanted))
        if answer:
            return position
    if isinstance(items, OpenList):
        raise NotKnown(reason_of(items))
    raise Failure("item not found")


def one(items: Value) -> Value:
    """`one(list)`: the only element, or null of an empty list."""
    if not (isinstance(items, list) or is_unknown(items)):
        raise _not_one()
    known = elements(items)
    if len(known) > 1:
        raise _not_one()
    return known[0] if known else None


def _not_one() -> Exception:
    return invalid("list", "must be a list, set, or tuple value with either zero or one elements")


def reverse(items: Value) -> Value:
    """`reverse(list)`."""
    if isinstance(items, OpenList) or (isinstance(items, TfSet) and length_of(items) is None):
        return _scattered(_members(items), items)
    if not (isinstance(items, list) or is_unknown(items)):
        raise invalid("list", f"can only reverse list or tuple values, not {type_of(items).friendly()}")
    return _like(items, reversed(elements(items)))


def slice_(items: Value, start: Value, end: Value) -> Value:
    """`slice(list, start_index, end_index)`."""
    if isinstance(items, TfSet):
        raise invalid(
            "list",
            "cannot slice a set, because its elements do not have indices; explicitly convert to a list if "
            "the ordering of the result is not important",
        )
    if not (isinstance(items, list) or is_unknown(items)):
        raise invalid("list", "must be a list or tuple value")
    first = whole_argument("start_index", start, "invalid start index: ")
    last = whole_argument("end_index", end, "invalid end index: ")
    if isinstance(items, OpenList) and not isinstance(items, ScatteredList) and last <= len(items.known):
        known = items.known
    else:
        known = elements(items)
    for name, what, position in (("start_index", "start", first), ("end_index", "end", last)):
        if position < 0:
            raise invalid(name, f"{what} index must not be less than zero")
        if position > len(known):
            raise invalid(name, f"{what} index must not be greater than the length of the list")
    if first > last:
        raise invalid("start_index", "start index must not be greater than end index")
    return _like(items, known[first:last])


def sort(items: Value) -> Value:
    """`sort(list)`: with unknown elements, the places of all are open."""
    if is_unknown(items):
        raise NotKnown(reason_of(items))
    known = _members(items)
    for position, item in enumerate(known):
        if item is None:
            raise Failure(f"given list element {position} is null; a null string cannot be sorted")
    if isinstance(items, OpenList) or (len(known) > 1 and first_unknown(known) is not None):
        return _scattered(known, items)
    return TfList(sorted(known) if len(known) > 1 else known)


def matchkeys(values: list[Value], keys: list[Value], wanted: list[Value]) -> TfList:
    """`matchkeys(values, keys, searchset)`: the values whose key is among the wanted ones."""
    if len(values) != len(keys):
        raise Failure("length of keys and values should be equal")
    if unify([type_of(keys), type_of(wanted)]) is None:
        raise Failure("lists must be of the same type")
    common = unify([type_of(keys), type_of(wanted)]) or list_of(ANY)
    found = {freeze(item) for item in convert(wanted, common)}
    pairs = zip(values, convert(keys, common), strict=True)
    return TfList(value for value, key in pairs if freeze(key) in found)


TABLE: dict[str, Callable[..., Value]] = {
    "alltrue": alltrue,
    "anytrue": anytrue,
    "chunklist": chunklist,
    "coalesce": coalesce,
    "coalescelist": coalescelist,
    "compact": compact,
    "concat": concat,
    "contains": contains,
    "distinct": distinct,
    "element": element,
    "flatten": flatten,
    "index": index,
    "length": length,
    "matchkeys": matchkeys,
    "one": one,
    "reverse": reverse,
    "slice": slice_,
    "sort": sort,
}
