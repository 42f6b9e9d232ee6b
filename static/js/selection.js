/* Selecting contacts of the list: a whole page, all that match, and how many are chosen. */

const selection = () => document.getElementById("selection");

function show() {
  const form = selection();
  if (!form) return;
  const boxes = [...form.querySelectorAll("[name=contact]")];
  const chosen = boxes.filter((box) => box.checked).length;
  const page = form.querySelector("[data-select-page]");
  page.checked = chosen === boxes.length;
  page.indeterminate = chosen > 0 && !page.checked;
  const count = form.querySelector("[data-selected]");
  const text = form.querySelector("[name=everyone]:checked")
    ? count.dataset.everyone : count.dataset.selected.replace("NUMBER", chosen);
  // it is announced: not where nothing was ever chosen
  if (chosen || count.textContent) count.textContent = text;
}
document.addEventListener("change", ({ target }) => {
  const form = target.closest("#selection");
  if (!form) return;
  const everyone = form.querySelector("[name=everyone]");
  if (target.name !== "contact") {
    for (const box of form.querySelectorAll("[name=contact]")) box.checked = target.checked;
  }
  if (!target.checked && everyone) everyone.checked = false;
  show();
});
document.addEventListener("reset", () => setTimeout(show)); // the boxes change after the event
document.addEventListener("htmx:after:swap", show);
show();
