"""Starts the bundle in dist/ and checks it: its version, its figures against those of this checkout, a sweep in several
processes, and, where there is a display or xvfb-run, its window. `make bundle-test` runs this.
"""

from __future__ import annotations

import csv
import json
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path

import numpy as np
from PIL import Image

ROOT = Path(__file__).parents[2]
PROGRAM = ROOT / "dist" / "RateLens" / ("RateLens.exe" if os.name == "nt" else "RateLens")
PYTHON = (sys.executable, "-m", "viewer")
SAMPLE = ROOT / "assets" / "samples" / "heron.webp"
SIZE = (1280, 800)


def output(command: Sequence[object], folder: Path) -> str:
    """What a command prints, run in a folder without the checkout's modules in its path. Exits where it fails."""
    words = [str(word) for word in command]
    path = {"PYTHONPATH": str(ROOT)} if words[0] == sys.executable else {}
    environment = {name: value for name, value in os.environ.items() if name != "PYTHONPATH"} | path
    done = subprocess.run(
        words, cwd=folder, env=environment, check=False, stdout=subprocess.PIPE, text=True, encoding="utf-8"
    )
    if done.returncode:
        sys.exit(f"{' '.join(words)} failed with {done.returncode}")
    return done.stdout


def require(condition: bool, sentence: str) -> None:
    """Exit with a sentence unless the condition holds."""
    if not condition:
        sys.exit(sentence)


def figures(start: Sequence[object], folder: Path) -> dict[str, tuple[float, ...]]:
    """Bytes, PSNR and MS-SSIM of every codec at 0.25 bpp, by the command that starts RateLens. Qualities are rounded to
    nine decimals: the last bit of a double differs from run to run, here as there.
    """
    printed = json.loads(output([*start, "compare", SAMPLE, "--bpp", "0.25", "--json"], folder))
    keys = ("bytes", "psnr_rgb", "ms_ssim_rgb")
    return {result["codec"]: tuple(round(result[key], 9) for key in keys) for result in printed["results"]}


def check_sweep(folder: Path) -> int:
    """A sweep of two pictures, which starts processes; returns the number of rows."""
    pictures = folder / "pictures"
    pictures.mkdir()
    for number in range(2):
        with Image.open(SAMPLE) as picture:
            picture.crop((200 * number, 200, 200 * number + 192, 392)).save(pictures / f"{number}.png")
    results = folder / "results.csv"
    output([PROGRAM, "sweep", pictures, "--out", results, "--bpp", "0.5", "--jobs", "2"], folder)
    with results.open(encoding="utf-8", newline="") as lines:
        rows = list(csv.DictReader(line for line in lines if not line.startswith("#")))
    found = {(row["image"], row["codec"]) for row in rows}
    require(len(found) == 6, f"The sweep measured {sorted(found)} instead of three codecs on two pictures.")
    return len(rows)


def check_window(folder: Path) -> Path | None:
    """Screenshot of the window, kept beside the bundle; None without a display."""
    shown = bool(os.environ.get("DISPLAY") or os.environ.get("WAYLAND_DISPLAY")) or os.name == "nt"
    virtual = shutil.which("xvfb-run")
    if not shown and virtual is None:
        return None
    screenshot = PROGRAM.parents[1] / "window.png"
    size = "x".join(map(str, SIZE))
    command = [PROGRAM, SAMPLE, "--screenshot", screenshot, "--size", size, "--force"]
    output(command if virtual is None else [virtual, "-a", *command], folder)
    with Image.open(screenshot) as picture:
        pixels = np.asarray(picture.convert("RGB"))
    require(pixels.shape == (SIZE[1], SIZE[0], 3), f"The window's picture has the shape {pixels.shape}.")
    require(len(np.unique(pixels.reshape(-1, 3), axis=0)) > 1000, f"The window is empty: see {screenshot}.")
    return screenshot


def main() -> None:
    """Run the checks, and print what was found."""
    require(PROGRAM.is_file(), f"There is no {PROGRAM}: run “make bundle” first.")
    size_bytes = sum(path.lstat().st_size for path in PROGRAM.parent.rglob("*") if not path.is_symlink())
    print(f"{PROGRAM.parent}: {size_bytes / 1e6:.0f} MB")
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        versions = [output([*start, "--version"], folder).strip() for start in ((PROGRAM,), PYTHON)]
        require(versions[0] == versions[1], f"The bundle says “{versions[0]}”, the checkout “{versions[1]}”.")
        print(versions[0])
        bundled, ours = figures((PROGRAM,), folder), figures(PYTHON, folder)
        require(bundled == ours, f"The figures differ:\nbundle   {bundled}\ncheckout {ours}")
        print(f"Same figures as the checkout: {bundled}")
        print(f"Sweep in two processes: {check_sweep(folder)} rows")
        screenshot = check_window(folder)
    print(f"Window: {screenshot}" if screenshot else "Window: not checked, for lack of a display and of xvfb-run")


if __name__ == "__main__":
    main()
