"""The second validation set, 20 photographs from Debian: python -m models.training.pictures.wallpapers OUT.

Downloads packages of wallpapers with apt-get, and scales each photograph down by 3 or more, so that no trace of JPEG is
left. It needs a Debian system and its package lists (apt-get update); nothing is installed.
"""

from __future__ import annotations

import argparse
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Final

from PIL import Image

_LEAST_REDUCTION: Final = 3.0
_LONGEST_SIDE: Final = 800

_NATURE: Final = tuple(
    f"usr/share/backgrounds/mate/nature/{name}.jpg"
    for name in ("Blinds", "Dune", "Garden", "LadyBird", "RainDrops", "TwoWings")
)
_PLASMA: Final = tuple(f"usr/share/wallpapers/{name}/contents/images/2560x1600.jpg" for name in ("FallenLeaf", "Path"))
_LOMIRI: Final = tuple(
    f"usr/share/backgrounds/{name}.jpg"
    for name in (
        "Bridge_by_Sander_Klootwijk",
        "Dragonfly_by_Bolly",
        "Picture_0B_by_freespace",
        "Picture_1A_by_freespace",
        "Wine_by_Jakkub_Mede",
        "aitzgorri_by_Aitzol_Berasategi",
        "free_by_Peter_Nerlich",
        "friends_by_Aitzol_Berasategi",
        "greentock_by_Peter_Nerlich",
        "life_by_Aitzol_Berasategi",
        "picosdeeuropa_by_Aitzol_Berasategi",
        "sunset_by_Aitzol_Berasategi",
    )
)

PACKAGES: Final = {
    "lomiri-wallpapers-16.04": _LOMIRI,
    "mate-backgrounds": _NATURE,
    "plasma-workspace-wallpapers": _PLASMA,
}
"""Which photographs of which package, paths within it. Licences: CC BY 4.0 and CC BY-SA 4.0; GPL-2+; GPL-2+."""


def reduced(picture: Image.Image) -> Image.Image:
    """A picture scaled down with Lanczos by 3, or by more until its sides are at most 800 pixels."""
    factor = max(_LEAST_REDUCTION, max(picture.size) / _LONGEST_SIDE)
    size = int(picture.width / factor), int(picture.height / factor)
    return picture.convert("RGB").resize(size, Image.Resampling.LANCZOS)


def name_of(path: Path) -> str:
    """What a photograph is called: its file's name, or its folder's where that is a size."""
    return path.stem if not path.stem[0].isdigit() else path.parents[2].name


def unpack(package: str, folder: Path) -> None:
    """Download a package into a folder and unpack it there. Raises CalledProcessError."""
    subprocess.run(["apt-get", "download", "-qq", package], cwd=folder, check=True)
    (archive,) = folder.glob(f"{package}_*.deb")
    subprocess.run(["dpkg-deb", "-x", archive, folder], check=True)


def main(arguments: list[str]) -> int:
    """Make the set as the command line says."""
    parser = argparse.ArgumentParser(prog="python -m models.training.pictures.wallpapers", description=__doc__)
    parser.add_argument("out", type=Path, help="folder for the pictures")
    out: Path = parser.parse_args(arguments).out
    if not (shutil.which("apt-get") and shutil.which("dpkg-deb")):
        parser.error("This needs apt-get and dpkg-deb: run it on a Debian system.")
    out.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as folder:
        for package, paths in PACKAGES.items():
            unpack(package, Path(folder))
            for path in paths:
                with Image.open(Path(folder) / path) as picture:
                    reduced(picture).save(out / f"{name_of(Path(path))}.png")
    print(f"{sum(map(len, PACKAGES.values()))} photographs in {out}")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
