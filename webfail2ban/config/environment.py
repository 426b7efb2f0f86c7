"""Settings from environment variables, laid over those of the file.

Every setting has a variable: ``FAIL2BAN_`` and its path in capital letters, joined with ``_``;
``-`` and ``.`` in a name become ``_`` too. So ``spoa.max_clients`` is ``FAIL2BAN_SPOA_MAX_CLIENTS``
and ``jails.postfix-sasl.maxretry`` is ``FAIL2BAN_JAILS_POSTFIX_SASL_MAXRETRY``. The rules:

- A variable wins over the file. An empty one counts as not set, as compose files pass them.
- A value is read as YAML: ``true``, ``5``, ``[a, b]``, ``{maxretry: 3}``. Where only text can
  stand, it is taken as it is, unless it begins with a quote.
- Under a mapping with free names, such as ``jails``, a name that the file has goes before a new
  one. A new name is taken, in small letters, if the rest of the variable is a setting in only
  one way; otherwise that is an error, and the name has to be written in the file.
- A whole section may be set, and single settings in it besides.
- A variable that leads to no setting is a warning. Kubernetes sets variables for each service
  (``FAIL2BAN_SPOA_PORT=tcp://...`` for one that is called ``fail2ban-spoa``); they are not read.
"""

import re
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, field

from webfail2ban.config.shapes import Shape, is_text
from webfail2ban.config.tree import Leaf, Mark, Node, Path, Table, graft, problem_at, show
from webfail2ban.config.variables import PREFIX, settings_of, variable, variables
from webfail2ban.config.wording import closest, show_choices
from webfail2ban.config.yamltext import compose
from webfail2ban.errors import ConfigurationError, Problem

#: What Kubernetes sets for a service NAME: NAME_SERVICE_HOST, NAME_PORT and the like.
SERVICE_HOST = "_SERVICE_HOST"
OF_SERVICE = re.compile(r"_(SERVICE_HOST|SERVICE_PORT(_\w+)?|PORT_[0-9]+_(TCP|UDP|SCTP)(_\w+)?)")
SERVICE_URL = re.compile(r"(tcp|udp|sctp)://.*")


@dataclass(slots=True)
class Overlay:
    """The tree with the variables in it, and what is to be said of them."""

    root: Table
    problems: list[Problem] = field(default_factory=list)
    warnings: list[Problem] = field(default_factory=list)


def overlay(
    root: Table,
    env: Mapping[str, str],
    sections: Mapping[str, Shape],
    unlisted: Collection[str] = (),
) -> Overlay:
    """Lay the environment's settings over a tree.

    Args:
        root: What the file says.
        env: All environment variables.
        sections: The sections that there are, and what each allows.
        unlisted: Plugins that there are but that aren't to be loaded.
    """
    result = Overlay(root)
    ours = {name: env[name] for name in sorted(env) if name.startswith(PREFIX) and env[name]}
    for service, names in _services(ours).items():
        told = f"it and {len(names) - 1} others are Kubernetes' for a service {service}, not read"
        hint = "enableServiceLinks: false in the pod's specification ends them"
        result.warnings.append(problem_at(_mark(names[0]), told, hint=hint))
        for name in names:
            ours.pop(name, None)
    for name in sorted(ours, key=len):  # a section's comes before those of its settings
        found = settings_of(name, sections, root)
        if len(found) == 1:
            _set(result, name, ours[name], *found[0])
        elif found:
            message = f"could mean {show_choices(show(path) for path, _ in found)}"
            hint = "write the name that you mean into the file"
            result.problems.append(problem_at(_mark(name), message, hint=hint))
        else:
            hint = _missed(name, unlisted) or _meant(name, variables(sections, root))
            result.warnings.append(problem_at(_mark(name), "is no setting", hint=hint))
    return result


def _set(result: Overlay, name: str, value: str, path: Path, shape: Shape) -> None:
    """Set what one variable says."""
    try:
        node = _read(name, value, shape)
    except ConfigurationError as error:
        result.problems += error.problems
        return
    result.root = graft(result.root, path, node)


def _missed(name: str, unlisted: Collection[str]) -> str:
    """Say that a variable's plugin isn't loaded, if that is what is wrong."""
    plugin = next((it for it in unlisted if name.startswith(f"{variable((it,))}_")), None)
    return f"the plugin {plugin} is not in plugins" if plugin else ""


def _meant(name: str, known: Iterable[str]) -> str:
    """Ask whether another variable was meant; what all begin with makes none more alike."""
    meant = closest(name.removeprefix(PREFIX), (it.removeprefix(PREFIX) for it in known))
    return f"did you mean {PREFIX}{meant}?" if meant else ""


def _mark(name: str) -> Mark:
    return Mark(f"environment {name}")


def _read(name: str, value: str, shape: Shape) -> Node:
    """Read a variable's value.

    Raises:
        ConfigurationError: it is no YAML.
    """
    mark = _mark(name)
    if is_text(shape) and value.lstrip()[:1] not in ("'", '"'):
        return Leaf(mark, value)
    node, problems = compose(value, lambda _line, _column: mark)
    if problems:
        raise ConfigurationError(problems)
    return node or Leaf(mark, None)


def _services(env: Mapping[str, str]) -> dict[str, list[str]]:
    """Find the variables that Kubernetes sets for services, by the service's name."""
    found: dict[str, list[str]] = {}
    for name in env:
        if name.endswith(SERVICE_HOST):
            base = name.removesuffix(SERVICE_HOST)
            found[base.lower().replace("_", "-")] = list(_of_service(base, env))
    return found


def _of_service(base: str, env: Mapping[str, str]) -> Iterator[str]:
    for name, value in env.items():
        rest = name.removeprefix(base)
        if rest == name:
            continue
        url = rest == "_PORT" and SERVICE_URL.fullmatch(value)
        if url or OF_SERVICE.fullmatch(rest):
            yield name
