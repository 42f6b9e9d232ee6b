/* @ and the beginning of a name: a list of people to choose from. */

const on = (name, listen) => document.addEventListener(name, listen, { capture: true });
let newest;

// what draws the list is asked for when somebody is about to write
on("focusin", ({ target }) => {
  const src = target.closest("text-expander")?.dataset.src;
  if (src) import(src);
});

/** Return the people found as the list to show: none where the server does not answer. */
async function find(expander, typed) {
  const box = document.createElement("template");
  const answer = await fetch(`${expander.dataset.people}?q=${encodeURIComponent(typed)}`).catch(() => {});
  if (answer?.ok) box.innerHTML = await answer.text();
  const fragment = box.content.querySelector("[role=listbox]");
  return { matched: Boolean(fragment?.children.length), fragment };
}
async function people(expander, typed) {
  const asked = newest = find(expander, typed);
  const found = await asked;
  if (asked !== newest) return newest; // more was typed meanwhile
  expander.querySelector("[role=status]").textContent = found.fragment?.dataset.told ?? "";
  return found;
}

on("text-expander-change", ({ target, detail }) => detail.provide(people(target, detail.text)));
on("text-expander-activate", ({ target }) => queueMicrotask(() => {
  // a field of several lines is no combobox, but can name what is chosen
  for (const name of ["role", "aria-expanded"]) target.querySelector("textarea").removeAttribute(name);
}));
on("text-expander-value", ({ detail }) => { detail.value = `@${detail.item.dataset.label}`; });
on("text-expander-committed", ({ detail }) => {
  detail.input.dispatchEvent(new Event("input", { bubbles: true })); // for drafts
});
