/* Keys: a control's own, g with a page's letter, j and k between rows, arrows in menus. */

const on = document.body.dataset.shortcuts !== "off";
const ROWS = ".ev, .contacts-table tbody tr, .log-table tr[id]";
const OPENS = ".ev-time, .name a, .seq a"; // of a row, what Enter follows
const SIGNS = { Slash: "/?", BracketLeft: "[", BracketRight: "]" };
const typing = (element) =>
  element.closest("input:not([type=checkbox], [type=radio]), textarea, select, [contenteditable]");
const shown = (selector, root = document) =>
  [...root.querySelectorAll(selector)].filter((element) => element.checkVisibility());
/* what waits in a menu can be pressed, too */
const find = (selector) => shown(selector)[0] ?? document.querySelector(selector);
const held = (event) => // with AltGr, which tells of Ctrl and Alt, brackets are typed
  (event.ctrlKey || event.metaKey || event.altKey) && !event.getModifierState("AltGraph");

/** Name a key as aria-keyshortcuts does; on a keyboard of other letters, by its place. */
function named(event) {
  let { key, code, shiftKey } = event;
  if (key.length === 1 && key > "~") key = SIGNS[code]?.at(+shiftKey) ?? code.slice(3);
  if (key.length === 1 && !shiftKey) key = key.toLowerCase(); // Caps Lock
  if (!held(event)) return key;
  return `${event.ctrlKey ? "Control" : event.metaKey ? "Meta" : "Alt"}+${key.toUpperCase()}`;
}

/** Focus the row so many further on; at first, the topmost on the screen. */
function step(by) {
  const rows = shown(ROWS);
  const here = rows.indexOf(document.activeElement.closest(ROWS));
  const row = here < 0
    ? rows.find((each) => each.getBoundingClientRect().top >= 0) ?? rows[0] : rows[here + by];
  if (!row) return;
  rows[here]?.removeAttribute("tabindex");
  row.tabIndex = 0;
  const line = row.querySelector(".ev-line"); // an entry of a list has no name to be said
  if (line) row.ariaLabel = line.innerText;
  row.focus();
}

let waiting; // for the letter after g
function press(event) {
  const { target } = event;
  const key = named(event);
  const name = CSS.escape(key);
  const page = waiting && find(`[data-go="${name}"]`);
  clearTimeout(waiting);
  waiting = key === "g" && setTimeout(() => { waiting = 0; }, 1500);
  const row = target.matches(ROWS) && { Enter: OPENS, x: "[type=checkbox]" }[key];
  const found = page || (row && target.querySelector(row))
    || find(`[aria-keyshortcuts~="${name}"]`)
    || (key === "/" && find("input[type=search], [data-palette]"));
  if (found) event.preventDefault();
  if (!found) return { j: step, k: step }[key]?.(key === "j" ? 1 : -1);
  if (typing(found)) found.focus();
  else found.click();
}

document.addEventListener("keydown", (event) => {
  const { key, target, repeat } = event;
  if (!on || event.defaultPrevented || event.isComposing) return;
  if (key === "Enter" && held(event) && target.matches("textarea")) {
    event.preventDefault();
    if (!repeat) target.form?.requestSubmit(target.form.querySelector("button.primary"));
  } else if (!document.querySelector("dialog:modal") && (held(event) || !typing(target))) {
    if (!repeat || /[jk]/.test(key)) press(event);
  }
});

/* Menus: arrows, Home and End go through the entries; Tab does, too. */
const ENTRIES = ":is(a, button):is(.menu-item, .nav-item), input:is([type=checkbox], :checked)";
document.addEventListener("keydown", (event) => {
  const { target } = event;
  const around = target.closest("[popover]");
  const menu = around ?? (event.key === "ArrowDown" && target.popoverTargetElement);
  if (!menu || typing(target) || target.type === "radio") return;
  if (!around && !menu.matches(":popover-open")) target.click();
  const entries = shown(ENTRIES, menu);
  const here = entries.indexOf(target);
  const next = { ArrowDown: here + 1, ArrowUp: here - 1, Home: 0, End: -1 }[event.key];
  if (next === undefined) return;
  event.preventDefault();
  entries.at(next % entries.length)?.focus();
});

/* Who has turned keys off is not told of them. */
function silence() {
  for (const element of document.querySelectorAll("[aria-keyshortcuts]")) {
    element.removeAttribute("aria-keyshortcuts");
  }
}
if (!on) {
  silence();
  document.addEventListener("htmx:after:swap", silence);
}
