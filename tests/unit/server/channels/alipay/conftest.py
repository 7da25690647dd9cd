"""Keys are slow to make, so all tests here share a folder of them."""

import pytest

from server.sandbox.keys import Keys
from tests.unit.server.channels.alipay.bench import Bench


@pytest.fixture(scope="session")
def keys(tmp_path_factory: pytest.TempPathFactory) -> Keys:
    return Keys(tmp_path_factory.mktemp("alipay-keys"))


@pytest.fixture
def bench(keys: Keys) -> Bench:
    return Bench(keys)
