"""Which documents are there? The value, the readers that make it of files, what a text states of itself."""

from indexer.documents.document import Document

__all__ = ["Document"]
