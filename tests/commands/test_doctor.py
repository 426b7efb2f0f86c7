import json
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.api.serving import ApiServing, socket_in
from tests.doctor.sites import DENY, GOOD_CFG, GOOD_SPOE, SPOE
from tests.doctor.verdicts import Verdicts
from tests.serving import LOOPBACK, Serving
from webfail2ban import cli

#: What our own configuration says; it loads no plugin.
CONFIG = "spoa: {port: 12345}\n"

WRONG_NAME = DENY.replace("wf2b.", "")


@dataclass(frozen=True, slots=True)
class Ran:
    """What the command did."""

    status: object
    out: str
    err: str


#: Runs the command.
Doctor = Callable[..., Ran]


@pytest.fixture
def doctor(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> Doctor:
    """Run the command in a folder of its own, with a good site in it."""
    monkeypatch.chdir(tmp_path)
    for name in ("WEBFAIL2BAN_CONFIG", "WEBFAIL2BAN_API"):
        monkeypatch.delenv(name, raising=False)
    write(tmp_path, GOOD_CFG)
    (tmp_path / "config.yaml").write_text(CONFIG, "utf-8")

    def run(*args: str | Path) -> Ran:
        monkeypatch.setattr(sys, "argv", ["webfail2ban", "doctor", *map(str, args)])
        with pytest.raises(SystemExit) as ended:
            cli.main()
        return Ran(ended.value.code, *capsys.readouterr())

    return run


def write(directory: Path, cfg: str, spoe: str = GOOD_SPOE) -> None:
    (directory / "haproxy.cfg").write_text(cfg.replace(SPOE, f"{directory}/wf2b.conf"), "utf-8")
    (directory / "wf2b.conf").write_text(spoe, "utf-8")


def test_nothing_is_wrong(doctor: Doctor, tmp_path: Path) -> None:
    """What was looked at is told; exit status 0."""
    ran = doctor("--offline", "haproxy.cfg")
    assert (ran.status, ran.err) == (0, "")
    assert ran.out.splitlines() == [
        "looked at:",
        "    haproxy.cfg",
        "    HAProxy 2.8, which is a guess",
        f"    {tmp_path}/config.yaml",
        "nothing found",
    ]


def test_a_finding_has_its_place_and_the_text_to_paste(doctor: Doctor, tmp_path: Path) -> None:
    """Exit status 1."""
    write(tmp_path, GOOD_CFG.replace(DENY, WRONG_NAME))
    ran = doctor("--offline", "haproxy.cfg")
    assert ran.status == 1
    first, second, *_, last = ran.out.splitlines()
    assert first.startswith("haproxy.cfg:24: error: frontend web reads var(txn.banned), which is")
    assert first.endswith("[spoe-prefix]")
    assert second.strip() == DENY.strip()
    assert last == "1 error"


def test_all_of_it_in_json(doctor: Doctor, tmp_path: Path) -> None:
    """One document, with the same exit status."""
    write(tmp_path, GOOD_CFG.replace(DENY, WRONG_NAME))
    ran = doctor("--offline", "--haproxy-version", "2.6.12", "--json", "haproxy.cfg")
    found = json.loads(ran.out)
    assert ran.status == 1
    assert (found["ok"], found["haproxy"]) == (False, "2.6.12")
    assert found["counts"] == {"errors": 1, "warnings": 0, "hints": 0}
    (finding,) = found["findings"]
    assert (finding["name"], finding["file"], finding["line"]) == (
        "spoe-prefix",
        "haproxy.cfg",
        24,
    )
    assert finding["remedy"] == DENY.strip()


def test_warnings_count_where_they_should(doctor: Doctor, tmp_path: Path) -> None:
    """With --strict, for CI."""
    write(tmp_path, GOOD_CFG.replace("    option spop-check\n", ""))
    assert doctor("--offline", "haproxy.cfg").status == 0
    assert doctor("--offline", "--strict", "haproxy.cfg").status == 1


def test_the_version_decides(doctor: Doctor) -> None:
    """What is right for one is wrong for another."""
    ran = doctor("--offline", "--haproxy-version", "3.2", "haproxy.cfg")
    assert "[agent-mode-old]" in ran.out


@pytest.mark.parametrize(
    ("args", "says"),
    [
        (["nothing.cfg"], "nothing.cfg: No such file"),
        (["--haproxy-version", "new", "haproxy.cfg"], "'new' is no version of HAProxy"),
        (["--config", "nothing.yaml", "haproxy.cfg"], "there is no file"),
        (["--compose", "nothing.yaml", "haproxy.cfg"], "nothing.yaml: No such file"),
        (["--compose", "broken.yaml", "haproxy.cfg"], "broken.yaml"),
    ],
)
def test_what_can_not_be_read_is_told(
    doctor: Doctor, tmp_path: Path, args: list[str], says: str
) -> None:
    """Exit status 2."""
    (tmp_path / "broken.yaml").write_text("services: [", "utf-8")
    ran = doctor("--offline", *args)
    assert (ran.status, says in ran.err) == (2, True)


def test_our_own_configuration_is_looked_at(doctor: Doctor, tmp_path: Path) -> None:
    """What is wrong with it is found at its place; what is right counts."""
    config = tmp_path / "config.yaml"
    config.write_text("spoa: {prot: 1}\n", "utf-8")
    ran = doctor("--offline", "haproxy.cfg")
    assert ran.status == 1
    assert f"{config.name}:1: error: spoa.prot: is no setting" in ran.out
    config.write_text("verdict: {scope: sess}\n", "utf-8")
    assert "[spoe-scope]" in doctor("--offline", "haproxy.cfg").out


def test_syslog_from_everywhere_is_found(doctor: Doctor, tmp_path: Path) -> None:
    """The plugin's section is read as the plugin reads it."""
    config = tmp_path / "config.yaml"
    text = 'plugins: [syslog]\nsyslog: {address: "0.0.0.0:5514", allow: [0.0.0.0/0]}\n'
    config.write_text(text, "utf-8")
    assert "[syslog-open]" in doctor("--offline", "haproxy.cfg").out


def test_without_a_configuration_the_defaults_hold(doctor: Doctor, tmp_path: Path) -> None:
    """HAProxy's side may be on another machine."""
    (tmp_path / "config.yaml").unlink()
    assert doctor("--offline", "haproxy.cfg").status == 0


def test_a_compose_file_is_looked_at(doctor: Doctor, tmp_path: Path) -> None:
    """If it is named."""
    text = "services: {haproxy: {image: 'haproxy:2.8'}}\n"
    (tmp_path / "compose.yaml").write_text(text, "utf-8")
    ran = doctor("--offline", "--compose", "compose.yaml", "haproxy.cfg")
    assert "[compose-loopback]" in ran.out


def test_what_runs_is_asked(
    doctor: Doctor, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The agent as HAProxy asks it, the engine how its jails and sources stand."""
    with Serving(Verdicts()) as agent, ApiServing(socket=socket_in(tmp_path)) as api:
        monkeypatch.setenv("WEBFAIL2BAN_API", str(api.settings.socket))
        cfg = GOOD_CFG.replace("12345", str(agent.port)).replace("/run/haproxy", str(tmp_path))
        write(tmp_path, cfg)
        (tmp_path / "config.yaml").write_text(f"spoa: {{port: {agent.port}}}\n", "utf-8")
        found = json.loads(doctor("--haproxy-version", "2.8", "--json", "haproxy.cfg").out)
    looked_at = " ".join(found["looked_at"])
    assert "the agent agent1, which answers in" in looked_at
    assert f"the running engine at {api.settings.socket}" in looked_at
    assert {finding["name"] for finding in found["findings"]} == {"engine-problem"}
    assert LOOPBACK in cfg


def test_an_engine_that_is_not_to_be_asked_is_no_finding(doctor: Doctor, tmp_path: Path) -> None:
    """The operator wants no API; who names one all the same wants it asked."""
    with Serving(Verdicts()) as agent:
        cfg = GOOD_CFG.replace("12345", str(agent.port)).replace("/run/haproxy", str(tmp_path))
        write(tmp_path, cfg)
        (tmp_path / "config.yaml").write_text(
            f"api: {{socket: none}}\nspoa: {{port: {agent.port}}}\n", "utf-8"
        )
        ran = doctor("--haproxy-version", "2.8", "haproxy.cfg")
        assert (ran.status, "no running engine: our configuration has no API" in ran.out) == (
            0,
            True,
        )
        asked = doctor("--haproxy-version", "2.8", "--api", "/nowhere.sock", "haproxy.cfg")
        assert "[engine-unreachable]" in asked.out


def test_what_does_not_run_is_found(doctor: Doctor, tmp_path: Path) -> None:
    """Neither the agent nor the API."""
    write(tmp_path, GOOD_CFG.replace("/run/haproxy", str(tmp_path)).replace("12345", "1"))
    (tmp_path / "config.yaml").write_text("api: {socket: none.sock}\nspoa: {port: 1}\n", "utf-8")
    ran = doctor("--haproxy-version", "2.8", "--json", "haproxy.cfg")
    names = {finding["name"] for finding in json.loads(ran.out)["findings"]}
    assert names == {"agent-unreachable", "engine-unreachable"}
    assert ran.status == 1
