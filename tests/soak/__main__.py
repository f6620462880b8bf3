"""Uses the window for a long time and says what grew.

    python -m tests.soak                          200 windows opened and closed, then ten minutes of random use
    python -m tests.soak --rounds 0 --minutes 60  an hour of random use

Ends with 1 if threads, handles or widgets grew, memory grew by more than it may, or anything raised or warned.
"""

from __future__ import annotations

import argparse
import os
import sys
import tempfile
from pathlib import Path


def main() -> None:
    """Entry point."""
    parser = argparse.ArgumentParser(prog="python -m tests.soak", description=__doc__.partition("\n")[0])
    parser.add_argument("--rounds", type=int, default=200, help="windows to open and close (200)")
    parser.add_argument("--minutes", type=float, default=10.0, help="of random use after that (10)")
    parser.add_argument("--seed", type=int, default=1, help="another seed does other things (1)")
    parser.add_argument("--on-screen", action="store_true", help="on the display, not on Qt's offscreen one")
    options = parser.parse_args()
    if not options.on_screen:
        os.environ["QT_QPA_PLATFORM"] = "offscreen"
    with tempfile.TemporaryDirectory(prefix="ratelens-soak-") as folder:
        for variable in ("XDG_CONFIG_HOME", "XDG_STATE_HOME", "XDG_CACHE_HOME", "XDG_DATA_HOME"):
            os.environ[variable] = str(Path(folder) / variable.lower())
        from tests.soak.session import run  # Qt reads the environment on import

        good = run(Path(folder), options.rounds, options.minutes, options.seed)
    sys.stdout.flush()
    os._exit(0 if good else 1)  # the window's workers may still be in native code


if __name__ == "__main__":
    main()
