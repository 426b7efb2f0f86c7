"""The reference of settings has every setting, as the models have it."""

import re

from pydantic import BaseModel, RootModel

from docs import settings_reference
from webfail2ban.config import EngineSettings
from webfail2ban.config.shapes import alternatives, below, named
from webfail2ban.hosting.loader import load

PAGE = settings_reference.PAGE.read_text("utf-8")


def names(model: type[BaseModel]) -> set[str]:
    """Return the names of a model's settings, as they are written, and of those below them."""
    found = set()
    for name, field in model.model_fields.items():
        if not issubclass(model, RootModel):
            found.add(field.alias or name)
        inner = (named(field.annotation), below(field.annotation, 0))
        for part in (*alternatives(field.annotation), *inner):
            if isinstance(part, type) and issubclass(part, BaseModel):
                found |= names(part)
    return found


def test_the_reference_is_what_the_models_say() -> None:
    """Otherwise: python docs/settings_reference.py."""
    assert settings_reference.insert(PAGE, settings_reference.render()) == PAGE


def test_the_reference_has_every_setting() -> None:
    """Those of the core and of each plugin that ships."""
    models = load(settings_reference.shipped()).models.values()
    wanted = set().union(
        *(names(model) for model in (EngineSettings, *models) if model is not None)
    )
    told = set(re.findall(r"^- `\S*?(bantime\.\w+|\w+)` \(", PAGE, re.MULTILINE))
    sections = set(re.findall(r"^### `(\w+)`$", PAGE, re.MULTILINE))
    assert wanted <= told | sections
