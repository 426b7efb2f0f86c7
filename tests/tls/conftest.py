from pathlib import Path

import pytest

from tests.tls.certificates import Pki


@pytest.fixture
def pki(tmp_path: Path) -> Pki:
    """Authorities and files."""
    return Pki(tmp_path)
