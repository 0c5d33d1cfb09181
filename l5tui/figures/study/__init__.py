"""Figures of a study: search, sensitivity design or inference."""
