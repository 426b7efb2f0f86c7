"""A filter's name with its parameters."""

import pytest

from webfail2ban.errors import FilterError
from webfail2ban.filters.spec import parse_spec


@pytest.mark.parametrize(
    ("spec", "name", "parameters"),
    [
        ("sshd", "sshd", {}),
        (" sshd ", "sshd", {}),
        ("sshd[]", "sshd", {}),
        ("sshd[mode=ddos]", "sshd", {"mode": "ddos"}),
        ("sshd[ Mode = ddos , b=2 ]", "sshd", {"mode": "ddos", "b": "2"}),
        ("sshd[a=1][b=2]", "sshd", {"a": "1", "b": "2"}),
        ("""x[a="1,]'2", b='3"]']""", "x", {"a": "1,]'2", "b": '3"]'}),
        ('x[a=" spaces "]', "x", {"a": "spaces"}),
        ('x[a="one\ntwo"]', "x", {"a": "one\ntwo"}),
        ("x[a=, b=]", "x", {"a": "", "b": ""}),
        ("x[a-b_c.d=1]", "x", {"a-b_c.d": "1"}),
        ("x[a?family=inet6=1]", "x", {"a?family=inet6": "1"}),
        ("x[a=1, a=2]", "x", {"a": "2"}),
        ("./my/x.conf[a=1]", "./my/x.conf", {"a": "1"}),
    ],
)
def test_name_and_parameters_are_split(spec: str, name: str, parameters: dict[str, str]) -> None:
    """Quoted or plain, in one pair of brackets or several."""
    parsed = parse_spec(spec)

    assert (parsed.name, parsed.parameters) == (name, parameters)


@pytest.mark.parametrize("spec", ["sshd[mode]", "sshd[=1]", 'sshd[a="1" junk]', "[a=1]", ""])
def test_what_is_no_parameter_is_refused(spec: str) -> None:
    """Rather than run with half of what the operator wanted."""
    with pytest.raises(FilterError) as caught:
        parse_spec(spec)

    assert caught.value.option == "filter"
