"""The app: a face over the same use cases as the command line, in the terminal."""
