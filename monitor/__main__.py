"""Where the program begins: `monitor`, or `python -m monitor`."""

import sys
from typing import NoReturn


def main() -> NoReturn:
    """Run the command line; Ctrl-C is no failure, also while the program is still being read."""
    try:
        from monitor.cli.main import main as run

        run()
    except KeyboardInterrupt:
        sys.exit(130)


if __name__ == "__main__":
    main()
