from collections.abc import Callable

import pytest

from webfail2ban.config import Configuration, check, parse
from webfail2ban_jails import JailsSettings
from webfail2ban_jails.varying import Varying

Checker = Callable[..., Configuration]
Complainer = Callable[..., list[str]]


def warnings(configuration: Configuration) -> list[str]:
    return [str(warning) for warning in configuration.warnings]


def test_each_setting_of_the_spoa_has_its_variable(checked: Checker) -> None:
    """As they are promised."""
    spoa = checked(
        "spoa: {port: 1, enabled: true}",
        {
            "FAIL2BAN_SPOA_ADDRESS": "0.0.0.0",
            "FAIL2BAN_SPOA_PORT": "2",
            "FAIL2BAN_SPOA_MAX_CLIENTS": "3",
            "FAIL2BAN_SPOA_READ_TIMEOUT": "4m",
            "FAIL2BAN_SPOA_ENABLED": "false",
        },
    ).engine.spoa
    assert (spoa.address, spoa.port, spoa.max_clients) == ("0.0.0.0", 2, 3)
    assert (spoa.read_timeout, spoa.enabled) == (240, False)


def test_a_variable_wins_over_the_file(checked: Checker) -> None:
    """Even over a wrong value there."""
    assert checked("grace: nonsense", {"FAIL2BAN_GRACE": "5s"}).engine.grace == 5


def test_an_empty_variable_is_not_set(checked: Checker) -> None:
    """Compose files pass ${NAME:-} on as an empty one."""
    assert checked("grace: 7", {"FAIL2BAN_GRACE": ""}).engine.grace == 7


def test_other_variables_are_none_of_ours(checked: Checker) -> None:
    """Neither read nor warned of."""
    env = {"PATH": "/bin", "WEBFAIL2BAN_CONFIG": "x", "fail2ban_grace": "1", "FAIL2BAN": "x"}
    assert warnings(checked("", env)) == []


def test_a_value_is_read_as_yaml(checked: Checker) -> None:
    """So lists and mappings can be given."""
    env = {"FAIL2BAN_PLUGINS": "[jails, tail]", "FAIL2BAN_JAILS": "{sshd: {filter: sshd}}"}
    configuration = checked("plugins: [bare]", env)
    assert configuration.engine.plugins == ("jails", "tail")
    assert configuration.plugins["jails"].model_dump()["sshd"]["filter"] == "sshd"


@pytest.mark.parametrize(
    ("value", "label"),
    [
        ("12345", "12345"),
        ("true", "true"),
        ("a: b # c", "a: b # c"),
        ("*x", "*x"),
        ("'quoted'", "quoted"),
        ('"12"', "12"),
    ],
)
def test_text_is_taken_as_it_is(checked: Checker, value: str, label: str) -> None:
    """A token of digits needs no quotes; quotes that env files leave in place are understood."""
    configuration = checked("plugins: [tail]", {"FAIL2BAN_TAIL_LABEL": value})
    assert configuration.plugins["tail"].model_dump()["label"] == label


def test_a_section_and_its_settings_may_be_set(checked: Checker) -> None:
    """The section first, whatever the order of the variables."""
    env = {"FAIL2BAN_SPOA_PORT": "1", "FAIL2BAN_SPOA": "{port: 2, max_clients: 3}"}
    spoa = checked("", env).engine.spoa
    assert (spoa.port, spoa.max_clients) == (1, 3)


def test_a_name_of_the_file_is_found(checked: Checker) -> None:
    """Though its signs can't stand in a variable."""
    configuration = checked(
        "plugins: [jails]\njails:\n  postfix-sasl:\n    filter: a\n",
        {"FAIL2BAN_JAILS_POSTFIX_SASL_MAXRETRY": "9"},
    )
    assert configuration.plugins["jails"].model_dump()["postfix-sasl"]["maxretry"] == 9


def test_a_new_name_is_taken_in_small_letters(checked: Checker) -> None:
    """Several variables make one entry."""
    env = {"FAIL2BAN_JAILS_MY_WEB_FILTER": "web", "FAIL2BAN_JAILS_MY_WEB_MAXRETRY": "2"}
    jails = checked("plugins: [jails]", env).plugins["jails"].model_dump()
    assert {name: jail["maxretry"] for name, jail in jails.items()} == {"my_web": 2}


def test_what_could_mean_two_things_is_an_error(complaints: Complainer) -> None:
    """Nobody guesses."""
    text = "plugins: [jails]\njails:\n  a-b: {filter: x}\n  a_b: {filter: x}\n"
    assert complaints(text, {"FAIL2BAN_JAILS_A_B_MAXRETRY": "1"}) == [
        (
            "environment FAIL2BAN_JAILS_A_B_MAXRETRY: could mean jails.a-b.maxretry or "
            "jails.a_b.maxretry; write the name that you mean into the file"
        )
    ]


