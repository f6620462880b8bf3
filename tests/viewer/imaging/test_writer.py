"""Writing files."""

from __future__ import annotations

import errno
import io
import os
import stat
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import numpy as np
import pytest
from PIL import Image as PillowImage

from models.errors import OutputError
from tests.photographs import noise
from tests.programs import python
from viewer.imaging.writer import check_overwrite, png_bytes, reason_and_advice, write_file


def test_png_is_lossless() -> None:
    pixels = noise(13, 17).pixels
    with PillowImage.open(io.BytesIO(png_bytes(pixels))) as picture:
        assert np.array_equal(np.asarray(picture), pixels)


def test_an_old_file_is_kept_unless_forced(tmp_path: Path) -> None:
    path = tmp_path / "out.bin"
    write_file(path, b"old")
    with pytest.raises(OutputError, match="already exists: add --force"):
        write_file(path, b"new")
    assert path.read_bytes() == b"old"
    write_file(path, b"new", force=True)
    assert path.read_bytes() == b"new"
    assert [path.name for path in tmp_path.iterdir()] == ["out.bin"]


def test_folders_are_made(tmp_path: Path) -> None:
    write_file(tmp_path / "a" / "b" / "out.bin", b"x")
    assert (tmp_path / "a" / "b" / "out.bin").read_bytes() == b"x"


def test_a_folder_in_the_way(tmp_path: Path) -> None:
    for force in (False, True):
        with pytest.raises(OutputError, match="is a folder: give the name of a file"):
            write_file(tmp_path, b"x", force=force)


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="has no pipes with names")
def test_a_pipe_or_a_device_is_not_replaced(tmp_path: Path) -> None:
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    with pytest.raises(OutputError, match="is a device or a pipe"):
        write_file(pipe, b"x", force=True)
    assert pipe.is_fifo()


def test_an_impossible_place_gets_a_sentence(tmp_path: Path) -> None:
    (tmp_path / "file").write_bytes(b"x")
    with pytest.raises(OutputError, match=r"cannot be written \(Not a directory\): part of its path is a file"):
        write_file(tmp_path / "file" / "out.bin", b"x")


@pytest.mark.skipif(sys.platform == "win32", reason="names that are too long do not exist there")
@pytest.mark.parametrize("force", [False, True])
def test_a_place_that_cannot_be_asked_about_gets_a_sentence(force: bool, tmp_path: Path) -> None:
    with pytest.raises(OutputError, match=r"cannot be written \(File name too long\)"):
        write_file(tmp_path / ("n" * 300) / "out.bin", b"x", force=force)


