"""Builds the optional extension `indexer.codec._kernel`. All metadata are in pyproject.toml.

Without a compiler the installation goes on without it: the numpy kernel gives the same results.
"""

import platform
import sys

from setuptools import Extension, setup
from setuptools.command.build_ext import build_ext
from setuptools.errors import CCompilerError, ExecError, PlatformError

FLAGS = [] if sys.platform == "win32" else ["-O3", "-ffp-contract=off", "-fno-math-errno"]


class OptionalBuild(build_ext):
    """A build that failing compilers do not stop."""

    def run(self) -> None:
        """Build, or say that there will be no compiled kernel."""
        try:
            super().run()
        except PlatformError as error:
            self._skip(error)

    def build_extension(self, ext: Extension) -> None:
        """Build one extension, or say that there will be no compiled kernel."""
        try:
            super().build_extension(ext)
        except (CCompilerError, ExecError, PlatformError) as error:
            self._skip(error)

    def _skip(self, error: Exception) -> None:
        print(f"indexer.codec._kernel is not built ({error}); numpy will be used", file=sys.stderr)


KERNEL = Extension(
    "indexer.codec._kernel",
    sources=["indexer/codec/_kernel.c", "indexer/codec/_grouping.c", "indexer/codec/_grams.c"],
    depends=["indexer/codec/_kernel.h"],
    extra_compile_args=FLAGS,
)

# The extension speaks CPython's own API.
setup(
    ext_modules=[KERNEL] if platform.python_implementation() == "CPython" else [],
    cmdclass={"build_ext": OptionalBuild},
)
