"""What is drawn of a parameter search."""
