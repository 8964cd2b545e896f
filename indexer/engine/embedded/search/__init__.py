"""How a query is evaluated over the arrays of all segments."""
