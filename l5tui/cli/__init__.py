"""Command line of l5tui."""
