"""Python for notebooks and scripts: a face over the same use cases as the command line and the app.

The package exports these names (``l5tui.run``, ``l5tui.open_run``) and loads their modules at first use.
"""
