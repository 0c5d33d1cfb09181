"""Python for notebooks and scripts: a face over the same use cases as the command line and the app.

What is here is used through the package itself, which loads it when it is asked for: ``l5tui.run``, ``l5tui.open_run``.
"""
