/* @ and the beginning of a name: a list of people to choose from. */

// what draws the list is asked for when somebody is about to write
document.addEventListener("focusin", ({ target }) => {
  const expander = target.closest("text-expander");
  if (expander) import(expander.dataset.src);
});

/** Return the people found, as the list that is shown; none where the server does not answer. */
async function find({ dataset: { people } }, typed) {
  const box = document.createElement("template");
  try {
    const answer = await fetch(`${people}?q=${encodeURIComponent(typed)}`);
    if (answer.ok) box.innerHTML = await answer.text();
  } catch { /* the name can be typed as well */ }
  const list = box.content.querySelector("[role=listbox]");
  return { matched: Boolean(list?.children.length), fragment: list };
}

let newest;
async function people(expander, typed) {
  const asked = newest = find(expander, typed);
  const found = await asked;
  if (asked !== newest) return newest; // more was typed meanwhile
  expander.querySelector("[role=status]").textContent = found.fragment?.dataset.told ?? "";
  return found;
}

// these events do not bubble
document.addEventListener("text-expander-change", ({ target, detail }) => {
  detail.provide(people(target, detail.text));
}, { capture: true });
document.addEventListener("text-expander-value", ({ detail }) => {
  detail.value = `@${detail.item.dataset.label}`;
}, { capture: true });
document.addEventListener("text-expander-committed", ({ detail }) => {
  detail.input.dispatchEvent(new Event("input", { bubbles: true })); // so that drafts keep it
}, { capture: true });
