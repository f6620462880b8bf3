"""Child process: atheris, the coverage-guided fuzzer, on one target. Linux only.

Arguments: target, seconds, number of inputs (0: until time is up), a folder for findings and the corpus. libFuzzer's
statistics go to standard error; the process ends with 0 if no input broke a promise.
"""

from __future__ import annotations

import sys
from pathlib import Path

import atheris

with atheris.instrument_imports(include=["models"]):
    from models import bitstream, codec, weights
    from models.context import coding, model
    from models.context import weights as context_weights
    from models.entropy import factorized, range_coder

from tests.fuzz.child import HANG_S
from tests.fuzz.targets import TARGETS

INSTRUMENTED = (codec, bitstream, model, coding, context_weights, factorized, range_coder, weights)
_LARGEST_INPUT = 4096
_MEMORY_MIB = 2048


def main() -> None:
    """Entry point; never returns."""
    name, seconds, runs, folder = sys.argv[1:]
    target = TARGETS[name]
    corpus = Path(folder) / "corpus"
    corpus.mkdir(parents=True, exist_ok=True)
    for number, whole in enumerate(target.wholes):
        (corpus / f"whole-{number}").write_bytes(whole())
    options = [f"-max_total_time={seconds}", f"-timeout={HANG_S:.0f}", f"-rss_limit_mb={_MEMORY_MIB}"]
    if int(runs):
        options.append(f"-runs={runs}")
    options += [f"-max_len={_LARGEST_INPUT}", "-print_final_stats=1", f"-artifact_prefix={folder}/"]
    target.check(target.whole(0))
    atheris.Setup([sys.argv[0], *options, str(corpus)], lambda data: target.check(bytes(data)))
    atheris.Fuzz()


if __name__ == "__main__":
    main()
