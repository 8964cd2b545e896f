"""Builds the optional extension `indexer.codec._kernel`. All metadata are in pyproject.toml.

Without a working compiler the installation goes on without it (`optional`): the numpy kernel gives the
same results.
"""

import platform
import sys

from setuptools import Extension, setup

# Products and quotients must be rounded one by one, as numpy does.
FLAGS = [] if sys.platform == "win32" else ["-O3", "-ffp-contract=off", "-fno-math-errno"]

KERNEL = Extension(
    "indexer.codec._kernel",
    sources=["indexer/codec/_kernel.c", "indexer/codec/_grouping.c", "indexer/codec/_grams.c"],
    depends=["indexer/codec/_kernel.h"],
    extra_compile_args=FLAGS,
    optional=True,
)

# The extension speaks CPython's own API.
setup(ext_modules=[KERNEL] if platform.python_implementation() == "CPython" else [])
