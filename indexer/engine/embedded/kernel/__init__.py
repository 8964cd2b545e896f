"""The functions over postings, in numpy and in C."""
