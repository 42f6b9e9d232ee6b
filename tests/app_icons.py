"""Draws the icons of Annals as an installed app: `python -m tests.app_icons`.

Writes static/icons/*.png from the rings of templates/_mark.html.
"""

import re
from pathlib import Path

from playwright.sync_api import sync_playwright

from tests.browsers import CHROMIUM_FLAGS
from tests.chromium import find_or_install

ROOT = Path(__file__).resolve().parent.parent
FOLDER = ROOT / "static" / "icons"
ACCENT = "#1e57c7"  # --accent-fill of static/css/tokens.css, as it is in the light
# name, pixels, the corners' radius and the rings' size as parts of the whole. A mask may cut off
# all beyond four fifths; Apple rounds the corners itself and knows no transparency.
DRAWN = (
    ("app-192", 192, 0.22, 0.62),
    ("app-512", 512, 0.22, 0.62),
    ("app-maskable-512", 512, 0, 0.5),
    ("apple-touch-icon", 180, 0, 0.62),
)


def main() -> None:
    """Draw all of them."""
    FOLDER.mkdir(exist_ok=True)
    rings = re.sub(r"{#.*?#}", "", (ROOT / "templates/_mark.html").read_text(), flags=re.S)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=find_or_install(), args=CHROMIUM_FLAGS)
        for name, pixels, radius, size in DRAWN:
            page = browser.new_page(viewport={"width": pixels, "height": pixels})
            page.set_content(f"""
                <style>
                  body {{ margin: 0 }}
                  div {{ display: grid; place-items: center; block-size: 100vh; color: #fff;
                         background: {ACCENT}; border-radius: {radius * pixels}px }}
                  svg {{ inline-size: {size * pixels}px; block-size: {size * pixels}px }}
                </style><div>{rings}</div>""")
            page.screenshot(path=FOLDER / f"{name}.png", omit_background=True)
        browser.close()


if __name__ == "__main__":
    main()
