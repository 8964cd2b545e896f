"""What lies in a file that holds files? A module for each kind; each yields `Member`s, one at a time."""
