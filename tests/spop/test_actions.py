"""The actions in an ACK."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from webfail2ban.errors import ProtocolError
from webfail2ban.spop import (
    Action,
    Scope,
    SetVar,
    Status,
    UnsetVar,
    decode_actions,
    encode_actions,
)
from webfail2ban.spop.actions import LONGEST_NAME, cut_actions

SET = SetVar(Scope.TRANSACTION, "banned", value=True)
UNSET = UnsetVar(Scope.SESSION, "why")
SET_BYTES = bytes.fromhex("01 03 02 06 62616e6e6564 11")
UNSET_BYTES = bytes.fromhex("02 02 01 03 776879")
ACTIONS = st.one_of(st.from_type(SetVar), st.from_type(UnsetVar))


def test_actions_have_their_known_bytes() -> None:
    """Kind, number of arguments, scope, name, and the value to set."""
    assert encode_actions([SET, UNSET]) == SET_BYTES + UNSET_BYTES
    assert decode_actions(SET_BYTES + UNSET_BYTES) == (SET, UNSET)


def test_scopes_have_their_numbers() -> None:
    """proc, sess, txn, req, res."""
    assert [*Scope] == [0, 1, 2, 3, 4]


@given(st.lists(ACTIONS, max_size=5))
def test_decoding_undoes_encoding(actions: list[Action]) -> None:
    """Any actions come back."""
    assert decode_actions(encode_actions(actions)) == tuple(actions)


@pytest.mark.parametrize("name", ["", "a-b", "a b", "a\n", "ä", "x" * (LONGEST_NAME + 1)])
def test_a_name_that_haproxy_refuses_is_refused(name: str) -> None:
    """HAProxy would ignore the action, or set a variable of another name."""
    with pytest.raises(ValueError, match="variable"):
        SetVar(Scope.TRANSACTION, name, value=1)
    with pytest.raises(ValueError, match="variable"):
        UnsetVar(Scope.TRANSACTION, name)


def test_the_longest_name_fits_haproxy() -> None:
    """With the longest scope and the shortest prefix it stays below 64 characters."""
    assert len("sess.p." + SetVar(Scope.SESSION, "x" * LONGEST_NAME, value=1).name) < 64


@pytest.mark.parametrize(
    "payload",
    [
        pytest.param("03 03 02 0161 00", id="unknown kind"),
        pytest.param("01 02 02 0161 00", id="wrong number of arguments"),
        pytest.param("02 03 02 0161", id="wrong number for unset-var"),
        pytest.param("01 03 05 0161 00", id="unknown scope"),
        pytest.param("01 03 02 0120 00", id="impossible name"),
        pytest.param("01 03 02 0161", id="value missing"),
        pytest.param("01", id="cut off"),
    ],
)
def test_anything_but_whole_actions_is_refused(payload: str) -> None:
    """What HAProxy would silently stop at is an invalid frame here."""
    with pytest.raises(ProtocolError) as caught:
        decode_actions(bytes.fromhex(payload))
    assert caught.value.status == Status.INVALID_FRAME


@given(st.lists(ACTIONS, min_size=1, max_size=5), st.integers(0, 2000))
def test_cutting_keeps_the_first_whole_actions(actions: list[Action], room: int) -> None:
    """What is left fits, is a beginning of the actions, and one more would not fit."""
    kept = cut_actions(encode_actions(actions), room)
    count = len(decode_actions(kept))
    assert len(kept) <= room
    assert kept == encode_actions(actions[:count])
    assert count == len(actions) or len(encode_actions(actions[: count + 1])) > room


def test_an_action_that_just_fits_is_kept() -> None:
    """Room for exactly one is room for one."""
    both = SET_BYTES + UNSET_BYTES
    assert cut_actions(both, len(SET_BYTES)) == SET_BYTES
    assert cut_actions(both, len(SET_BYTES) - 1) == b""


def test_only_actions_can_be_cut() -> None:
    """Bytes that nobody encoded are a mistake of the caller's, not of a peer's."""
    with pytest.raises(ValueError, match="no encoded actions"):
        cut_actions(b"garbage", 3)
