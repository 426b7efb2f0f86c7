"""The section `webhook` of the configuration, and `apprise`."""

import re
from pathlib import Path
from typing import Any

import pytest
import yaml
from pydantic import ValidationError

from webfail2ban_webhook import Webhook, WebhookSettings, WebhooksSettings
from webfail2ban_webhook.settings import ServicesSettings

URL = "https://hooks.example/secret"
ROOT = Path(__file__).parents[3]


def find(**settings: Any) -> list[tuple[tuple[str | int, ...], str, bool]]:
    checked = WebhooksSettings.model_validate({"soc": {"url": URL, **settings}})
    found = Webhook().check_settings(checked)
    return [(problem.path, problem.message, problem.warning) for problem in found]


@pytest.mark.parametrize(
    "url", ["ftp://x", "hooks.example", "https:///nowhere", "https://a b", "https://x:0/", "https://x:y/",
            "https://me:secret@x/", "https://x/#part", "https://x/\nHost: y"]
)  # fmt: skip
def test_a_bad_url_is_refused_and_not_shown(url: str) -> None:
    """It may hold a key."""
    with pytest.raises(ValidationError) as error:
        WebhookSettings.model_validate({"url": url})
    assert "must" in error.value.errors()[0]["msg"]
    assert url not in error.value.errors()[0]["msg"]


@pytest.mark.parametrize(
    ("settings", "said"),
    [
        ({}, "must have url, or url_file"),
        ({"url": URL, "url_file": "/x"}, "must have url or url_file, not both"),
        ({"url": URL, "token": "a", "token_file": "/x"}, "token or token_file, not both"),
        ({"url": URL, "token": "a\nb"}, "one line"),
        ({"url": URL, "headers": {"X-A": "b\r\nX-C: d"}}, "one line"),
        ({"url": URL, "headers": {"Host": "other"}}, "must not have Host"),
        ({"url": URL, "headers": {"a b": "c"}}, "names of headers"),
        ({"url": URL, "method": "GET"}, "POST"),
        ({"url": URL, "events": ["bans"]}, "'ban' or 'unban'"),
        ({"url": URL, "lines": True, "body": "{lines}"}, "must not have lines beside body"),
        ({"url": URL, "proxy": "socks5://x"}, "must begin with"),
        ({"url": URL, "proxy": "http://x/path"}, "must not have a path"),
    ],
)
def test_what_means_nothing_is_refused(settings: dict[str, Any], said: str) -> None:
    """With what would be right."""
    with pytest.raises(ValidationError, match=re.escape(said)):
        WebhookSettings.model_validate(settings)


@pytest.mark.parametrize(
    ("body", "said"),
    [
        ({"text": ["{netwrok}"]}, "must not hold {netwrok}, .* did you mean {network}?"),
        ("{network.__class__}", "nothing but a field's name"),
        ("{network!r}", "nothing but a field's name"),
        ("{count:>1000000000}", "nothing but a field's name"),
        ("{}", "nothing but a field's name"),
        ("{network", "must have a name between"),
    ],
)
def test_a_bad_template_is_refused(body: Any, said: str) -> None:
    """Unknown fields, with the one that was meant, and whatever is no plain name."""
    with pytest.raises(ValidationError, match=said):
        WebhookSettings.model_validate({"url": URL, "body": body})


def test_the_envelope_has_fields_of_its_own() -> None:
    """A single message's mean nothing for many."""
    with pytest.raises(ValidationError, match="fields are messages, text, number, hostname"):
        WebhookSettings.model_validate({"url": URL, "envelope": "{network}"})


def test_files_that_can_not_be_read_are_named(tmp_path: Path) -> None:
    """By their setting; the files' content isn't shown."""
    (tmp_path / "lines").write_text("s3cret\nand more\n")
    (tmp_path / "large").write_text("x" * 100_000)
    found = find(
        token_file=tmp_path / "none",
        header_files={"X-Key": tmp_path / "lines", "X-Other": tmp_path / "large"},
        ca_file=tmp_path / "lines",
    )
    assert [path for path, _, _ in found] == [
        ("soc", "token_file"),
        ("soc", "header_files", "X-Key"),
        ("soc", "header_files", "X-Other"),
        ("soc", "ca_file"),
    ]
    said = " ".join(message for _, message, _ in found)
    assert "No such file" in said
    assert "must be one line" in said
    assert "must hold certificates" in said
    assert "s3cret" not in said


def test_a_file_must_hold_a_url(tmp_path: Path) -> None:
    """Where the URL is secret."""
    (tmp_path / "url").write_text("nothing\n")
    ((path, said, _),) = find(url=None, url_file=tmp_path / "url")
    assert path == ("soc", "url_file")
    assert "must begin with https://" in said


def test_a_secret_in_the_open_is_warned_of(tmp_path: Path) -> None:
    """But not on this machine."""
    (tmp_path / "token").write_text("t0ken")
    ((path, said, warning),) = find(url="http://hooks.example/", token_file=tmp_path / "token")
    assert (path, warning) == (("soc", "url"), True)
    assert "has no TLS" in said
    assert find(url="http://127.0.0.1:8080/", token_file=tmp_path / "token") == []


def test_secrets_do_not_show() -> None:
    """Neither in logs nor in what is dumped."""
    settings = WebhookSettings.model_validate({"url": URL, "token": "s3", "headers": {"A": "s3"}})
    assert not re.search("secret|s3", f"{settings!r} {settings.model_dump_json()}")


def test_the_reference_shows_settings_that_hold() -> None:
    """Every setting stands there in a comment; uncommented, it is right and mostly the default."""
    text = (ROOT / "config.yaml").read_text("utf-8")
    section = re.search(r"(?ms)^# webhook:\n.*?\n\n", text)
    assert section is not None
    written = yaml.safe_load(re.sub("(?m)^# ?", "", section.group()))["webhook"]
    settings = WebhooksSettings.model_validate(written).root["alerts"].model_dump()
    instead = {"url_file", "token"}
    assert set(WebhookSettings.model_fields) - instead == set(written["alerts"])
    examples = {"url", "token_file", "headers", "header_files", "body", "ca_file", "proxy"}
    defaults = WebhookSettings.model_validate({"url": URL}).model_dump()
    assert {key: settings[key] for key in settings.keys() - examples - instead} == {
        key: defaults[key] for key in defaults.keys() - examples - instead
    }


def test_the_reference_shows_a_service_that_holds() -> None:
    """With the defaults of Apprise's own."""
    text = (ROOT / "config.yaml").read_text("utf-8")
    section = re.search(r"(?ms)^# apprise:\n.*", text)
    assert section is not None
    written = yaml.safe_load(re.sub("(?m)^# ?", "", section.group()))["apprise"]
    service = ServicesSettings.model_validate(written).root["postmaster"]
    url_file = service.url_file
    assert service == ServicesSettings.model_validate({"x": {"url_file": url_file}}).root["x"]
