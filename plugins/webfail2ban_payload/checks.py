"""What is wrong with rules that are well-formed."""

from collections.abc import Iterator

from webfail2ban import SettingsProblem
from webfail2ban_payload.settings import CheckSettings, PayloadSettings, RuleSettings


def find_problems(settings: PayloadSettings) -> Iterator[SettingsProblem]:
    """Find what is wrong.

    Args:
        settings: The section.
    """
    seen: dict[tuple[str, str], str] = {}
    for name, check in settings.root.items():
        asked = (check.message, check.argument)
        if asked in seen:
            said = f"is looked at by {seen[asked]} already, and one check answers for an argument"
            yield SettingsProblem((name, "argument"), said)
        seen.setdefault(asked, name)
        if not check.rules and check.otherwise == "pass":
            yield SettingsProblem((name,), "says nothing of anybody", warning=True)
        yield from _of_rules(name, check)


def _of_rules(name: str, check: CheckSettings) -> Iterator[SettingsProblem]:
    for index, rule in enumerate(check.rules):
        path = (name, "rules", index)
        if rule.max_length is not None and rule.max_length < _needed(rule):
            said = f"can't fit: it takes {_needed(rule)} bytes, and max_length is {rule.max_length}"
            yield SettingsProblem(path, said)
        elif _fits_all(rule) and not isinstance(rule.then, int):
            said = "fits every payload: say it with otherwise"
            yield SettingsProblem(path, said, warning=True)
    if check.ban_for is not None and "ban" not in {check.otherwise, *(r.then for r in check.rules)}:
        said = "means nothing where no rule says ban"
        yield SettingsProblem((name, "ban_for"), said, warning=True)


def _needed(rule: RuleSettings) -> int:
    """Return how many bytes a payload must have."""
    return max(rule.min_length, min(map(len, rule.prefix), default=0))


def _fits_all(rule: RuleSettings) -> bool:
    conditions = (rule.prefix, rule.regex, rule.looks_like, rule.min_length > 1)
    return not any(conditions) and rule.max_length is None
