"""From a SPOE message to a query: which of its arguments is the client's address."""

from ipaddress import IPv4Address, IPv6Address

from webfail2ban.addresses import Address, fold, parse_address
from webfail2ban.model import Query, Value

#: The names that configurations in the field give the client's address, the surest first.
ADDRESS_NAMES = ("ip", "src_ip", "src")


def make_query(message: str, args: tuple[tuple[str, Value], ...]) -> Query:
    """Make a query of a SPOE message.

    The client's address is the argument named ``ip``, ``src_ip`` or ``src``, else the first
    argument of an address type, else the first string that is one (a header's value without a
    converter arrives so). Strings come last because a client writes its own: a Host header that
    is an address must not stand in front of ``src``. A unix-socket bind has no address.

    Args:
        message: The message's name.
        args: Its arguments as they were decoded.
    """
    return Query(message, args, _find_address(args))


def _find_address(args: tuple[tuple[str, Value], ...]) -> Address | None:
    for wanted in ADDRESS_NAMES:
        for name, value in args:
            if name == wanted and (address := _address(value)) is not None:
                return address
    values = [value for _, value in args]
    # A stable sort: typed values in their order, then strings in theirs.
    for value in sorted(values, key=lambda value: isinstance(value, str)):
        if (address := _address(value)) is not None:
            return address
    return None


def _address(value: Value) -> Address | None:
    if isinstance(value, IPv4Address | IPv6Address):
        return fold(value)
    if not isinstance(value, str):
        return None
    try:
        return parse_address(value.strip())
    except ValueError:
        return None
