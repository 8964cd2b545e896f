"""Builds the optional extensions `indexer.codec._kernel`, `indexer._segment` and `indexer._text`.

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
    sources=[f"indexer/codec/{name}.c" for name in ("_kernel", "_grouping", "_interning", "_pairing")],
    depends=["indexer/codec/_kernel.h"],
    extra_compile_args=FLAGS,
    optional=True,
)

SEGMENT, TEXT = (
    Extension(f"indexer.{name}", sources=[f"indexer/{name}.c"], extra_compile_args=FLAGS, optional=True)
    for name in ("_segment", "_text")
)

# The extensions speak CPython's own API.
setup(ext_modules=[KERNEL, SEGMENT, TEXT] if platform.python_implementation() == "CPython" else [])
