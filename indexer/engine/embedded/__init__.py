"""The default engine: flat arrays under Whoosh's schema, segments and commit. See docs/codec.md."""
