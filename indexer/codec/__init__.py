"""The index core: Whoosh's framework over flat arrays."""
