"""What differs from system to system stands in few places, and ARCHITECTURE.md names them."""

from __future__ import annotations

import re

from tests.programs import REPOSITORY

_ASKS = re.compile(r"sys\.platform|os\.name\b|platform\.system\(|\.dylib|\.dll\b|/proc/")


def test_what_asks_for_the_system_is_named() -> None:
    text = (REPOSITORY / "ARCHITECTURE.md").read_text("utf-8")
    section = text[text.index("## Not run here") :]
    named = set(re.findall(r"`([\w/]+\.py)`", section))
    asking = set()
    for folder in ("viewer", "models"):
        for path in (REPOSITORY / folder).rglob("*.py"):
            if _ASKS.search(path.read_text("utf-8")) and "training" not in path.parts:
                asking.add(path.relative_to(REPOSITORY).as_posix().removeprefix("viewer/"))
    assert asking <= named
    assert all((REPOSITORY / name).exists() or (REPOSITORY / "viewer" / name).exists() for name in named)


def test_no_path_of_a_system_is_written_down() -> None:
    written = re.compile(r"""["'](/usr|/etc|/home|/tmp|/var|[A-Z]:\\\\)""")
    for folder in ("viewer", "models"):
        for path in (REPOSITORY / folder).rglob("*.py"):
            assert not written.search(path.read_text("utf-8")), path
