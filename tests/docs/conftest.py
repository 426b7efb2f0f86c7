from collections.abc import Iterator

import pytest

from tests.docs.site import Site


@pytest.fixture(scope="session")
def site() -> Iterator[Site]:
    """One agent for all pages."""
    with Site() as site:
        yield site
