"""``python -m l5tui``."""

from l5tui.cli.main import main

if __name__ == "__main__":
    main()
