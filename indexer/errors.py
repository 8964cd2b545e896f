"""What can go wrong, as one tree.

    HansouError                     exit code 1
    ├── ConfigError                 6   config.toml or a HANSOU_* variable is wrong
    ├── ReadError                   3   one input file cannot be read (it is skipped, the rest goes on)
    ├── BusyError                   4   another builder holds the lock
    ├── WouldShrink                 7   a build found so little that it is not published
    ├── IndexUnusable               5   the index cannot be used
    │   ├── IndexMissing                nothing has been built yet
    │   ├── IndexCorrupt                a file is not what the manifest says
    │   ├── IndexOutdated               built with another analysis
    │   ├── IndexCrowded                an update has no room in it: it is built anew
    │   └── IndexUnreachable            the cluster that keeps it does not answer
    ├── QueryTooLong                2   the query is longer than the limit
    ├── TooManyPlaces               2   more lines than can be put into this order
    ├── PassageRefused              2   there is nothing in a passage to trace, or too much
    ├── DocumentNotFound            1   no document has this id
    ├── OriginalMissing             1   the file that a document was read from cannot be given
    ├── NotPermitted                1   who asks may not see this
    └── DeadlineExceeded            1   the query took longer than it may

Every message says what is wrong, where, and what to do. Exit codes are read by `indexer.cli`;
HTTP statuses are the business of `webapp.errors` alone.
"""

from __future__ import annotations

import errno


class HansouError(Exception):
    """Base of everything Hansou raises on purpose."""

    exit_code = 1


class ConfigError(HansouError):
    """The configuration cannot be used as it stands."""

    exit_code = 6


class ReadError(HansouError):
    """One input file cannot be read; the message names the file and the reason."""

    exit_code = 3


class BusyError(HansouError):
    """Another process is building this index."""

    exit_code = 4


class WouldShrink(HansouError):
    """A build found no documents, less than half of those searched now, or a source without a file."""

    exit_code = 7


class IndexUnusable(HansouError):
    """The index on disk cannot be used."""

    exit_code = 5


class IndexMissing(IndexUnusable):
    """There is no index yet."""


class IndexCorrupt(IndexUnusable):
    """A generation does not match its manifest."""


class IndexOutdated(IndexUnusable):
    """A generation was built with another analysis than the one configured."""


class IndexCrowded(IndexUnusable):
    """What is new has no room beside what there is; the index is sound, and is to be built anew."""


class IndexUnreachable(IndexUnusable):
    """The cluster that keeps the index does not answer; it may later, and nothing is lost."""


class QueryTooLong(HansouError):
    """The query text is longer than the limit."""

    exit_code = 2


class TooManyPlaces(HansouError):
    """A word stands at more places than can be put into the order of what is beside them."""

    exit_code = 2


class PassageRefused(HansouError):
    """A passage cannot be traced: `reason` is "empty", "long" or "no_chinese"."""

    exit_code = 2

    def __init__(self, reason: str, message: str) -> None:
        super().__init__(message)
        self.reason = reason


class DocumentNotFound(HansouError):
    """No document has the id that was asked for."""


class OriginalMissing(HansouError):
    """The file or member that a document was read from is gone, or can no longer be read."""


class NotPermitted(HansouError):
    """What was asked for is only for who may see more."""


class DeadlineExceeded(HansouError):
    """The query was stopped because it took longer than it may."""


# What loading a module says that is there, where there is no memory for it.
_UNMAPPED = "failed to map", "annot allocate memory"


def is_exhausted(error: Exception) -> bool:
    """Whether something failed because process or machine are at their limits: no fault of a file."""
    limits = errno.EMFILE, errno.ENFILE, errno.ENOMEM
    if isinstance(error, ImportError):
        return any(said in str(error) for said in _UNMAPPED)
    return isinstance(error, MemoryError) or (isinstance(error, OSError) and error.errno in limits)
