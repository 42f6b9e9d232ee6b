"""What keeps people from using a page: what axe finds, and what does not fit on the screen."""

from axe_playwright_python.base import AXE_SCRIPT, AxeResults
from playwright.sync_api import Page

# Colours in transition have no contrast of their own. Transitions begin with the next frame. What
# waits before it moves, or moves for ever, is not waited for.
LOOK = """async () => {
  for (let frame = 0; frame < 2; frame++) await new Promise(requestAnimationFrame);
  const ending = each => each.effect.getComputedTiming().endTime < 3000;
  await Promise.allSettled(document.getAnimations().filter(ending).map(each => each.finished));
  const { violations } = await axe.run({ resultTypes: ["violations"] });
  return { violations, wider: document.documentElement.scrollWidth - innerWidth };
}"""


def barriers(page: Page, scheme: str, width: int) -> list[str]:
    """Return what axe finds on the page as it stands, and whether it is too wide."""
    page.emulate_media(color_scheme=scheme, reduced_motion="reduce")
    page.set_viewport_size({"width": width, "height": 900})
    if not page.evaluate("'axe' in window"):  # half a megabyte, which stays until the page is left
        page.evaluate(AXE_SCRIPT)
    seen = page.evaluate(LOOK)
    found = [f"{page.url}: {AxeResults(seen).generate_report()}"] if seen["violations"] else []
    if seen["wider"] > 0:
        found.append(f"{page.url} is {seen['wider']} px wider than {width} px")
    return found


def barriers_anywhere(page: Page) -> list[str]:
    """Return the same in the light theme on a wide screen, and in the dark one on a narrow one.

    That is 320 px wide, as 1280 px are at 400 %.
    """
    return [*barriers(page, "light", 1280), *barriers(page, "dark", 320)]
