import re
from pathlib import Path

import pytest

from webfail2ban.doctor import compose
from webfail2ban.doctor.catalogue import examine
from webfail2ban.doctor.loading import load_site
from webfail2ban.doctor.site import Own

SHIPPED = Path(__file__).parents[2] / "haproxy"

#: What the reference configuration says where it differs from the defaults; not every file is for
#: its address.
OWN = Own(read_timeout=180)

#: What goes to /etc/haproxy: the demonstration goes nowhere, and is the least that works.
CONFIGURATIONS = sorted(
    path for path in SHIPPED.glob("*.cfg") if "/etc/haproxy/" in path.read_text("utf-8")
)


def test_the_compose_file_that_we_ship_has_no_finding() -> None:
    """Nor has HAProxy's configuration in it."""
    site = load_site([SHIPPED / "compose.cfg"], (2, 8), {}, own=OWN, here=False)
    assert list(compose.find(site, SHIPPED.parent / "compose.yaml")) == []


def is_whole(path: Path) -> bool:
    """Tell whether a file stands alone; others come after haproxy.cfg."""
    return re.search(r"^global\b", path.read_text("utf-8"), re.MULTILINE) is not None


@pytest.mark.parametrize("version", [(2, 6), (2, 8), (3, 2)], ids=str)
@pytest.mark.parametrize("path", CONFIGURATIONS, ids=lambda path: path.name)
def test_what_we_ship_has_no_finding(path: Path, version: tuple[int, ...]) -> None:
    """For any version that it is for."""
    files = [path] if is_whole(path) else [SHIPPED / "haproxy.cfg", path]
    site = load_site(files, version, {}, own=OWN, here=False)
    assert site.engines
    assert examine(site) == ()
