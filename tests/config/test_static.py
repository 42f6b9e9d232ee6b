"""Styles, icons and scripts as they are served: complete, small, and nothing too much."""

import gzip
import re
from pathlib import Path

import pytest
from django.conf import settings
from django.contrib.staticfiles.storage import staticfiles_storage
from django.test import Client

from activity.catalogue import KINDS, kind_of
from config.storage import STYLESHEETS, joined
from contacts.palette import PAGES
from tests.builders import make_user

ROOT = settings.BASE_DIR
STATIC = ROOT / "static"
APPS = ("accounts", "activity", "config", "contacts")


def served(name: str) -> str:
    """Return a static file as it is served."""
    return Path(staticfiles_storage.path(staticfiles_storage.stored_name(name))).read_text()


def icons_in_use() -> set[str]:
    """Return the icons that templates and modules name, and those of events and of the palette."""
    templates = "".join(path.read_text() for path in (ROOT / "templates").rglob("*.html"))
    modules = "".join(path.read_text() for app in APPS for path in (ROOT / app).rglob("*.py"))
    named = re.findall(r'{% icon "([\w-]+)"', templates) + re.findall(
        r'\bicon\("([\w-]+)"', modules
    )
    listed = {*(kind.icon for kind in KINDS), *(page.icon for page in PAGES)}
    return {*named, *listed, kind_of("no.such_kind").icon}


def test_the_sprite_has_exactly_the_icons_in_use() -> None:
    drawn = set(re.findall(r'<symbol id="([\w-]+)"', (STATIC / "icons.svg").read_text()))
    missing, unused = icons_in_use() - drawn, drawn - icons_in_use()
    assert not missing, "take them from lucide-static into static/icons.svg"
    assert not unused, "take them out of static/icons.svg"


@pytest.mark.parametrize("sheet", STYLESHEETS)
def test_a_stylesheet_is_one_piece(sheet: str) -> None:
    css = served(sheet)
    assert "@import" not in css
    assert css.count("{") == css.count("}")


@pytest.mark.parametrize(
    "sheets",
    [
        pytest.param(["css/app.css"], id="list-and-contact"),
        pytest.param(["css/app.css", "css/desk.css"], id="other-pages-of-the-team"),
        pytest.param(["css/app.css", "css/public.css"], id="signed-out-and-portal"),
    ],
)
def test_what_a_page_loads_of_style_is_less_than_20_kb(sheets: list[str]) -> None:
    assert sum(len(gzip.compress(served(sheet).encode())) for sheet in sheets) < 20_000


@pytest.mark.django_db
def test_the_administration_has_the_colours_of_the_other_pages(client: Client) -> None:
    client.force_login(make_user("administrator", name="Ada"))
    page = client.get("/admin/").content.decode()
    sheets = re.findall(r'<link rel="stylesheet" href="([^"]+)"', page)
    ours = staticfiles_storage.url("css/sheet/admin.css")
    assert ours in sheets[1:], "after Django's own, which it overrules"
    tokens = Path(staticfiles_storage.stored_name("css/tokens.css")).name
    assert f'@import url("../{tokens}")' in served("css/sheet/admin.css")


def test_every_part_of_style_is_in_a_stylesheet_and_in_none_twice() -> None:
    sheets = {Path(sheet).name for sheet in STYLESHEETS}
    parts = {path.name for path in (STATIC / "css").glob("*.css")} - sheets
    imported = {
        sheet: re.findall(
            r'^@import url\("([\w.-]+)"\)', (STATIC / "css" / sheet).read_text(), re.M
        )
        for sheet in sheets
    }
    assert parts == {part for named in imported.values() for part in named}
    for sheet, named in imported.items():
        assert len(named) == len(set(named)), sheet
        assert sheet == "app.css" or not set(named) & set(imported["app.css"])


def test_parts_are_joined_in_their_layer_and_medium(tmp_path: Path) -> None:
    (tmp_path / "a.css").write_text("/* as we\nlike it */\na { color: red; }\n")
    (tmp_path / "b.css").write_text("b { color: blue; }\n")
    (tmp_path / "app.css").write_text(
        '@layer base, late;\n@import url("a.css");\n@import url("a.css") layer(base);\n'
        '@import url("b.css") layer(late) print;\n'
    )
    expected = """
        @layer base, late;
        a { color: red; }
        @layer base { a { color: red; } }
        @media print { @layer late { b { color: blue; } } }
    """
    assert joined(tmp_path / "app.css").split() == expected.split()


def test_every_colour_comes_from_the_tokens() -> None:
    colour = re.compile(r"#[0-9a-f]{3,8}\b|\b(?:rgb|hsl)a?\(", re.I)
    assert not [
        path.name for path in (STATIC / "css").glob("*.css") if colour.search(path.read_text())
    ]


def test_nothing_moves_for_who_asked_for_less_motion() -> None:
    """Every page loads the sheet, and no other part can outdo what is important in its base."""
    asked = r"@media \(prefers-reduced-motion: reduce\) \{\s*\*, \*::before, \*::after \{(.*?)\}"
    [rule] = re.findall(asked, served("css/app.css"), re.S)
    stilled = {"animation-duration: 1ms", "transition: none", "scroll-behavior: auto"}
    assert stilled <= {each.strip() for each in re.findall(r"([^;{}]+) !important", rule)}


def test_our_own_script_stays_small() -> None:
    scripts = [served(f"js/{path.name}") for path in (STATIC / "js").glob("*.js")]
    assert sum(len(gzip.compress(script.encode())) for script in scripts) < 10 * 1024


def test_a_script_is_served_without_what_is_there_for_its_writer() -> None:
    source, script = (STATIC / "js/forms.js").read_text(), served("js/forms.js")
    assert len(script) < len(source) * 0.9
    assert "// " in source
    assert "// " not in script


@pytest.mark.parametrize("name", ["htmx", "lucide", "text-expander"])
def test_what_others_made_brings_its_licence(name: str) -> None:
    licence = " ".join((STATIC / "vendor" / name / "LICENSE").read_text().split())
    assert re.search("(?i)permission to use, copy, modify|without restriction", licence)


def test_the_typeface_brings_its_licence() -> None:
    assert "SIL OPEN FONT LICENSE" in (STATIC / "fonts/LICENSE-inter.txt").read_text().upper()


@pytest.mark.django_db
def test_a_browser_asks_for_each_file_only_once(client: Client) -> None:
    page = client.get("/accounts/login/").content.decode()
    files = set(re.findall(r'(?:href|src)="(/static/[^"#]+)"', page))
    assert {"css", "js", "png", "svg", "woff2"} == {file.rpartition(".")[2] for file in files}
    for file in files:
        answer = client.get(file)
        answer.close()
        assert answer.status_code == 200
        assert "immutable" in answer.headers["Cache-Control"]
