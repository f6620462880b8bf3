"""Measures the program on a 768x512 photograph and prints what it found.

    python -m tests.bench                    everything, about five minutes
    python -m tests.bench --only window      one part: start, window, alone, one-core or learned
    python -m tests.bench --compressai .../bin/python    the learned codec beside CompressAI's, which is installed there
    python -m tests.bench --json FILE        the samples too

Every figure comes from processes of their own, several runs, and is a median with its range. The window is Qt's
offscreen one, unless --on-screen asks for the display's. Whatever else the machine does counts: that it is busy is
said before and after.
"""

from __future__ import annotations

import argparse
import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

from models.cpu import core_count
from tests.bench.figures import busy_sentence, busy_share, load, machine, percentile, spread, table
from tests.bench.photograph import HEIGHT, WIDTH, save_photograph
from viewer.codecs.registry import DEFAULT_CODECS
from viewer.system.resources import sample_images

PARTS = ("start", "window", "alone", "one-core", "learned")
REPETITIONS = 7


def child(module: str, arguments: list[str], *, on_screen: bool) -> Any:
    """Run a module in a process of its own, and read the JSON that it prints."""
    (line,) = child_lines(module, arguments, on_screen=on_screen)
    return line


def child_lines(module: str, arguments: list[str], *, on_screen: bool, cores: int = 0) -> Iterator[Any]:
    """Run a module in a process of its own, with settings of its own; each line of JSON as soon as it prints it.

    cores: that it may use, 0 for all.
    """
    with tempfile.TemporaryDirectory(prefix="ratelens-bench-") as settings:
        environment = os.environ | {"XDG_CONFIG_HOME": settings, "BENCH_BEGAN_NS": str(time.monotonic_ns())}
        environment |= {"BENCH_CORES": str(cores)} if cores else {}
        if not on_screen:
            environment["QT_QPA_PLATFORM"] = "offscreen"
        yield from _lines([sys.executable, "-m", f"tests.bench.{module}", *arguments], environment)


