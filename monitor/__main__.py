"""The program's entry point: `monitor`, or `python -m monitor`."""

import sys
from typing import NoReturn


def main() -> NoReturn:
    """Run the command line; Ctrl-C is not an error, even while the modules are still loading."""
    try:
        from monitor.cli.main import main as run

        run()
    except KeyboardInterrupt:
        sys.exit(130)


if __name__ == "__main__":
    main()
