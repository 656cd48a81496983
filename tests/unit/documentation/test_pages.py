"""The pages hold together: links lead somewhere, the index is whole, guides use the screens' words."""

from __future__ import annotations

import re
import subprocess
from pathlib import Path
from urllib.parse import unquote

import pytest

from tests.e2e.screenshots import NO_SCREENS, PICTURE_OF
from tests.unit.documentation.pages import DOCS, ROOT, page, pages

PICTURES = DOCS / "images"
LINK = re.compile(r"\]\(([^)\s#]+)[^)]*\)")
MENTION = re.compile(r"docs/[\w./-]*\w\.(?:md|json)")
MESSAGES = "console/web/src/messages"


def links(path: Path) -> list[Path]:
    """The files that a page links to."""
    text = re.sub(r"```.*?```", "", path.read_text(encoding="utf-8"), flags=re.DOTALL)
    inside = [target for target in LINK.findall(text) if "://" not in target]
    return [(path.parent / unquote(target)).resolve() for target in inside]


def sources() -> list[Path]:
    """Every source file of the product."""
    names = subprocess.run(
        ["git", "ls-files", "*.py", "*.ts", "*.vue", "Makefile", "deploy/*"],
        cwd=ROOT,
        capture_output=True,
        check=True,
        text=True,
    ).stdout
    found = [ROOT / name for name in names.splitlines()]
    return [path for path in found if path.is_file() and "tests" not in path.relative_to(ROOT).parts]


def labels(language: str, group: str) -> dict[str, str]:
    """The words of one group of the screens' messages."""
    text = "".join(
        path.read_text(encoding="utf-8") for path in sorted((ROOT / MESSAGES / language).glob("*.ts"))
    )
    body = re.search(rf"^  {group}: {{\n(.*?)^  }},", text, flags=re.DOTALL | re.MULTILINE)
    assert body is not None, f"there is no group '{group}' in the messages"
    return dict(re.findall(r'^    (\w+): "(.*)",$', body.group(1), flags=re.MULTILINE))


@pytest.mark.parametrize("path", pages(), ids=lambda path: str(path.relative_to(ROOT)))
def test_links_lead_to_files(path: Path) -> None:
    assert [target for target in links(path) if PICTURES not in target.parents and not target.exists()] == []


def test_pictures_are_there() -> None:
    wanted = {target for path in pages() for target in links(path) if PICTURES in target.parents}
    assert {target for target in wanted if not target.exists()} == set()


@pytest.mark.parametrize("language", ["en", "zh-CN"])
def test_each_screen_has_its_picture(language: str) -> None:
    routes = re.findall(r'path: "[^"]+", name: "([^"]+)"', page("console/web/src/router.ts"))
    assert len(routes) > 25
    screens = {PICTURE_OF.get(route, route) for route in routes if route not in NO_SCREENS}
    wanted = {PICTURES / f"{screen}.{language}{theme}.png" for screen in screens for theme in ("", ".dark")}
    wanted -= {PICTURES / f"wall.{language}.dark.png"}  # it is dark in either theme
    assert {path.name for path in wanted if not path.exists()} == set()


def test_the_index_lists_every_page() -> None:
    assert {path for path in DOCS.rglob("*.md") if path.name != "README.md"} <= set(links(DOCS / "README.md"))


def test_code_mentions_only_pages_that_exist() -> None:
    missing = {
        f"{path.relative_to(ROOT)}: {mentioned}"
        for path in sources()
        for mentioned in MENTION.findall(path.read_text(encoding="utf-8", errors="replace"))
        if not (ROOT / mentioned).exists()
    }
    assert missing == set()


@pytest.mark.parametrize("language", ["en", "zh-CN"])
@pytest.mark.parametrize("group", ["window", "kind", "severity", "status"])
def test_the_guide_uses_the_words_of_the_screens(language: str, group: str) -> None:
    guide = page(f"docs/user-guide.{language}.md")
    words = {
        key: word for key, word in labels(language, group).items() if key not in {"number", "unknownHint"}
    }
    assert len(words) >= 3
    assert {key: word for key, word in words.items() if word not in guide} == {}


@pytest.mark.parametrize("language", ["en", "zh-CN"])
def test_the_guide_names_every_key_of_the_key_sheet(language: str) -> None:
    sheet = re.findall(r'\["([^"]+)", "keys\.', page("console/web/src/shell/KeySheet.vue"))
    keys = {key for entry in sheet for key in entry.split()}
    guide = page(f"docs/user-guide.{language}.md")
    assert {key for key in keys if f"`{key}`" not in guide} == set()


def test_both_readmes_name_the_same_commands() -> None:
    def commands(name: str) -> set[str]:
        inline = re.findall(r"`(make [a-z-]+|hallwatch [a-z]+)", page(name))
        lines = re.findall(
            r"^ *(make [a-z]+|.*\.venv/bin/hallwatch .*?)(?: +#.*)?$", page(name), flags=re.MULTILINE
        )
        return {*inline, *(line.strip() for line in lines)}

    english, chinese = commands("README.md"), commands("README.zh-CN.md")
    assert len(english) > 10
    assert chinese == english
