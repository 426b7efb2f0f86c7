"""From the names on a command line to a site: files, directories, SPOE files, versions."""

from collections.abc import Mapping, Sequence
from pathlib import Path

from webfail2ban.doctor.conditions import Setting, Version
from webfail2ban.doctor.machine import Machine, read_text
from webfail2ban.doctor.reading import Line, read_lines, read_sections
from webfail2ban.doctor.site import Own, Site, put_together


def list_files(names: Sequence[Path]) -> tuple[Path, ...]:
    """Return the files that ``haproxy -f`` would read: of a directory its ``*.cfg``, by name.

    Raises:
        OSError: one isn't there, or a directory has none.
    """
    files: list[Path] = []
    for name in names:
        if name.is_dir():
            found = sorted(path for path in name.glob("*.cfg") if not path.name.startswith("."))
            if not found:
                raise FileNotFoundError(2, "there is no *.cfg in this directory", str(name))
            files += found
        else:
            files.append(name)
    return tuple(files)


def load_site(
    files: Sequence[Path],
    version: Version,
    env: Mapping[str, str],
    *,
    own: Own,
    here: bool,
) -> Site:
    """Read a configuration.

    Args:
        files: Its files, in their order.
        version: HAProxy's.
        env: Environment variables.
        own: Our own configuration.
        here: Whether it is this machine's, so that a file that isn't here is missing.

    Raises:
        OSError: a file can't be read.
    """
    setting = Setting(version, env)
    lines: list[Line] = []
    for path in files:
        lines += read_lines(read_text(path), str(path), setting)
    beside = tuple(dict.fromkeys(path.parent for path in files))
    machine = Machine(here=here, beside=beside)
    return put_together(read_sections(lines), setting, own=own, machine=machine)
