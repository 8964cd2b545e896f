"""What holds and searches an index? The promises of every engine, and a folder for each that keeps them."""
