"""The doctor tells what is really there, and what to do about what is not."""

from __future__ import annotations

import tomllib
from importlib import metadata
from pathlib import Path

import pytest
from packaging.requirements import Requirement

from models.weights import load_weights
from tests.programs import REPOSITORY, python
from viewer.cli import doctor
from viewer.cli.doctor import Finding, diagnose, format_findings
from viewer.codecs.learned import WEIGHTS
from viewer.imaging import openjpeg
from viewer.system import resources


@pytest.fixture(scope="module")
def findings() -> dict[str, Finding]:
    return {finding.name: finding for finding in diagnose()}


def test_all_is_well_where_the_tests_run(findings: dict[str, Finding]) -> None:
    assert [finding for finding in findings.values() if not finding.ok] == []


def test_every_dependency_is_reported_with_its_version(findings: dict[str, Finding]) -> None:
    project = tomllib.loads(REPOSITORY.joinpath("pyproject.toml").read_text("utf-8"))["project"]
    for name in (Requirement(text).name for text in project["dependencies"]):
        assert findings[name].found == metadata.version(name)


def test_the_openjpeg_in_use_is_named(findings: dict[str, Finding]) -> None:
    used = openjpeg.library()
    assert findings["OpenJPEG"].found.startswith(f"{used.version}, {used.source}")
    assert used.path is None or str(used.path) in findings["OpenJPEG"].found


def test_the_weights_are_named_by_their_model_id(findings: dict[str, Finding]) -> None:
    path = resources.weights_path(WEIGHTS)
    assert f"model {load_weights(path).model_id.hex()}" in findings["Weights"].found
    assert str(path) in findings["Weights"].found


def test_damaged_weights_are_found(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    cut = tmp_path / WEIGHTS
    cut.write_bytes(resources.weights_path(WEIGHTS).read_bytes()[:-1000])
    monkeypatch.setattr(resources, "weights_path", tmp_path.joinpath)
    finding = next(finding for finding in diagnose() if finding.name == "Weights")
    assert not finding.ok
    assert "damaged" in finding.fix


def test_a_missing_dependency_is_found(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(doctor, "_requirements", lambda: ["no-such-distribution>=3", "numpy", "pillow; extra == 'dev'"])
    found = {finding.name: finding for finding in diagnose()}
    assert found["no-such-distribution"] == Finding(
        "no-such-distribution", "missing", ok=False, fix='pip install "no-such-distribution>=3"'
    )
    assert found["numpy"].ok
    assert "pillow" not in found


def test_an_outdated_dependency_is_found(tmp_path: Path) -> None:
    outdated = tmp_path / "platformdirs-1.0.dist-info"
    outdated.mkdir()
    outdated.joinpath("METADATA").write_text("Metadata-Version: 2.1\nName: platformdirs\nVersion: 1.0\n")
    done = python("-m", "viewer", "doctor", path=(tmp_path, REPOSITORY))
    assert done.returncode == 1
    assert "1.0, but needs >=4" in done.stdout
    assert 'fix: pip install "platformdirs>=4"' in done.stdout
    assert "Problems found: platformdirs." in done.stdout


def test_a_dependency_that_does_not_load_is_found(tmp_path: Path) -> None:
    tmp_path.joinpath("constriction.py").write_text("raise OSError('libm.so.6: version GLIBC_9 not found')\n")
    done = python("-m", "viewer", "doctor", path=(tmp_path, REPOSITORY))
    assert done.returncode == 1
    assert "but cannot be imported: libm.so.6: version GLIBC_9 not found" in done.stdout
    assert "pip install --force-reinstall constriction==" in done.stdout


def test_the_doctor_speaks_where_nothing_else_starts(tmp_path: Path) -> None:
    for module in ("numpy", "PIL", "glymur", "torch", "PySide6"):
        tmp_path.joinpath(f"{module}.py").write_text(f"raise ImportError('{module} is broken')\n")
    done = python("-m", "viewer.cli.doctor", path=(tmp_path, REPOSITORY))
    assert done.returncode == 1
    assert done.stderr == ""
    broken = {"numpy", "pillow", "glymur", "torch", "PySide6-Essentials", "OpenJPEG", "Weights"}
    verdict = done.stdout.splitlines()[-1].removeprefix("Problems found: ").removesuffix(".")
    assert broken <= set(verdict.split(", "))


def test_without_a_display_the_doctor_is_content_and_says_so() -> None:
    done = python("-m", "viewer", "doctor")
    assert done.returncode == 0
    assert "no window can be opened" in done.stdout
    assert "ratelens compare" in done.stdout
    assert done.stdout.endswith("\nNo problems found.\n")


def test_the_report_is_aligned_and_ends_with_a_verdict() -> None:
    text = format_findings(
        (Finding("Long name", "1.0", ok=True), Finding("X", "missing", ok=False, fix="pip install X"))
    )
    assert text.splitlines() == [
        "ok   Long name  1.0",
        "BAD  X          missing",
        "                fix: pip install X",
        "",
        "Problems found: X.",
    ]
