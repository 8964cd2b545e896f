"""How does a file that hangs, crashes or swells cost that file alone? It is read in a process that may end.

    sources ── pool ──┬── nursery          has imported the readers, and forks
                      ├── reader ← forked  reads one file after the other, with little memory and time
                      └── reader

The pool hands out files and puts what comes back in order. A reader that ends is replaced by a fork, which
takes milliseconds; what it was reading is named, and the container that it lay in is gone on with behind it.
"""
