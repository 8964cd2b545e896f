"""How is a member taken out of a container? `python -m …extraction SECONDS MEMORY`, the task as input.

The bytes go to standard output; what is wrong goes to standard error, with exit code 3. The system ends the
process where it takes more than it may.
"""

from __future__ import annotations

import json
import os
import signal
import sys
from pathlib import Path

from indexer.documents.isolation.reader import Limits, restrict
from indexer.documents.limits import Budget
from indexer.documents.readers import ADVICE, readers
from indexer.documents.readers.files import open_file
from indexer.documents.reading import FileReader, Member
from indexer.errors import ReadError

FAILED = ReadError.exit_code


def main() -> None:
    """Write the member of a file that is named to standard output."""
    limits = Limits(float(sys.argv[1]), int(sys.argv[2]))
    path, root, name, member = json.load(sys.stdin)
    restrict(limits.memory_mb)
    try:
        with open_file(Path(path), Path(root)) as stream:
            size = os.fstat(stream.fileno()).st_size
            signal.setitimer(signal.ITIMER_PROF, limits.seconds_for(size))
            reading = FileReader(readers({}, False), ADVICE)
            for piece in reading.content(Member(name, stream), Budget.of(size), member):
                sys.stdout.buffer.write(piece)
        sys.stdout.buffer.flush()
    except (ReadError, MemoryError) as error:
        print(error or "needs more memory than it may take", file=sys.stderr)
        sys.exit(FAILED)


if __name__ == "__main__":
    main()
