from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.reload.program import Program


@pytest.fixture
def program(tmp_path: Path) -> Iterator[Program]:
    """The program; the test starts it."""
    program = Program(tmp_path)
    yield program
    program.clean_up()
