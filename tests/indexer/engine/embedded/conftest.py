"""What the tests of the embedded engine share: with compiled code and without, documents, a written index."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from indexer import native


@pytest.fixture(params=[True, False], ids=["extensions", "numpy alone"])
def any_kernel(request: pytest.FixtureRequest) -> Iterator[bool]:
    """With the extensions and without."""
    with native.using(request.param):
        yield request.param
