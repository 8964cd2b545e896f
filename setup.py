"""Builds the optional extensions `indexer.codec._kernel`, `indexer._fold` and `indexer._segment`.

Without a working compiler the installation goes on without them (`optional`): numpy and Python give the
same results. Metadata are in pyproject.toml.
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

FOLD, SEGMENT = (
    Extension(f"indexer.{name}", sources=[f"indexer/{name}.c"], extra_compile_args=FLAGS, optional=True)
    for name in ("_fold", "_segment")
)

# The extensions speak CPython's own API.
setup(ext_modules=[KERNEL, FOLD, SEGMENT] if platform.python_implementation() == "CPython" else [])
