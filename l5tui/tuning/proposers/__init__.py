"""Ways to choose the next trial; one file each."""
