"""What was asked? Query text → nodes, terms and the plan that an engine evaluates."""
