"""Builds the optional extensions of `indexer.native`, each of which does what a module does in Python.

Without a working compiler the installation goes on without them (`optional`): numpy and Python give the
same results. Metadata are in pyproject.toml.
"""

import platform
import sys
from glob import glob

from setuptools import Extension, setup

# Products and quotients must be rounded one by one, as numpy does.
FLAGS = [] if sys.platform == "win32" else ["-O3", "-ffp-contract=off", "-fno-math-errno"]
SOURCES = {
    "_align": ("_align",),
    "_kernel": (
        "_kernel",
        "_postings",
        "_union",
        "_candidates",
        "_positions",
        "_sorting",
        "_terms",
        "_interning",
        "_ordering",
        "_pairing",
    ),
    "_marks": ("_marks", "_fragments"),
    "_segmenter": ("_segmenter",),
    "_text": ("_text",),
}
EXTENSIONS = [
    Extension(
        f"indexer.native.{name}",
        sources=[f"indexer/native/{source}.c" for source in sources],
        depends=sorted(glob("indexer/native/*.h")),
        extra_compile_args=FLAGS,
        optional=True,
    )
    for name, sources in SOURCES.items()
]

# The extensions speak CPython's own API.
setup(ext_modules=EXTENSIONS if platform.python_implementation() == "CPython" else [])
