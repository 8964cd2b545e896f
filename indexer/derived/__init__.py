"""What is read off an index once it is built? Groups of near-identical documents, suggestions."""
