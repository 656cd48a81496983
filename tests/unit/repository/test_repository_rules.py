"""The rules of this repository that no linter knows."""

from __future__ import annotations

import ast
import json
import re
import subprocess
from functools import cache
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[3]
PACKAGES = ("hall", "store", "bus", "capture", "analysis", "alerts", "console", "hallwatch", "fixtures")
LONGEST_MODULE = 450
VAGUE_NAMES = {"utils", "util", "helpers", "helper", "common", "manager", "managers", "misc"}
# Written in pieces, so that this file does not break its own rule.
REGISTRIES = (
    "registry" + ".npmjs.org",
    "registry" + ".npmmirror.com",
    "pypi" + ".org",
    "files" + ".pythonhosted.org",
    "pypi" + ".tuna.tsinghua",
    "mirrors" + ".aliyun.com",
    "deb" + ".debian.org",
)


@cache
def repository_files() -> tuple[Path, ...]:
    """Every file that is, or is about to be, in the repository."""
    listed = subprocess.run(
        ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
        cwd=ROOT,
        capture_output=True,
        check=True,
        text=True,
    ).stdout
    return tuple(sorted(path for name in listed.split("\0") if name and (path := ROOT / name).is_file()))


def package_modules() -> list[Path]:
    """The Python modules of the product."""
    return [
        path
        for path in repository_files()
        if path.suffix == ".py" and path.relative_to(ROOT).parts[0] in PACKAGES
    ]


def texts() -> list[tuple[str, str]]:
    """Name and content of every text file, licences and lock files included."""
    found = []
    for path in repository_files():
        content = path.read_bytes()
        if b"\0" not in content[:8000]:
            found.append((str(path.relative_to(ROOT)), content.decode("utf-8", errors="replace")))
    return found


def pins(requirements: str) -> dict[str, str]:
    """Package name to version."""
    text = (ROOT / "requirements" / requirements).read_text()
    return dict(re.findall(r"^([a-z0-9][a-z0-9._-]*)==(\S+)", text, flags=re.MULTILINE))


def documented_make_targets(text: str) -> set[str]:
    """The chores of the Makefile: its targets that carry an explanation."""
    return set(re.findall(r"^([a-z-]+):.*## ", text, flags=re.MULTILINE))


def test_the_product_has_modules_to_judge() -> None:
    judged = {path.relative_to(ROOT).parts[0] for path in package_modules()}
    assert judged == set(PACKAGES)


def test_no_file_names_a_package_registry() -> None:
    assert [(name, address) for name, text in texts() for address in REGISTRIES if address in text] == []


def test_lock_files_record_no_download_address() -> None:
    recorded = [
        f"{path.relative_to(ROOT)}: {package}"
        for path in repository_files()
        if path.name == "package-lock.json"
        for package, entry in json.loads(path.read_text())["packages"].items()
        if "resolved" in entry and not entry.get("link")
    ]
    assert recorded == []


@pytest.mark.parametrize("requirements", ["run.txt", "demo.txt", "dev.txt", "model.txt", "node.txt"])
def test_every_requirement_has_an_exact_version_and_a_hash(requirements: str) -> None:
    text = (ROOT / "requirements" / requirements).read_text()
    lines = [
        line for line in text.replace("\\\n", " ").splitlines() if line and not line.lstrip().startswith("#")
    ]
    assert lines
    assert [
        line for line in lines if not re.match(r"[a-z0-9._-]+==\S+ .*--hash=sha256:[0-9a-f]{64}", line)
    ] == []


@pytest.mark.parametrize(("smaller", "greater"), [("run.txt", "demo.txt"), ("demo.txt", "dev.txt")])
def test_requirement_files_agree_with_each_other(smaller: str, greater: str) -> None:
    assert pins(smaller).items() <= pins(greater).items()


def test_modules_stay_short() -> None:
    lengths = {str(path.relative_to(ROOT)): len(path.read_text().splitlines()) for path in package_modules()}
    assert {name: length for name, length in lengths.items() if length > LONGEST_MODULE} == {}


def test_every_module_says_what_it_is_for() -> None:
    silent = [
        str(path.relative_to(ROOT))
        for path in package_modules()
        if not ast.get_docstring(ast.parse(path.read_text()))
    ]
    assert silent == []


def test_no_module_hides_behind_a_vague_name() -> None:
    vague = [
        str(path.relative_to(ROOT))
        for path in repository_files()
        if path.suffix in {".py", ".ts", ".vue"}
        and VAGUE_NAMES.intersection({*path.relative_to(ROOT).parent.parts, path.stem})
    ]
    assert vague == []


def test_continuous_integration_runs_make_check_and_make_test_and_nothing_else() -> None:
    lines = (ROOT / ".ci" / "run").read_text().splitlines()
    commands = [line for line in lines if line and not line.startswith(("#", "set ", "cd "))]
    assert commands == ["make check", "make test"]


def test_every_chore_explains_itself() -> None:
    makefile = (ROOT / "Makefile").read_text()
    phony = re.findall(r"^\.PHONY: (.*)$", makefile, flags=re.MULTILINE)
    assert documented_make_targets(makefile) == set(" ".join(phony).split())


def test_the_readme_names_every_chore() -> None:
    readme = (ROOT / "README.md").read_text()
    chores = documented_make_targets((ROOT / "Makefile").read_text()) - {"help"}
    assert {chore for chore in chores if f"make {chore}" not in readme} == set()