@contextmanager
def files_of_at_most(byte_count: int) -> Iterator[None]:
    """The system writes no more into any file, as on a full disk."""
    resource = pytest.importorskip("resource")
    limits = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (byte_count, limits[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, limits)


def names_in(folder: Path) -> list[str]:
    """What is in a folder, what is hidden too."""
    return sorted(path.name for path in folder.iterdir())


def test_a_full_disk_leaves_the_old_file_whole(tmp_path: Path) -> None:
    path = tmp_path / "out.bin"
    write_file(path, b"old")
    with files_of_at_most(1000), pytest.raises(OutputError, match="File too large"):
        write_file(path, b"new" * 10_000, force=True)
    assert path.read_bytes() == b"old"
    assert names_in(tmp_path) == ["out.bin"]


@pytest.mark.skipif(sys.platform == "win32", reason="needs a right there")
@pytest.mark.parametrize("is_there", [True, False])
def test_a_link_stays_one_and_what_it_leads_to_is_written(is_there: bool, tmp_path: Path) -> None:
    target = tmp_path / "elsewhere" / "target.bin"
    target.parent.mkdir()
    if is_there:
        target.write_bytes(b"old")
    link = tmp_path / "link.bin"
    link.symlink_to("elsewhere/target.bin")
    write_file(link, b"new", force=True)
    assert link.is_symlink()
    assert target.read_bytes() == b"new"
    assert names_in(tmp_path) == ["elsewhere", "link.bin"]
    assert names_in(target.parent) == ["target.bin"]


@pytest.mark.skipif(sys.platform == "win32", reason="needs a right there")
def test_links_that_lead_nowhere_are_said_and_stay(tmp_path: Path) -> None:
    ring, lost = tmp_path / "ring", tmp_path / "lost"
    ring.symlink_to("ring")
    lost.symlink_to(tmp_path / "unplugged" / "out.bin")
    with pytest.raises(OutputError, match="form a loop"):
        write_file(ring, b"x", force=True)
    with pytest.raises(OutputError, match=r"is a link to .*, whose folder does not exist"):
        write_file(lost, b"x", force=True)
    assert names_in(tmp_path) == ["lost", "ring"]
    assert ring.is_symlink()
    assert lost.is_symlink()


@pytest.mark.skipif(sys.platform == "win32", reason="has no such modes")
@pytest.mark.parametrize("mode", [0o600, 0o640, 0o755])
def test_an_old_file_keeps_its_mode_and_its_owner(mode: int, tmp_path: Path) -> None:
    path = tmp_path / "out.bin"
    path.write_bytes(b"old")
    path.chmod(mode)
    if os.getuid() == 0:
        os.chown(path, 1234, 2345)
    before = path.stat()
    write_file(path, b"new", force=True)
    after = path.stat()
    assert path.read_bytes() == b"new"
    assert stat.S_IMODE(after.st_mode) == mode
    assert (after.st_uid, after.st_gid) == (before.st_uid, before.st_gid)


@pytest.mark.skipif(not hasattr(os, "setxattr"), reason="attributes are Linux's here")
def test_an_old_file_keeps_attributes_of_its_own(tmp_path: Path) -> None:
    path = tmp_path / "out.bin"
    path.write_bytes(b"old")
    try:
        os.setxattr(path, "user.note", b"mine")
    except OSError:
        pytest.skip("this file system has no attributes")
    write_file(path, b"new", force=True)
    assert os.getxattr(path, "user.note") == b"mine"
    assert path.read_bytes() == b"new"


@pytest.mark.skipif(sys.platform == "win32", reason="has no such modes")
def test_a_new_file_has_the_mode_that_new_files_have(tmp_path: Path) -> None:
    """And asking for it does not change it for other threads: there is one mask for all of them."""
    before = os.umask(0o027)
    try:
        write_file(tmp_path / "out.bin", b"x")
        assert stat.S_IMODE((tmp_path / "out.bin").stat().st_mode) == 0o640
        assert os.umask(0o027) == 0o027
    finally:
        os.umask(before)


def test_a_write_protected_file_is_not_written_whoever_asks(tmp_path: Path) -> None:
    path = tmp_path / "out.bin"
    path.write_bytes(b"old")
    path.chmod(0o444)
    with pytest.raises(OutputError, match=r"“.*out\.bin” is write-protected: allow writing to it"):
        check_overwrite([path], force=True)
    with pytest.raises(OutputError, match="is write-protected"):
        write_file(path, b"new", force=True)
    assert path.read_bytes() == b"old"
    path.chmod(0o644)


def hard_linked(folder: Path, content: bytes) -> tuple[Path, Path]:
    """One file with two names."""
    one, other = folder / "one.bin", folder / "other.bin"
    one.write_bytes(content)
    other.hardlink_to(one)
    return one, other


@pytest.mark.parametrize(("before", "after"), [(b"old", b"longer"), (b"longer", b"new")])
def test_hard_links_stay_one_file(before: bytes, after: bytes, tmp_path: Path) -> None:
    one, other = hard_linked(tmp_path, before)
    write_file(one, after, force=True)
    assert one.read_bytes() == other.read_bytes() == after
    assert one.samefile(other)
    assert names_in(tmp_path) == ["one.bin", "other.bin"]


def test_a_full_disk_leaves_hard_links_whole(tmp_path: Path) -> None:
    one, other = hard_linked(tmp_path, b"old" * 100)
    with files_of_at_most(1000), pytest.raises(OutputError, match=r"cannot be written \(File too large\)"):
        write_file(one, b"new" * 10_000, force=True)
    assert one.read_bytes() == other.read_bytes() == b"old" * 100
    assert names_in(tmp_path) == ["one.bin", "other.bin"]


KILLED = """
import os, sys
from pathlib import Path
from viewer.imaging.writer import write_file

real, calls = os.fsync, []

def fsync(handle):
    calls.append(handle)
    if len(calls) == 2:  # the first is of what the file held
        os._exit(9)
    real(handle)

os.fsync = fsync
write_file(Path(sys.argv[1]), b"new", force=True)
"""


def test_a_process_that_is_killed_over_hard_links_leaves_what_they_held(tmp_path: Path) -> None:
    one, _other = hard_linked(tmp_path, b"old" * 100)
    assert python("-c", KILLED, one).returncode == 9
    (kept,) = tmp_path.glob(".one.bin.*.part")
    assert kept.read_bytes() == b"old" * 100


@pytest.mark.skipif(sys.platform == "win32", reason="names are counted otherwise there")
@pytest.mark.parametrize("name", ["n" * 241, "n" * 255, "ä" * 127, "漢" * 85], ids=["241", "255", "2x127", "3x85"])
def test_the_longest_names_are_written(name: str, tmp_path: Path) -> None:
    for data in (b"old", b"new"):
        write_file(tmp_path / name, data, force=True)
        assert (tmp_path / name).read_bytes() == data
    assert names_in(tmp_path) == [name]


@pytest.mark.skipif(sys.platform == "win32", reason="names are counted otherwise there")
def test_a_name_that_is_too_long_is_said_to_be(tmp_path: Path) -> None:
    with pytest.raises(OutputError, match=r"cannot be written \(File name too long\): give a shorter name\.$"):
        write_file(tmp_path / ("n" * 256), b"x")
    assert names_in(tmp_path) == []


@pytest.mark.parametrize(
    ("number", "advice"),
    [
        (errno.ENOSPC, "free some space"),
        (errno.EACCES, "check the permissions"),
        (errno.ENAMETOOLONG, "give a shorter name"),
        (errno.EIO, "choose another place"),
    ],
)
def test_what_is_to_be_done_follows_the_reason(number: int, advice: str) -> None:
    text = reason_and_advice(OSError(number, os.strerror(number)))
    assert text.startswith(f"({os.strerror(number)}): {advice}")
    assert "room" not in text or number == errno.ENOSPC
