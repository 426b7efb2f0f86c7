import os
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.container.dockerfile import USER, Image
from tests.interpreters import runnable_by

IS_ROOT = os.geteuid() == 0


@pytest.fixture(scope="session")
def image() -> Iterator[Image]:
    """The image's files, made by the Dockerfile's own steps in a directory of their own."""
    python = runnable_by("nobody") if IS_ROOT else sys.executable
    owner = USER if IS_ROOT else f"{os.getuid()}:{os.getgid()}"
    with tempfile.TemporaryDirectory(prefix="webfail2ban-") as directory:
        root = Path(directory)
        root.chmod(0o755)
        image = Image(root, python, owner)
        image.build(skip=["groupadd"])
        yield image
