"""What a plugin may tell HAProxy beside its opinion: further variables."""

import re
from collections.abc import Mapping
from types import MappingProxyType

#: What a plugin may tell HAProxy beside its opinion; None for a variable without a value.
Variables = Mapping[str, str | int | None]

NO_VARIABLES: Variables = MappingProxyType({})

#: A variable's name. HAProxy would take capitals and dots too, and names that are longer; these
#: fit whatever prefix an operator chooses, and look like those that every verdict has.
VARIABLE_NAME = re.compile(r"[a-z][a-z0-9_]{0,31}")

#: The variables of the verdict itself; see `webfail2ban.spoa.variables`.
OWN_VARIABLES = frozenset({"banned", "score", "ip_score", "ttl", "jail", "reason", "nothing"})

#: Variables of one opinion: each costs HAProxy time, and the frame of an answer is small.
MAX_VARIABLES = 8

#: What a variable that is a whole number can hold (SPOE.txt 3.1, INT64).
INTEGERS = range(-(2**63), 2**63)


def check_variables(variables: Variables) -> None:
    """Raise a ValueError for what can't become variables of HAProxy's."""
    if len(variables) > MAX_VARIABLES:
        raise ValueError(f"an opinion has up to {MAX_VARIABLES} variables, not {len(variables)}")
    for name, value in variables.items():
        if not VARIABLE_NAME.fullmatch(name):
            raise ValueError(
                "a variable's name is a small letter, and up to 31 more, digits and underscores, "
                f"not {name!r:.100}"
            )
        if name in OWN_VARIABLES:
            raise ValueError(f"the variable {name} is the verdict's own")
        if isinstance(value, int) and value not in INTEGERS:
            raise ValueError(f"the variable {name} holds 64 bits, not {value}")
        if value is not None and not isinstance(value, str | int):
            raise TypeError(f"the variable {name} is a text or a whole number, not {value!r:.100}")
