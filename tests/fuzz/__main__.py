"""Gives every reader damaged files for a while and says what came of it.

python -m tests.fuzz --minutes 10               all readers, the time shared out
python -m tests.fuzz --minutes 5 --only png     one of them
python -m tests.fuzz --list                     their names
"""

from __future__ import annotations

import argparse
import random
import sys

from tests.fuzz.campaign import Report, blind, can_guide, guided
from tests.fuzz.targets import TARGETS

_GUIDED_SHARE = 0.3
_ENDLESS = 10**9


def _row(report: Report) -> str:
    memory = f"{report.largest_bytes / 2**20:.0f} MiB"
    figures = f"{report.tried:>10} {report.accepted:>9} {report.longest_s:>8.2f} s {memory:>9}"
    return "\n".join([f"{report.name:<32}{figures}", *(f"    FOUND {line}" for line in report.found)])


def main() -> int:
    """Entry point; returns 1 if something was found."""
    parser = argparse.ArgumentParser(prog="python -m tests.fuzz", description=__doc__.partition("\n")[0])
    parser.add_argument("--minutes", type=float, default=5.0, help="altogether (5)")
    parser.add_argument("--only", action="append", choices=sorted(TARGETS), metavar="NAME", help="this reader")
    parser.add_argument("--seed", type=int, help="where to begin (anywhere)")
    parser.add_argument("--list", action="store_true", help="name the readers")
    options = parser.parse_args()
    if options.list:
        sys.stdout.write("\n".join(TARGETS) + "\n")
        return 0
    names = options.only or list(TARGETS)
    first = random.randrange(10**9) if options.seed is None else options.seed
    guide = [name for name in names if TARGETS[name].guided] if can_guide() else []
    share = _GUIDED_SHARE if guide else 0.0
    seconds = 60.0 * options.minutes
    sys.stdout.write(f"from seed {first}{'' if can_guide() else '; atheris is not installed'}\n")
    sys.stdout.write(f"{'':<32}{'tried':>10} {'taken':>9} {'longest':>10} {'memory':>9}\n")
    reports = []
    for report in blind(names, first, _ENDLESS, seconds * (1.0 - share) / len(names)):
        reports.append(report)
        print(_row(report), flush=True)
    for name in guide:
        reports.append(guided(name, seconds * share / len(guide)))
        print(_row(reports[-1]), flush=True)
    found = sum(len(report.found) for report in reports)
    print(f"{sum(report.tried for report in reports)} inputs, {found} findings")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
