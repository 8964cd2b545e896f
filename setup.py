"""Builds the optional extensions `indexer.codec._kernel` and `indexer._fold`; metadata are in pyproject.toml.

Without a working compiler the installation goes on without them (`optional`): numpy and `str.translate` give
the same results.
"""

import platform
import sys

from setuptools import Extension, setup

# Products and quotients must be rounded one by one, as numpy does.
FLAGS = [] if sys.platform == "win32" else ["-O3", "-ffp-contract=off", "-fno-math-errno"]

KERNEL = Extension(
    "indexer.codec._kernel",
    sources=["indexer/codec/_kernel.c", "indexer/codec/_grouping.c", "indexer/codec/_interning.c"],
    depends=["indexer/codec/_kernel.h"],
    extra_compile_args=FLAGS,
    optional=True,
)

FOLD = Extension("indexer._fold", sources=["indexer/_fold.c"], extra_compile_args=FLAGS, optional=True)

# The extensions speak CPython's own API.
setup(ext_modules=[KERNEL, FOLD] if platform.python_implementation() == "CPython" else [])
