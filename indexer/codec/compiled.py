"""The functions of `indexer.codec.vectorized`, in C where it pays. Raises ImportError where not built."""

from __future__ import annotations

from indexer.codec import _kernel

__all__ = ["_kernel"]
