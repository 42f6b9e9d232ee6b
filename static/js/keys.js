/* Getting about: a control's own key, g with a page's letter, j and k between rows, arrows in
   menus, and the palette. */

const on = document.body.dataset.shortcuts !== "off";
const ROWS = ".ev, .contacts-table tbody tr, .log-table tr[id]";
const OPENS = ".ev-time, .name a, .seq a"; // of a row, what Enter follows
const typing = (element) =>
  element.matches("input:not([type=checkbox], [type=radio]), textarea, select");
const shown = (selector, root = document) =>
  [...root.querySelectorAll(selector)].filter((element) => element.checkVisibility());
/* what waits in a menu can be pressed, too */
const find = (selector) => shown(selector)[0] ?? document.querySelector(selector);
const held = (event) => // with AltGr, which tells of Ctrl and Alt, brackets are typed
  (event.ctrlKey || event.metaKey) && !event.getModifierState("AltGraph");

/** Name a key as aria-keyshortcuts does; on a keyboard of other letters, by its place. */
function named(event) {
  let { key, code, shiftKey } = event;
  if (key > "~" && code.startsWith("Key")) key = code[3];
  else if (key === "؟") key = "?"; // of the Arabic keyboard, which has the other signs
  if (!key[1] && !shiftKey) key = key.toLowerCase(); // Caps Lock
  if (!held(event)) return key;
  return `${event.ctrlKey ? "Control" : "Meta"}+${key.toUpperCase()}`;
}

/** Press a control; what an entry that nobody sees would open stands at the menu of the others. */
function use(control) {
  const more = !control.checkVisibility() && shown("[popovertarget=more-menu]")[0];
  if (more && control.popoverTargetElement) {
    control.popoverTargetElement.showPopover({ source: more });
  } else control.click();
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
    || (key === "/" && (find("input[type=search]") ?? find("[data-palette]")));
  if (key === "j") step(1);
  else if (key === "k") step(-1);
  else if (found) {
    event.preventDefault();
    if (typing(found)) found.focus();
    else use(found);
  }
}

document.addEventListener("keydown", (event) => {
  const { key, target, repeat, altKey } = event;
  if (!on || event.defaultPrevented || event.isComposing || (altKey && /\w/.test(key))) return;
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
const silence = () => document.querySelectorAll("[aria-keyshortcuts]")
  .forEach((element) => element.removeAttribute("aria-keyshortcuts"));
if (!on) document.addEventListener("htmx:after:swap", silence, silence());

/* The palette: arrows choose an option, Enter takes it; what this page can do is among them. */
const ACTIONS = "#head :is(.btns > .btn, .btns > form > .btn, .more > .btn, .menu-item), "
  + ".views .tab, #composer .tab, .page-head .btns > .btn";
const list = () => document.getElementById("palette-options");
const options = () => [...list().querySelectorAll("[role=option]")];
const line = (text) => text.trim().replace(/\s+/g, " ");
const words = (text) => line(text).normalize("NFKD").replace(/\p{M}/gu, "").toLowerCase().split(" ");
const controls = new WeakMap(); // what an option presses
let hasty = false; // Enter came before the options for what was typed

function choose(option) {
  for (const each of options()) each.ariaSelected = each === option;
  option?.scrollIntoView({ block: "nearest" });
  const field = document.getElementById("palette-q");
  field.setAttribute("aria-activedescendant", option?.id ?? "");
}

function draw() {
  const here = list()?.querySelector("[data-here]:empty");
  if (!here) return;
  const palette = here.closest("dialog");
  const asked = words(list().dataset.q);
  for (const control of document.querySelectorAll(ACTIONS)) {
    const said = words(control.innerText);
    if (!said[0] || getComputedStyle(control).display === "none") continue;
    if (!asked.every((each) => said.some((word) => word.startsWith(each)))) continue;
    const option = palette.querySelector("template").content.firstElementChild.cloneNode();
    option.append(control.querySelector(".i")?.cloneNode(true) ?? "", line(control.innerText));
    controls.set(option, control);
    here.append(option);
  }
  options().forEach((option, number) => { option.id = `option-${number}`; });
  const { length } = options();
  const status = palette.querySelector("[role=status]");
  setTimeout(() => { status.textContent = status.dataset.count.replace("NUMBER", length); });
  choose(options()[0]);
  if (hasty) options()[0]?.click();
  hasty = false;
}

document.addEventListener("htmx:after:swap", draw);
document.addEventListener("keydown", (event) => {
  const { key, target } = event;
  if (target.id !== "palette-q" || !target.role || event.isComposing) return;
  const all = options();
  const here = all.findIndex((each) => each.ariaSelected === "true");
  const next = { ArrowDown: here + 1, ArrowUp: here - 1 }[key];
  if (key === "Enter") {
    hasty = list().dataset.q !== line(target.value);
    if (!hasty) all[here]?.click();
  } else if (next === undefined) return;
  else choose(all.at(next % all.length));
  event.preventDefault();
});
document.addEventListener("click", ({ target }) => {
  const option = target.closest("#palette [role=option]");
  if (!option) return;
  option.closest("dialog").close();
  if (controls.has(option)) use(controls.get(option));
});

/* What is pressed from here on is htmx's, which would begin a moment later. */
htmx.process(document.body);
