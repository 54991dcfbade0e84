"""Hypothesis strategies for values as a stranger's template may give them."""

from __future__ import annotations

from collections.abc import Sequence

from hypothesis import strategies as st

from stackworthy.core.value import ABSENT, List, Map, OpenList, OpenMap, Partial, Reference, Unknown, Value


def values(
    texts: Sequence[str],
    keys: Sequence[str],
    addresses: Sequence[str],
    attributes: Sequence[str] = ("Arn", "Ref"),
) -> st.SearchStrategy[Value]:
    """Values of every kind, wherever a schema would have them or not."""
    references = st.builds(Reference, st.sampled_from(addresses), st.sampled_from(attributes))
    unknowns = st.builds(Unknown, st.sampled_from(["why", "because"]))
    pieces = st.one_of(st.sampled_from(texts), references, unknowns)
    leaves = st.one_of(
        st.sampled_from([*texts, "", 7, True, 1.5]),
        st.builds(lambda: ABSENT),
        references,
        unknowns,
        st.lists(pieces, min_size=2, max_size=4).map(lambda found: Partial(tuple(found))),
    )
    names = st.sampled_from(keys)
    return st.recursive(
        leaves,
        lambda inner: st.one_of(
            st.lists(inner, max_size=3).map(List),
            st.lists(inner, max_size=2).map(lambda found: OpenList(found, Unknown("more"))),
            st.dictionaries(names, inner, max_size=4).map(Map),
            st.dictionaries(names, inner, max_size=2).map(
                lambda found: OpenMap(found.items(), Unknown("more"))
            ),
        ),
        max_leaves=12,
    )
