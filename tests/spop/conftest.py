"""A connection to start with, and how hypothesis makes SPOP's values."""

import pytest
from hypothesis import strategies as st

from webfail2ban.spop import Connection, Message, Scope, SetVar, UnsetVar, serialize_haproxy_hello
from webfail2ban.spop.actions import LONGEST_NAME

values = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(-(2**63), 2**63 - 1),
    st.ip_addresses(),
    st.text(max_size=20),
    st.binary(max_size=20),
    st.just("x" * 300),
)
names = st.text(max_size=8)
variables = st.from_regex(rf"[A-Za-z0-9._]{{1,{LONGEST_NAME}}}", fullmatch=True)

st.register_type_strategy(
    Message, st.builds(Message, names, st.lists(st.tuples(names, values), max_size=4).map(tuple))
)
st.register_type_strategy(SetVar, st.builds(SetVar, st.sampled_from(Scope), variables, values))
st.register_type_strategy(UnsetVar, st.builds(UnsetVar, st.sampled_from(Scope), variables))


@pytest.fixture
def connection() -> Connection:
    """Return a connection that has said hello, with nothing to send."""
    connection = Connection()
    connection.receive_data(serialize_haproxy_hello())
    connection.data_to_send()
    return connection
