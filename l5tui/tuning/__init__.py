"""Searches for parameters: studies of many trials, proposed, run in parallel, kept and resumed."""
