"""A folder to start over."""

import pytest

from dashboard.config import Config
from dashboard.instance import Instance
from dashboard.runtime import Runtime


@pytest.fixture
def made(tmp_path):
    """A folder whose practice database was made."""
    folder = tmp_path / "instance"
    instance = Instance.prepare(folder)
    instance.secret_key()
    Runtime(Config(instance=folder), instance).make_ready()
    return folder
