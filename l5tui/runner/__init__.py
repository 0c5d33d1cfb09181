"""The use cases: what the command line and the app both do."""
