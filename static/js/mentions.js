/* @ and the beginning of a name: a list of people to choose from. */

const on = (name, listen) => document.addEventListener(name, listen, { capture: true });
let asked = 0;

// what draws the list is asked for when somebody is about to write
on("focusin", ({ target }) => {
  const src = target.closest("text-expander")?.dataset.src;
  if (src) import(src);
});

/** Provide the people found as the list to show: none where the server does not answer. */
async function people(expander, typed) {
  const mine = ++asked;
  const answer = await fetch(`${expander.dataset.people}?q=${encodeURIComponent(typed)}`).catch(() => {});
  const page = new DOMParser().parseFromString(answer?.ok ? await answer.text() : "", "text/html");
  if (mine < asked) await new Promise(() => {}); // more was typed meanwhile: nobody waits for this
  const fragment = page.querySelector("[role=listbox]");
  expander.querySelector("[role=status]").textContent = fragment?.dataset.told ?? "";
  return { matched: fragment?.children.length > 0, fragment };
}

on("text-expander-change", ({ target, detail }) => detail.provide(people(target, detail.text)));
on("text-expander-activate", ({ target }) => queueMicrotask(() => {
  // a field of several lines is no combobox, but can name what is chosen
  Object.assign(target.querySelector("textarea"), { role: null, ariaExpanded: null });
}));
on("text-expander-value", ({ detail }) => { detail.value = `@${detail.item.dataset.label}`; });
on("text-expander-committed", ({ detail }) => {
  detail.input.dispatchEvent(new Event("input", { bubbles: true })); // for drafts
});
