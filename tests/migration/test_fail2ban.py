"""Debian's fail2ban, with jails enabled in a jail.local."""

from pathlib import Path

import pytest

from tests.migration.conftest import Engines, Jails, settings_of
from webfail2ban.config import check, parse
from webfail2ban.errors import ConfigurationError, FilterError
from webfail2ban.hosting.loader import load
from webfail2ban.migration import draft_fail2ban, render


def test_only_enabled_jails_come_along(fail2ban: Jails) -> None:
    """With what they differ in from DEFAULT."""
    directory = fail2ban("""
        [DEFAULT]
        maxretry = 4
        findtime = 60*60
        bantime = 2h
        bantime.increment = yes
        bantime.factor = 2
        bantime.multipliers = 1 2
            4 8
        bantime.maxtime = 5w
        bantime.rndtime = 30
        bantime.overalljails = true
        ignoreself = false
        ignoreip = 127.0.0.1/8 ::1, 192.0.2.7/255.255.255.0 198.51.100.1
        [monit]
        enabled = true
        maxretry = 2
        bantime = -1
        [vsftpd]
        enabled = no
    """)
    settings = settings_of(draft_fail2ban(directory))
    assert settings["plugins"] == ["whitelist", "jails", "tail"]
    assert settings["jails"] == {
        "DEFAULT": {
            "maxretry": 4,
            "findtime": 3600,
            "bantime": "2h",
            "bantime.increment": True,
            "bantime.factor": "2",
            "bantime.multipliers": "1 2 4 8",
            "bantime.maxtime": "5w",
            "bantime.rndtime": 30,
            "bantime.overalljails": True,
            "ignoreself": False,
            "ignoreip": ["127.0.0.0/8", "::1", "192.0.2.0/24", "198.51.100.1"],
        },
        "monit": {
            "filter": f"{directory}/filter.d/monit.conf",
            "sources": ["tail:/var/log/monit", "tail:/var/log/monit.log"],
            "maxretry": 2,
            "bantime": "permanent",
        },
    }
    assert settings["tail"] == {"files": ["/var/log/monit", "/var/log/monit.log"], "start": "1h"}


def test_files_are_merged_in_its_order(fail2ban: Jails) -> None:
    """jail.conf, jail.d/*.conf, jail.local, jail.d/*.local; paths come from what it includes."""
    directory = fail2ban("""
        [sshd]
        enabled = true
        maxretry = 3
        findtime = 3m
    """)
    (directory / "jail.d" / "a.conf").write_text("[sshd]\nmaxretry = 2\nbantime = 2m\n")
    (directory / "jail.d" / "z.local").write_text("[sshd]\nfindtime = 4m\n")
    (directory / "paths-overrides.local").write_text("[DEFAULT]\nsshd_log = /srv/*/auth.log\n")
    sshd = settings_of(draft_fail2ban(directory))["jails"]["sshd"]
    assert sshd == {
        "filter": "sshd",
        "sources": ["tail:/srv/*/auth.log"],
        "maxretry": 3,
        "findtime": "4m",
        "bantime": "2m",
    }


def test_a_journal_is_read_by_its_matches(fail2ban: Jails) -> None:
    """The jail's, else the filter's; without any all of it is read."""
    directory = fail2ban("""
        [sshd]
        enabled = true
        backend = systemd
        filter = sshd[mode=aggressive]
        [dovecot]
        enabled = true
        backend = systemd[journalpath=/srv/journal, journalflags=1]
        journalmatch = _SYSTEMD_UNIT=dovecot.service
            SYSLOG_IDENTIFIER=imap
    """)
    draft = draft_fail2ban(directory, keep_filters=True)
    settings = settings_of(draft)
    assert settings["plugins"] == ["whitelist", "jails", "journald"]
    assert settings["jails"]["sshd"]["sources"] == ["journald:*"]
    ssh, *others = settings["journald"]["matches"]
    assert "_COMM=sshd" in ssh
    assert others == ["_SYSTEMD_UNIT=dovecot.service", "SYSLOG_IDENTIFIER=imap"]
    assert settings["journald"]["directory"] == "/srv/journal"
    assert any("journalflags=1" in said for said in draft.left_out)
    (directory / "jail.d" / "all.local").write_text(
        "[monit]\nenabled = true\nbackend = systemd\n", "utf-8"
    )
    assert "matches" not in settings_of(draft_fail2ban(directory))["journald"]


