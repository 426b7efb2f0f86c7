"""Reads a Dockerfile, and does what it says in a directory: no engine for containers is needed.

Of the format it knows what ours uses; anything else is an error.
"""

import json
import os
import re
import shlex
import shutil
import subprocess
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from fnmatch import fnmatch
from pathlib import Path
from string import Template

ROOT = Path(__file__).parents[2]

#: Instructions that say how a container is started, and change no file.
DECLARATIONS = {"ENTRYPOINT", "CMD", "EXPOSE", "HEALTHCHECK", "USER", "VOLUME"}

#: The image's user and group.
USER = "64064:64064"

#: What an image has as its first path; the tests put their own there.
SYSTEM_PATH = "/usr/local/bin:/usr/bin:/bin"

#: A directory of the image in a command. Others, such as /usr/sbin, are the machine's own.
OURS = re.compile(r"(?<![\w./])(?=/(opt|src|plugins|etc/webfail2ban|var/lib/webfail2ban)\b)")


@dataclass(slots=True)
class Stage:
    """One stage of a build.

    Attributes:
        base: The image that it begins with.
        name: Its name; empty for the last.
        steps: Instructions with their arguments, but for those of the start.
        environment: What ENV sets.
        starts: Instructions of the start with their arguments.
    """

    base: str
    name: str = ""
    steps: list[tuple[str, str]] = field(default_factory=list)
    environment: dict[str, str] = field(default_factory=dict)
    starts: dict[str, str] = field(default_factory=dict)

    def command(self, instruction: str) -> list[str]:
        """Return a command in its exec form: without a shell, which would keep signals."""
        return _words(self.starts[instruction])

    @property
    def health_check(self) -> list[str]:
        """The command that says whether a container is well."""
        return _words(self.starts["HEALTHCHECK"].partition("CMD ")[2])


def _words(text: str) -> list[str]:
    found = json.loads(text)
    assert isinstance(found, list)
    return found


def read(path: Path) -> list[Stage]:
    """Return the stages of a Dockerfile."""
    arguments: dict[str, str] = {}
    stages: list[Stage] = []
    for instruction, rest in _instructions(path.read_text("utf-8")):
        text = " ".join(rest.split())
        if instruction == "ARG":
            name, _, value = text.partition("=")
            arguments[name] = value
        elif instruction == "FROM":
            base, _, name = Template(text).substitute(arguments).partition(" AS ")
            stages.append(Stage(base, name))
        elif instruction == "ENV":
            stages[-1].environment |= dict(_assignment(word) for word in shlex.split(text))
        elif instruction in DECLARATIONS:
            assert instruction not in stages[-1].starts
            stages[-1].starts[instruction] = text
        else:
            stages[-1].steps.append((instruction, text))
    return stages


def _instructions(text: str) -> Iterator[tuple[str, str]]:
    """Yield the instructions; a line that ends in a backslash goes on in the next one."""
    lines = [line for line in text.splitlines() if not line.lstrip().startswith("#")]
    for line in "\n".join(lines).replace("\\\n", " ").splitlines():
        if line.strip():
            instruction, _, rest = line.partition(" ")
            yield instruction, rest.strip()


def _assignment(word: str) -> tuple[str, str]:
    name, _, value = word.partition("=")
    return name, value


class Image:
    """The file system that a Dockerfile makes, below a directory.

    Args:
        root: The directory.
        python: What the base image has as ``python``.
        owner: Whom the image's user is played by, as ``uid:gid``.

    Attributes:
        root: The directory; the image is in a folder of its own there.
        stages: What the Dockerfile says.
    """

    def __init__(self, root: Path, python: str, owner: str) -> None:
        self.root = root
        self._owner = owner
        self.stages = read(ROOT / "Dockerfile")
        programs = root / "base"
        programs.mkdir(parents=True)
        # No link: an environment would look for the standard library beside it.
        (programs / "python").write_text(f'#!/bin/sh\nexec "{python}" "$@"\n')
        (programs / "python").chmod(0o755)
        self._path = f"{programs}:{SYSTEM_PATH}"

    @property
    def stage(self) -> Stage:
        """The last one, which is the image."""
        return self.stages[-1]

    @property
    def user(self) -> tuple[str, str]:
        """The numbers of its user and group, or of those that play them."""
        uid, _, gid = self.moved(self.stage.starts["USER"]).partition(":")
        return uid, gid

    def environment(self, more: Mapping[str, str]) -> dict[str, str]:
        """Return the environment of a container, with what its start adds.

        Args:
            more: What comes on top.
        """
        ours = {**self.stage.environment, **more}
        known = {"PATH": self._path}
        return {
            name: self.moved(Template(value).safe_substitute(known)) for name, value in ours.items()
        }

    def moved(self, text: str) -> str:
        """Return a text with the image's directories where they are here."""
        return OURS.sub(str(self.root / "image"), text).replace(USER, self._owner)

    def path(self, path: str) -> Path:
        """Return where a path of the image is."""
        return Path(self.moved(path))

    def changed_since(self, moment: float) -> list[Path]:
        """Return the files and directories that were changed since a moment."""
        everything = (self.root / "image").rglob("*")
        return [path for path in everything if path.lstat().st_mtime > moment]

    def build(self, skip: Sequence[str] = ()) -> None:
        """Do every step.

        Args:
            skip: Beginnings of commands that are left out: they change the system itself.
        """
        for stage in self.stages:
            self._build(stage, skip)

    def _build(self, stage: Stage, skip: Sequence[str]) -> None:
        # All stages have one directory: a virtual environment can't be moved.
        folder = self.root / "image"
        for instruction, text in stage.steps:
            if instruction == "WORKDIR":
                folder = self.path(text)
                folder.mkdir(parents=True)
            elif instruction == "COPY":
                self._copy(folder, text)
            elif not text.startswith(tuple(skip)):
                assert instruction == "RUN"
                self._run(folder, text)

    def _run(self, folder: Path, command: str) -> None:
        env = {"PATH": self._path, "HOME": str(self.root), **_for_pip()}
        command = self.moved(command)
        subprocess.run(["sh", "-ec", command], cwd=folder, env=env, check=True)

    def _copy(self, folder: Path, text: str) -> None:
        if text.startswith("--from="):
            stage, source, target = text.removeprefix("--from=").split()
            assert stage in {stage.name for stage in self.stages}
            assert source == target
            return
        *sources, target = text.split()
        into = folder / target if not target.startswith("/") else self.path(target)
        for source in sources:
            _copy_context(ROOT / source, into / source if target.endswith("/") else into)


def _for_pip() -> dict[str, str]:
    """Return what tells pip where packages are, if need be, and to leave out what takes longest."""
    said = {name: value for name, value in os.environ.items() if name.startswith("PIP_")}
    return {**said, "PIP_QUIET": "1", "PIP_NO_COMPILE": "1"}


def _copy_context(source: Path, target: Path) -> None:
    """Copy what .dockerignore lets into a build.

    Raises:
        FileNotFoundError: it keeps it out.
    """
    rules = (ROOT / ".dockerignore").read_text("utf-8").split()
    top = source.relative_to(ROOT).parts[0]
    if f"!{top}" not in rules:
        raise FileNotFoundError(f"{top} isn't in .dockerignore's list")
    target.parent.mkdir(parents=True, exist_ok=True)
    ignored = [rule.removeprefix("**/") for rule in rules if rule.startswith("**/")]
    if source.is_file():
        shutil.copy(source, target)
        return
    shutil.copytree(
        source,
        target,
        ignore=lambda _, names: [
            name for name in names if any(fnmatch(name, rule) for rule in ignored)
        ],
    )
