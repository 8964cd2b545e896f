"""The compiled functions, and the choice between them and Python."""
