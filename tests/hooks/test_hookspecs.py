import inspect
import re
from collections.abc import Callable
from pathlib import Path

import pytest

from webfail2ban.hooks import hookspecs

HOOKS: dict[str, Callable[..., object]] = {
    name: function
    for name, function in vars(hookspecs).items()
    if hasattr(function, f"{hookspecs.PROJECT}_spec")
}


@pytest.mark.parametrize("name", HOOKS)
def test_a_hooks_docstring_is_its_contract(name: str) -> None:
    """When, where, in what order, what each argument is, what if it raises, an example."""
    text = " ".join((inspect.getdoc(HOOKS[name]) or "").split())
    assert "Called" in text
    assert "engine" in text or "sensor" in text
    assert "order of the configuration" in text
    assert "If it raises" in text
    assert "Example::" in text
    assert f"def {name}(" in text
    signature = inspect.signature(HOOKS[name])
    if signature.parameters:
        assert "Args:" in text
    if signature.return_annotation is not None:
        assert "Returns:" in text
        assert "None" in text


@pytest.mark.parametrize("name", HOOKS)
def test_every_hook_is_called_by_somebody(name: str) -> None:
    """A hook that nobody calls is a promise broken."""
    verb = name.partition("_")[0]
    # What begins or ends in a process is named by it.
    calls = (f'"{name}"', f'f"{verb}_{{self._process}}"')
    sources = Path(inspect.getfile(hookspecs)).parent.parent.rglob("*.py")
    assert any(call in source.read_text() for source in sources for call in calls)


@pytest.mark.parametrize("name", HOOKS)
def test_every_hook_has_a_test(name: str) -> None:
    """Some test implements it, or calls one that a plugin has."""
    sources = Path(__file__).parent.parent.rglob("*.py")
    assert any(re.search(rf"(def |\.){name}\(", source.read_text()) for source in sources)