def test_safe_filters_replace_those_of_the_same_name(fail2ban: Jails) -> None:
    """Unless the operator wants his, changed it, or uses a mode that ours doesn't know."""
    directory = fail2ban("""
        [sshd]
        enabled = true
        [dovecot]
        enabled = true
        [postfix]
        enabled = true
        mode = more
    """)
    (directory / "filter.d" / "dovecot.local").write_text("[Definition]\nignoreregex = x\n")
    theirs = directory / "filter.d"
    jails = settings_of(draft_fail2ban(directory))["jails"]
    assert jails["sshd"]["filter"] == "sshd"
    assert jails["dovecot"]["filter"] == f"{theirs}/dovecot.conf"
    assert jails["postfix"]["filter"] == f"{theirs}/postfix.conf[mode=more]"
    kept = settings_of(draft_fail2ban(directory, keep_filters=True))["jails"]
    assert kept["sshd"]["filter"] == f"{theirs}/sshd.conf"


@pytest.mark.parametrize("said", ["rang", "isn't there"])
def test_a_jails_own_expressions_stand_in_the_filter(
    fail2ban: Jails, engine_of: Engines, said: str
) -> None:
    """With those of the filter that it names as known; in the jail, if they have all quotes."""
    directory = fail2ban(f"""
        [DEFAULT]
        ignoreself = false
        [door]
        enabled = true
        maxretry = 1
        logpath = /var/log/door.log
        failregex = %(known/failregex)s
            ^ door "front": <HOST> {said}$
        ignoreregex = : 192\\.0\\.2\\.9 {said}
    """)
    (directory / "filter.d" / "door.conf").write_text("[Definition]\nfailregex = ^ <HOST> opens$")
    draft = draft_fail2ban(directory)
    assert ("filter" in settings_of(draft)["jails"]["door"]) == ("'" not in said)
    box = engine_of(draft)
    for client, line, banned in (
        ("192.0.2.7", "192.0.2.7 opens", 1),
        ("192.0.2.8", f'door "front": 192.0.2.8 {said}', 1),
        ("192.0.2.9", f'door "front": 192.0.2.9 {said}', 0),
    ):
        box.hear(f" {line}", source="tail:/var/log/door.log")
        assert box.ask(client)["banned"] == banned


def test_recidive_counts_bans(fail2ban: Jails) -> None:
    """It needs no log of fail2ban's."""
    directory = fail2ban("[recidive]\nenabled = true\n")
    recidive = settings_of(draft_fail2ban(directory))["jails"]["recidive"]
    assert recidive == {"bans_of": ["*"], "findtime": "1d", "bantime": "1w"}


def test_what_has_no_counterpart_is_named(fail2ban: Jails) -> None:
    """Actions, commands, names that would be looked up, logs that can't be followed."""
    directory = fail2ban("""
        [DEFAULT]
        action = %(action_mwl)s
        ignoreip = 192.0.2.300 file:/etc/ours
        [apache-fakegooglebot]
        enabled = true
        [monit]
        enabled = true
        logencoding = latin-1
        logpath = relative.log
            /var/log/**/monit.log
            /var/log/monit.log tail
        maxretry = many
        bantime = soon
        ignorecache = key="x"
        logtimezone = UTC
    """)
    draft = draft_fail2ban(directory)
    said = "\n".join(draft.left_out)
    for words in (
        *("action iptables-multiport (", "action sendmail-whois-lines (", "plugin apprise"),
        *("ignoreip = 192.0.2.300", "whitelist.files", "ignorecommand = ", "relative.log"),
        *("**/monit.log", "logencoding", "maxretry = many", "bantime = soon", "ignorecache"),
        *("logtimezone", "usedns = warn"),
    ):
        assert words in said, words
    assert settings_of(draft)["jails"]["monit"]["sources"] == ["tail:/var/log/monit.log"]
    assert "SSH perhaps" in render(draft)


def test_a_jail_that_can_not_work_is_left_out(fail2ban: Jails) -> None:
    """The others go on."""
    directory = fail2ban("""
        [mine]
        enabled = true
        logpath = /var/log/mine.log
        [quotes]
        enabled = true
        filter = sshd
        logpath = /var/log/mine.log
        failregex = ^"it's <HOST>"$
        [nolog]
        enabled = true
        filter = monit
        [monit]
        enabled = true
    """)
    draft = draft_fail2ban(directory)
    assert [*settings_of(draft)["jails"]] == ["DEFAULT", "monit"]
    said = "\n".join(draft.left_out)
    assert "jail mine: mine: no such filter" in said
    assert "jail quotes: its failregex has quotes of both kinds" in said
    assert "jail nolog: it has no logpath" in said


