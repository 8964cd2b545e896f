"""How well does it do? Judged sets, the log of what was asked, and reports on it."""
