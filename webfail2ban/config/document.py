"""A configuration that has been read but not checked: what it says, and where.

Checking takes two steps, because a plugin brings the model of its section itself: a `Document`
tells which plugins to load, and only with their models can all of it be checked (`check`).
"""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from webfail2ban.config.engine import EngineSettings, LoadingSettings
from webfail2ban.config.environment import overlay
from webfail2ban.config.shapes import fields
from webfail2ban.config.tree import Leaf, Mark, Node, Table, problem_at
from webfail2ban.config.validation import validate
from webfail2ban.config.wording import show_value
from webfail2ban.config.yamltext import compose
from webfail2ban.errors import ConfigurationError, Problem

#: Written by hand, a configuration has some kilobytes. Whatever is bigger is something else.
MAX_BYTES = 4 * 1024 * 1024

NO_VARIABLES: Mapping[str, str] = {}


@dataclass(frozen=True, slots=True)
class Document:
    """What a file says.

    Attributes:
        path: The file, absolute; None if it was text.
        root: What it says, and where.
        env: The environment's variables, which are laid over it.
        problems: What was found wrong in reading it; `check` reports them with the others.
    """

    path: Path | None
    root: Table
    env: Mapping[str, str]
    problems: tuple[Problem, ...] = ()

    @property
    def directory(self) -> Path:
        """Return where relative paths begin."""
        return self.path.parent if self.path else Path()

    @property
    def plugins(self) -> tuple[str, ...]:
        """Return the names of the plugins to load, in the order of the chain.

        Raises:
            ConfigurationError: this can't be told; with all problems that can be by now.
        """
        return self._loading().plugins

    @property
    def plugin_dirs(self) -> tuple[Path, ...]:
        """Return the directories of drop-in plugins.

        Raises:
            ConfigurationError: as for `plugins`.
        """
        return self._loading().plugin_dirs

    def _loading(self) -> LoadingSettings:
        laid = overlay(self.root, self.env, fields(EngineSettings))
        settings, _ = validate(
            LoadingSettings, pick(laid.root, fields(LoadingSettings)), (), self.directory
        )
        if settings is not None:
            return settings
        engine = pick(laid.root, fields(EngineSettings))
        _, problems = validate(EngineSettings, engine, (), self.directory)
        raise ConfigurationError([*self.problems, *laid.problems, *problems.values()])


def pick(table: Table, names: Mapping[str, object]) -> Table:
    """Return a table of the entries that have these names and hold anything."""
    entries = {
        name: entry
        for name, entry in table.entries.items()
        if name in names and not is_empty(entry.node)
    }
    return Table(table.mark, entries)


def is_empty(node: Node) -> bool:
    """Whether nothing stands there, as when all lines of a section are commented out."""
    return isinstance(node, Leaf) and node.value is None


def read(path: Path, env: Mapping[str, str] = NO_VARIABLES) -> Document:
    """Read a configuration file.

    Args:
        path: The file; problems name it as it is written here.
        env: All environment variables; see `webfail2ban.config.environment`.

    Raises:
        ConfigurationError: it can't be read, or it isn't YAML.
    """
    try:
        with path.open("rb") as file:
            data = file.read(MAX_BYTES + 1)
    except OSError as error:
        raise _unreadable(str(path), f"can't be read: {error.strerror}") from None
    return parse(data, str(path), env, path.absolute())


def parse(
    data: bytes | str,
    source: str = "configuration",
    env: Mapping[str, str] = NO_VARIABLES,
    path: Path | None = None,
) -> Document:
    """Read a configuration's text.

    Args:
        data: YAML, UTF-8 if it is bytes. Nothing at all means all defaults.
        source: What problems call it.
        env: All environment variables.
        path: The file that it came from.

    Raises:
        ConfigurationError: it isn't YAML, or is too big for a configuration.
    """
    if len(data) > MAX_BYTES:
        raise _unreadable(source, f"is bigger than {MAX_BYTES} bytes")
    text = data if isinstance(data, str) else _decode(data, source)
    root, problems = compose(text.removeprefix("\ufeff"), partial(Mark, source))
    if root is None or is_empty(root):
        root = Table(Mark(source), {})
    if not isinstance(root, Table):
        message = f"must be sections such as spoa:, not {show_value(_kind(root))}"
        problems = (*problems, problem_at(root.mark, message))
        root = Table(Mark(source), {})
    return Document(path, root, env, problems)


def _kind(node: Node) -> object:
    """Return a value by which to name a node that should have been a table."""
    return node.value if isinstance(node, Leaf) else []


def _decode(data: bytes, source: str) -> str:
    """Read bytes as UTF-8.

    Raises:
        ConfigurationError: they are something else.
    """
    try:
        return data.decode()
    except UnicodeDecodeError as error:
        before = data[: error.start]
        line, column = before.count(b"\n") + 1, error.start - before.rfind(b"\n")
        message = f"is no text in UTF-8: there is a byte 0x{data[error.start]:02x}"
        raise ConfigurationError([problem_at(Mark(source, line, column), message)]) from None


def _unreadable(source: str, message: str) -> ConfigurationError:
    return ConfigurationError([Problem(message, source=source)])