def test_lookups_that_were_asked_for_stay(fail2ban: Jails) -> None:
    """fail2ban's default, which nobody asked for, doesn't."""
    directory = fail2ban("[monit]\nenabled = true\nusedns = yes\nmaxmatches = 9\n")
    monit = settings_of(draft_fail2ban(directory))["jails"]["monit"]
    assert (monit["usedns"], monit["maxmatches"]) == ("yes", 9)


def test_names_that_every_jail_spares_are_whitelisted(fail2ban: Jails) -> None:
    """In one form and once; addresses stay with the jails, and localhost is two of them."""
    directory = fail2ban("""
        [DEFAULT]
        ignoreip = localhost 192.0.2.7 Home.Example.ORG. office.example, home.example.org
        [monit]
        enabled = true
        [dovecot]
        enabled = true
    """)
    draft = draft_fail2ban(directory)
    settings = settings_of(draft)
    assert settings["whitelist"] == {"hosts": ["home.example.org", "office.example"]}
    assert settings["jails"]["DEFAULT"]["ignoreip"] == ["127.0.0.1", "::1", "192.0.2.7"]
    assert "ignoreip" not in settings["jails"]["monit"]
    assert not [said for said in draft.left_out if "example" in said]
    assert "hosts_private: true" in render(draft)


def test_a_name_that_some_jails_spare_is_said_to_pass_everywhere(fail2ban: Jails) -> None:
    """The whitelist is for all of them; what nobody spares who is taken over isn't in it."""
    directory = fail2ban("""
        [DEFAULT]
        ignoreip = home.example.org
        [monit]
        enabled = true
        [dovecot]
        enabled = true
        ignoreip = ::ffff:192.0.2.7 office.example home.example.org
        [nolog]
        enabled = true
        filter = monit
        ignoreip = gone.example
        [vsftpd]
        ignoreip = never.example
    """)
    draft = draft_fail2ban(directory)
    settings = settings_of(draft)
    assert settings["whitelist"]["hosts"] == ["home.example.org", "office.example"]
    assert settings["jails"]["dovecot"]["ignoreip"] == ["192.0.2.7"]
    (said,) = [text for text in draft.left_out if "passes everywhere" in text]
    assert said == (
        "whitelist: office.example was spared by dovecot alone; here it passes everywhere"
    )
    assert "# office.example was spared by dovecot alone" in render(draft)


def test_a_jail_that_spares_nobody_spares_nobody(fail2ban: Jails) -> None:
    """An empty list of its own takes the place of DEFAULT's."""
    directory = fail2ban("""
        [DEFAULT]
        ignoreip = 192.0.2.7
        [monit]
        enabled = true
        ignoreip =
    """)
    assert settings_of(draft_fail2ban(directory))["jails"]["monit"]["ignoreip"] == []


def test_what_is_remembered_is_remembered(fail2ban: Jails) -> None:
    """How long, if that isn't the default."""
    directory = fail2ban("[monit]\nenabled = true\n")
    assert "store" not in settings_of(draft_fail2ban(directory))
    (directory / "fail2ban.local").write_text("[DEFAULT]\ndbpurgeage = 8d\n")
    assert settings_of(draft_fail2ban(directory))["store"] == {"purge_age": "8d"}


def test_every_jail_of_debians_comes_along(fail2ban: Jails) -> None:
    """All at once, and as they are; the one that lets clients in doesn't."""
    draft = draft_fail2ban(fail2ban("[DEFAULT]\nenabled = true\n"))
    settings = settings_of(draft)
    assert len(settings["jails"]) > 80
    document = parse(render(draft))
    check(document, load(document.plugins, document.plugin_dirs).models)
    lost = [said for said in draft.left_out if "left out: jail " in said]
    assert [said.partition("left out: ")[2].partition(":")[0] for said in lost] == [
        "jail pass2allow-ftp"
    ]


def test_nothing_enabled_is_said(fail2ban: Jails) -> None:
    """It is probably the wrong directory."""
    assert any("no jail is enabled" in said for said in draft_fail2ban(fail2ban("")).left_out)


def test_what_it_can_not_be_is_an_error(fail2ban: Jails, tmp_path: Path) -> None:
    """No directory of fail2ban's; a file that it wouldn't read either."""
    with pytest.raises(ConfigurationError, match=r"jail\.conf, jail\.local or jail\.d"):
        draft_fail2ban(tmp_path)
    with pytest.raises(FilterError, match=r"jail\.local.*already exists"):
        draft_fail2ban(fail2ban("[a]\nx = 1\n[a]\nx = 2\n"))
