"""What a screen reader says: the focused element as Chromium's accessibility tree has it, and what
live regions say meanwhile."""

import re
from typing import Any

from playwright.sync_api import Page

# Text that enters a live region, in the order in which it comes.
REGIONS = """
window.said = [];
const live = "[role=status], [role=alert], [aria-live]:not([aria-live=off])";
new MutationObserver(changes => {
  for (const { target, addedNodes, type } of changes) {
    const inside = (target.closest ? target : target.parentElement)?.closest(live);
    const regions = new Set(inside ? [inside] : []);
    for (const node of addedNodes) {
      if (node.matches?.(live)) regions.add(node);
      for (const region of node.querySelectorAll?.(live) ?? []) regions.add(region);
    }
    for (const region of regions) {
      const added = [...addedNodes].filter(node => region.contains(node));
      const texts = type === "characterData" ? [target] : added;
      const text = texts.map(node => node.textContent).join(" ").replace(/\\s+/g, " ").trim();
      if (text) window.said.push([region.role ?? "status", text]);
    }
  }
}).observe(document, { childList: true, subtree: true, characterData: true });
"""
# What of an element's state is said, where it is so.
STATES = {
    "invalid": "invalid entry",
    "required": "required",
    "expanded": "expanded",
    "checked": "checked",
    "pressed": "pressed",
    "selected": "selected",
    "disabled": "unavailable",
    "multiline": "multiple lines",
    "modal": "modal",
}
# What differs from one day to the next.
PASSING = (
    (re.compile(r"\b\d{1,2}:\d\d\b"), "10:32"),
    (re.compile(r"\d{1,2} \w+ 20\d\d"), "9 November 2026"),
    (re.compile(r"Today \w+ \d{1,2} \w+"), "Today Monday 9 November"),
)


def lasting(text: str) -> str:
    """Return a text with the same time and date whenever it is said."""
    for pattern, instead in PASSING:
        text = pattern.sub(instead, text)
    return text


class ScreenReader:
    """Listens to a page from its next navigation on."""

    def __init__(self, page: Page) -> None:
        page.add_init_script(REGIONS)
        self.page = page
        self.tree = page.context.new_cdp_session(page)
        self.around = ""

    def focused(self) -> str:
        """Return role, name, description and states of what has the focus."""
        nodes = self.tree.send("Accessibility.getFullAXTree")["nodes"]
        held = [node for node in nodes if _property(node, "focused") and not node["ignored"]]
        node = held[-1]
        role, name = node["role"]["value"], node.get("name", {}).get("value", "")
        if role == "RootWebArea":
            return f"page “{lasting(name)}”"
        said = [f"{_role(role)} “{lasting(name)}”" if name else _role(role)]
        if (around := self._around(node, nodes)) != self.around:
            self.around = around
            said = [f"{around}: {said[0]}"] if around else said
        said += [text for state, text in STATES.items() if _is(_property(node, state))]
        if value := node.get("value", {}).get("value"):
            said.append(f"holds “{lasting(str(value))}”")
        if description := node.get("description", {}).get("value"):
            said.append(f"described as “{lasting(description)}”")
        return ", ".join(said)

    def _around(self, node: dict[str, Any], nodes: list[dict[str, Any]]) -> str:
        """Return the dialog or named group that the focus is in: said when it gets there."""
        by_id = {each["nodeId"]: each for each in nodes}
        while node := by_id.get(node.get("parentId", ""), {}):
            role, name = node.get("role", {}).get("value"), node.get("name", {}).get("value")
            if name and role in {"dialog", "group", "region", "search", "navigation"}:
                return f"{role} “{lasting(name)}”"
        return ""

    def heard(self) -> list[str]:
        """Return what live regions have said since this was asked last, each text once."""
        said = self.page.evaluate("window.said.splice(0)")
        return list(dict.fromkeys(f"{role}: “{lasting(text)}”" for role, text in said))


def _property(node: dict[str, Any], name: str) -> Any:
    found = [each["value"].get("value") for each in node.get("properties", [])]
    names = [each["name"] for each in node.get("properties", [])]
    return dict(zip(names, found, strict=True)).get(name)


def _is(value: Any) -> bool:
    return value not in (None, False, "false", "")


def _role(role: str) -> str:
    return {"textbox": "text field", "StaticText": "text", "searchbox": "search field"}.get(
        role, role
    )