@pytest.mark.parametrize(
    ("name", "value", "problem"),
    [
        ("SPOA_PORT", "x", "spoa.port: must be a whole number, not 'x'"),
        ("SPOA_PORT", "true", "spoa.port: must be a whole number, not true"),
        ("SPOA", "[1]", "spoa: must be a mapping: lines of key: value, not a list"),
        ("SPOA", "{prot: 1}", "spoa.prot: is no setting; did you mean port?"),
        ("GRACE", "{a: 1, a: 2}", "a: is set twice; only one can hold"),
        ("GRACE", "soon", "grace: must be a duration such as 30s, 10m, 1h30m, 2d or a number"),
        ("GRACE", "[", "is no YAML: "),
        ("GRACE", "\udcff", "the character U+DCFF can't stand in YAML"),
        ("SPOA_ADDRESS", "\udcff", "spoa.address: must be an IP address, a host name"),
    ],
)
def test_a_bad_value_names_the_variable(
    complaints: Complainer, name: str, value: str, problem: str
) -> None:
    """And nothing of the file, which is all right."""
    (line,) = complaints("spoa: {port: 1}", {f"FAIL2BAN_{name}": value})
    assert line.startswith(f"environment FAIL2BAN_{name}: {problem}")


def test_a_variable_does_not_hide_a_mistake_of_the_file(complaints: Complainer) -> None:
    """What stands where a section should is still wrong."""
    assert complaints("spoa: 5", {"FAIL2BAN_SPOA_PORT": "1"}) == [
        "config.yaml:1:7: spoa: must be a mapping: lines of key: value, not 5"
    ]


def test_an_unknown_variable_is_a_warning(checked: Checker) -> None:
    """With the one that was probably meant."""
    env = {"FAIL2BAN_SPOA_PROT": "1", "FAIL2BAN_XYZ": "1", "FAIL2BAN_WHITELIST_NETWORKS": "[]"}
    assert warnings(checked("", env)) == [
        "environment FAIL2BAN_XYZ: is no setting",
        "environment FAIL2BAN_SPOA_PROT: is no setting; did you mean FAIL2BAN_SPOA_PORT?",
        (
            "environment FAIL2BAN_WHITELIST_NETWORKS: is no setting; "
            "the plugin whitelist is not in plugins"
        ),
    ]


def test_the_variables_of_kubernetes_are_not_read(checked: Checker) -> None:
    """It sets these for services called fail2ban-spoa and fail2ban; one warning for each."""
    configuration = checked(
        "spoa: {port: 1}",
        {
            "FAIL2BAN_SPOA_PORT": "tcp://10.0.0.1:12345",
            "FAIL2BAN_SPOA_PORT_12345_TCP": "tcp://10.0.0.1:12345",
            "FAIL2BAN_SPOA_PORT_12345_TCP_ADDR": "10.0.0.1",
            "FAIL2BAN_SPOA_PORT_12345_TCP_PORT": "12345",
            "FAIL2BAN_SPOA_PORT_12345_TCP_PROTO": "tcp",
            "FAIL2BAN_SPOA_SERVICE_HOST": "10.0.0.1",
            "FAIL2BAN_SPOA_SERVICE_PORT": "12345",
            "FAIL2BAN_SPOA_SERVICE_PORT_SPOP": "12345",
            "FAIL2BAN_SERVICE_HOST": "10.0.0.2",
            "FAIL2BAN_PORT": "udp://10.0.0.2:514",
        },
    )
    assert configuration.engine.spoa.port == 1
    assert [line.split(",")[0] for line in warnings(configuration)] == [
        "environment FAIL2BAN_PORT: it and 1 others are Kubernetes' for a service fail2ban",
        (
            "environment FAIL2BAN_SPOA_PORT: it and 7 others are Kubernetes' for a service "
            "fail2ban-spoa"
        ),
    ]


def test_a_port_that_was_set_beside_kubernetes_is_read(checked: Checker) -> None:
    """The pod's own variables replace those of the service."""
    env = {"FAIL2BAN_SPOA_PORT": "7", "FAIL2BAN_SPOA_SERVICE_HOST": "10.0.0.1"}
    assert checked("", env).engine.spoa.port == 7


def test_a_variable_may_be_a_jails_limit_for_some() -> None:
    """And ``bantime.increment``, with its dot, is still told from a word for clients."""
    env = {
        "FAIL2BAN_JAILS_X_MAXRETRY": "{default: 5, AS64500: 2}",
        "FAIL2BAN_JAILS_X_BANTIME_INCREMENT": "true",
    }
    document = parse("plugins: [jails]\njails:\n  x: {filter: sshd}\n", env=env)
    jails = check(document, {"jails": JailsSettings}).plugins["jails"]
    assert isinstance(jails, JailsSettings)
    assert jails.root["x"].maxretry_by == Varying(5, {"as64500": 2})
    assert jails.root["x"].bantime_increment
