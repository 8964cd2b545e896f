"""How documents become the arrays of a segment."""
