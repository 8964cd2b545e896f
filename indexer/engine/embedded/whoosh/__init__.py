"""What Whoosh supplies and asks of a codec: schema, segments, table of contents, lock, commit."""
