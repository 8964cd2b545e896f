"""The files of a segment: how postings, columns and stored records are laid out in arrays."""
