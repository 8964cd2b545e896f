"""What does a search give back, and why? Pages of marked hits, and where their scores come from."""
