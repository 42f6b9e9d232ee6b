/* Files of a composer: dropped, pasted or chosen, and listed before they leave. */

const ANY = ".attach > input";
const UNITS = ["byte", "kilobyte", "megabyte"];
const kept = new WeakMap(); // by input: a new choice joins the last one

function size(bytes) {
  const power = Math.min(Math.floor(Math.log2(bytes || 1) / 10), 2);
  const style = { style: "unit", unit: UNITS[power], maximumFractionDigits: 1 };
  return new Intl.NumberFormat(document.documentElement.lang, style).format(bytes / 1024 ** power);
}
const said = (text, file) => text.replace("{name}", () => file.name).replace("{size}", () => size(file.size));

function put(input, files) {
  const list = new DataTransfer();
  for (const file of files) list.items.add(file);
  input.files = list.files;
  draw(input);
}
function add(input, files) {
  const { largest, tooLarge } = input.dataset;
  put(input, [...(kept.get(input) ?? []), ...[...files].filter((file) => {
    if (file.size <= largest) return true;
    const detail = { text: said(tooLarge, file), kind: "bad" };
    document.dispatchEvent(new CustomEvent("toast", { detail }));
  })]);
}
function draw(input) {
  const box = input.parentElement, list = box.querySelector("ul");
  kept.set(input, [...input.files]);
  list.replaceChildren(...kept.get(input).map((file, place, all) => {
    const item = box.querySelector("template").content.firstElementChild.cloneNode(true);
    const leave = item.querySelector("button");
    item.querySelector("bdi").textContent = file.name;
    item.querySelector(".num").textContent = size(file.size);
    leave.ariaLabel = said(leave.ariaLabel, file);
    leave.addEventListener("click", () => {
      put(input, all.toSpliced(place, 1));
      (list.querySelectorAll("button")[place] ?? input).focus();
    });
    return item;
  }));
}
document.addEventListener("change", ({ target }) => {
  if (target.matches(ANY)) add(target, target.files);
});

/* Dropped anywhere: beside the composer, a file would take the place of the page and what was typed. */
for (const type of ["dragover", "dragleave", "drop"]) {
  document.addEventListener(type, (event) => {
    const { dataTransfer } = event, input = document.querySelector(ANY);
    if (!input || !dataTransfer.types.includes("Files")) return;
    event.preventDefault();
    input.closest(".composer").toggleAttribute("data-drop", type === "dragover");
    if (type === "drop") add(input, dataTransfer.files);
  });
}
document.addEventListener("paste", (event) => {
  const { files, types } = event.clipboardData;
  const input = event.target.closest("form")?.querySelector(ANY);
  // a text copied with a picture of itself is a text
  if (!input || !files.length || types.includes("text/plain")) return;
  event.preventDefault();
  add(input, files);
});

/* What the browser kept, and what a refused form is answered with. */
const redraw = () => document.querySelectorAll(ANY).forEach(draw);
document.addEventListener("htmx:after:swap", redraw);
addEventListener("pageshow", redraw);
