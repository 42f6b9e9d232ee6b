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
  document.getElementById("palette-q").setAttribute("aria-activedescendant", option?.id ?? "");
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
  here.parentNode.hidden = !here.firstChild;
  options().forEach((option, number) => { option.id = `option-${number}`; });
  const { length } = options();
  list().querySelector("[data-none]").hidden = length > 0;
  const status = palette.querySelector("[role=status]");
  setTimeout(() => { status.textContent = status.dataset.count.replace("NUMBER", length); });
  choose(options()[0]);
  if (hasty) options()[0]?.click();
  hasty = false;
}

document.addEventListener("htmx:after:swap", draw);
document.addEventListener("keydown", (event) => {
  const { key, target } = event;
  if (target.id !== "palette-q" || !list()?.role || event.isComposing) return;
  const all = options();
  const here = all.findIndex((each) => each.ariaSelected === "true");
  if (key === "ArrowDown" || key === "ArrowUp") {
    choose(all.at((here + (key === "ArrowDown" ? 1 : -1)) % all.length));
  } else if (key === "Enter") {
    hasty = list().dataset.q !== line(target.value);
    if (!hasty) all[here]?.click();
  } else return;
  event.preventDefault();
});
document.addEventListener("click", ({ target }) => {
  const option = target.closest("#palette [role=option]");
  if (!option) return;
  option.closest("dialog").close();
  controls.get(option)?.click();
});
