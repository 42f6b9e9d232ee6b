"""What keeps people from using a page: what axe finds, and what does not fit on the screen."""

from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page

# Colours in transition have no contrast of their own. Transitions begin with the next frame. What
# waits before it moves, or moves for ever, is not waited for.
SETTLED = """async () => {
  for (let frame = 0; frame < 2; frame++) await new Promise(requestAnimationFrame);
  const ending = each => each.effect.getComputedTiming().endTime < 3000;
  await Promise.allSettled(document.getAnimations().filter(ending).map(each => each.finished));
}"""


def barriers(page: Page, scheme: str, width: int) -> list[str]:
    """Return what axe finds on the page as it stands, and whether it is too wide."""
    page.emulate_media(color_scheme=scheme, reduced_motion="reduce")
    page.set_viewport_size({"width": width, "height": 900})
    page.evaluate(SETTLED)
    results = Axe().run(page)
    found = [f"{page.url}: {results.generate_report()}"] if results.violations_count else []
    wider = page.evaluate("document.documentElement.scrollWidth - innerWidth")
    return [*found, f"{page.url} is {wider} px wider than {width} px"] if wider > 0 else found


def barriers_anywhere(page: Page, widths: tuple[int, int] = (1280, 320)) -> list[str]:
    """Return the same in the light theme on a wide screen, and in the dark one on a narrow one."""
    wide, narrow = widths
    return [*barriers(page, "light", wide), *barriers(page, "dark", narrow)]