def _lines(command: list[str], environment: dict[str, str]) -> Iterator[Any]:
    with subprocess.Popen(command, env=environment, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        yield from map(json.loads, process.stdout)
    if process.returncode:
        raise subprocess.CalledProcessError(process.returncode, command)


def beside_compressai(python: str, sample: str, picture: Path, *, trained: bool) -> Iterator[Any]:
    """Rows of the learned codec and of CompressAI's factorised model, in turn so that both see the same machine.

    python: the interpreter of an environment that has CompressAI.
    """
    threads = core_count()
    for _ in range(2):
        yield from child_lines("coding", [sample, str(threads), str(REPETITIONS)], on_screen=False)
        arguments = [str(picture), str(threads), str(REPETITIONS), *(["trained"] if trained else [])]
        environment = {name: value for name, value in os.environ.items() if not name.startswith("PYTHON")}
        yield from _lines([python, str(Path(__file__).with_name("published.py")), *arguments], environment)


def report_start(runs: list[dict[str, float]]) -> str:
    names = {
        "window_ms": "window painted and answering",
        "original_ms": "original shown",
        **{f"{codec}_ms": f"{codec} shown" for codec in DEFAULT_CODECS},
        "panes_full_ms": "panes full",
        "panes_full_cpu_ms": "panes full, processor time",
    }
    rows = [["Cold start, process start to ...", "median", "min", "max"]]
    for key, name in names.items():
        samples = [run[key] for run in runs]
        rows.append([name, *(f"{v:.0f} ms" for v in (statistics.median(samples), min(samples), max(samples)))])
    return table(rows)


def report_window(runs: list[dict[str, Any]]) -> str:
    blocks = [_report_moves(runs), _report_drag(runs), _report_stages(runs)]
    memory = [run["peak_bytes"] / 2**20 for run in runs]
    settled = [run["settled_peak_bytes"] / 2**20 for run in runs]
    blocks.append(f"Peak memory: {spread(memory, 'MiB')}; {spread(settled, 'MiB')} when the curves were complete")
    curves = [run["settled_ms"] / 1e3 for run in runs]
    blocks.append(f"Curves complete after {spread(curves, 's', 1)}")
    return "\n\n".join(blocks)


def _report_moves(runs: list[dict[str, Any]]) -> str:
    rows = [["Slider move to everything shown", "p50", "p95", "min", "cpu p50", "GUI cpu p50"]]
    kinds = {"moves": "curves complete", "moves_while_curves_fill": "while curves fill"}
    for key, name in kinds.items():
        moves = [move for run in runs for move in run[key]]
        shown = [move["all_ms"] for move in moves]
        cpu = [statistics.median(move[key] for move in moves) for key in ("cpu_ms", "gui_cpu_ms")]
        figures = (percentile(shown, 0.5), percentile(shown, 0.95), min(shown), *cpu)
        rows.append([name, *(f"{figure:.0f} ms" for figure in figures)])
    return table(rows)


def _report_drag(runs: list[dict[str, Any]]) -> str:
    drags = [run["drag"] for run in runs]
    longest = [max(drag["gaps_ms"]) for drag in drags]
    over = [sum(gap > 30 for gap in drag["gaps_ms"]) / drag["seconds"] for drag in drags]
    lines = [
        f"Drag of {drags[0]['seconds']:.0f} s",
        f"  longest time that the GUI thread was stuck: {spread(longest, 'ms')}",
        f"  its own work without a break: {spread([max(drag['work_ms']) for drag in drags], 'ms')} at most",
        f"  99 % of its gaps at most: {spread([percentile(drag['gaps_ms'], 0.99) for drag in drags], 'ms')}",
        f"  times a second over 30 ms: {spread(over, '', 1)}",
        f"  processor time a second: {spread([drag['cpu_s'] / drag['seconds'] for drag in drags], 's', 2)}",
        f"  the GUI thread's part of it: {spread([drag['gui_cpu_s'] / drag['seconds'] for drag in drags], 's', 2)}",
        f"  mouse moves handled a second: {spread([drag['mouse_moves'] / drag['seconds'] for drag in drags], '')}",
    ]
    for codec in drags[0]["pictures"]:
        rates = [drag["pictures"][codec] / drag["seconds"] for drag in drags]
        lines.append(f"  pictures shown a second, {codec}: {spread(rates, '', 1)}")
    every = [sum(drag["pictures"].values()) / drag["seconds"] for drag in drags]
    lines.append(f"  pictures shown a second, of all codecs: {spread(every, '', 1)}")
    return "\n".join(lines)


def _report_stages(runs: list[dict[str, Any]]) -> str:
    """Where the time goes in a move."""
    moves = [move for run in runs for move in run["moves"]]
    rows = [["A move, median by stage", "search", "decode", "metrics"]]
    for codec in moves[0]["stages"]:
        stages = [move["stages"][codec] for move in moves]
        keys = ("search_ms", "decode_ms", "measure_ms")
        rows.append([codec, *(f"{statistics.median(stage[key] for stage in stages):.0f} ms" for key in keys)])
    drawing = [["GUI thread and pictures", "a move", "a second of drag", "longest"]]
    for name in runs[0]["painting"]:
        a_move = statistics.median(run["painting"][name]["ms"] / len(run["moves"]) for run in runs)
        dragged = [run["drag"]["painting"].get(name, {"ms": 0.0, "longest_ms": 0.0}) for run in runs]
        a_second = statistics.median(
            spent["ms"] / run["drag"]["seconds"] for spent, run in zip(dragged, runs, strict=True)
        )
        longest = statistics.median(spent["longest_ms"] for spent in dragged)
        drawing.append([name, f"{a_move:.1f} ms", f"{a_second:.1f} ms", f"{longest:.0f} ms"])
    return table(rows) + "\n\n" + table(drawing)


def report_rows(title: str, rows: Iterable[tuple[str, Any]]) -> dict[str, Any]:
    """Print each row as it comes, some take long, and return them all."""
    print(f"\n{title:<44}{'median':>12}{'min':>12}{'cpu min':>12}{'main thread':>12}", flush=True)
    told: dict[str, Any] = {}
    for name, measured in rows:
        told.setdefault(name, []).append(measured)
        if isinstance(measured, float):
            print(f"{name:<44}{measured:>9.1f} MB", flush=True)
            continue
        figures = (
            statistics.median(measured["wall_ms"]),
            *(min(measured[key]) for key in ("wall_ms", "cpu_ms", "main_ms")),
        )
        print(f"{name:<44}" + "".join(f"{figure:>9.1f} ms" for figure in figures), flush=True)
    return told


def main() -> None:
    """Entry point."""
    parser = argparse.ArgumentParser(prog="python -m tests.bench", description=__doc__.partition("\n")[0])
    parser.add_argument("--only", choices=PARTS, action="append", help="measure this part; may be given again")
    parser.add_argument("--runs", type=int, default=3, help="runs of each window process (3)")
    parser.add_argument("--moves", type=int, default=40, help="slider moves a run (40)")
    names = [sample.name for sample in sample_images()]
    parser.add_argument("--sample", default=names[0], choices=names, help=f"sample photograph ({names[0]})")
    parser.add_argument("--on-screen", action="store_true", help="use the display's window system")
    parser.add_argument("--compressai", metavar="PYTHON", help="only compare: an interpreter that has CompressAI")
    parser.add_argument("--trained", action="store_true", help="with CompressAI's published weights: a download")
    parser.add_argument("--json", type=Path, help="write every sample to this file")
    options = parser.parse_args()
    parts = options.only or (() if options.compressai else PARTS)
    results: dict[str, Any] = {"machine": machine(), "busy_before": busy_share()}
    print(f"{options.sample}, {WIDTH}x{HEIGHT}; {results['machine']}", flush=True)
    print(busy_sentence(results["busy_before"]), flush=True)
    with tempfile.TemporaryDirectory(prefix="ratelens-bench-") as folder:
        picture = Path(folder) / f"{options.sample}.png"
        save_photograph(options.sample, picture)
        runs = range(options.runs)
        if "start" in parts:
            results["start"] = [child("start", [str(picture)], on_screen=options.on_screen) for _ in runs]
            print("\n" + report_start(results["start"]), flush=True)
        if "window" in parts:
            arguments = [str(picture), str(options.moves), "5"]
            results["window"] = [child("drive", arguments, on_screen=options.on_screen) for _ in runs]
            print("\n" + report_window(results["window"]), flush=True)
        for part, module, title, cores in (
            ("alone", "alone", "By itself, nothing else at work", 0),
            ("one-core", "alone", "The same on one core", 1),
            ("learned", "learned", "Learned codec, all cores", 0),
        ):
            if part in parts:
                arguments = [options.sample, str(REPETITIONS)]
                rows = child_lines(module, arguments, on_screen=options.on_screen, cores=cores)
                results[part] = report_rows(title, rows)
        if options.compressai:
            rows = beside_compressai(options.compressai, options.sample, picture, trained=options.trained)
            results["compressai"] = report_rows(f"{core_count()} threads, the same picture, in turn", rows)
    results["busy_after"] = busy_share()
    if options.json:
        options.json.write_text(json.dumps(results, indent=1))
    print(f"\nAt the end: {load()}. {busy_sentence(results['busy_after'])}")


if __name__ == "__main__":
    main()
