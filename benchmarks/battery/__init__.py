"""What does Hansou survive? Each module here breaks one thing and looks what is left.

`python -m benchmarks.battery` runs them all; docs/reliability.md has the figures.
"""
