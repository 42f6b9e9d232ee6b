/* Forms: drafts that survive, one submit per press, confirmation by name, shortcuts. */

/* Drafts: a field with data-draft="key" is kept in this browser, per person, until it was saved. */
const draftKey = (field) => `draft:${document.body.dataset.user}:${field.dataset.draft}`;
const drafts = (root) => root.querySelectorAll("[data-draft]");
const forget = (field) => localStorage.removeItem(draftKey(field));

document.addEventListener("input", ({ target }) => {
  if (!target.matches("[data-draft]")) return;
  if (target.value.trim()) localStorage.setItem(draftKey(target), target.value);
  else forget(target);
});
function restoreDrafts() {
  for (const field of drafts(document)) {
    const text = localStorage.getItem(draftKey(field));
    // only what nobody has touched yet, here or on the server
    if (text && field.value === field.defaultValue && !field.ariaInvalid) field.value = text;
  }
}
document.addEventListener("click", ({ target }) => {
  const form = target.closest("[data-discard]")?.closest("form");
  if (form) drafts(form).forEach(forget);
});
document.addEventListener("htmx:after:request", ({ detail: { ctx } }) => {
  if (!ctx.request.form || ctx.request.method === "GET" || !ctx.response.raw.ok) return;
  if (ctx.hx.redirect?.startsWith(document.body.dataset.signIn)) return;
  // what was typed since the request left is not saved yet
  for (const field of drafts(ctx.request.form)) {
    if (ctx.request.body?.get(field.name) === field.value) forget(field);
  }
});
/* Without htmx: where a redirect leads back to the field, its form was saved. Any other page
   (a mistake, a lost session) leaves the draft alone. */
const sent = JSON.parse(sessionStorage.getItem("sent") ?? "[]");
sessionStorage.removeItem("sent");
if (performance.getEntriesByType("navigation")[0]?.redirectCount) {
  for (const field of drafts(document)) if (sent.includes(draftKey(field))) forget(field);
}

/* One submit per press: the button is busy until the answer is there; a download leaves the page. */
document.addEventListener("submit", (event) => {
  const { target: form, submitter } = event;
  if (submitter?.hasAttribute("data-busy")) {
    event.preventDefault();
    event.stopPropagation();
    return;
  }
  const byHtmx = form.hasAttribute("data-htmx-powered");
  const stays = form.method === "dialog" || form.hasAttribute("data-download");
  if (form.hasAttribute("data-download")) {
    setTimeout(() => { // what it was asked for in closes once the form is on its way
      form.closest("dialog")?.close();
      form.closest("[popover]")?.hidePopover();
    });
  }
  if (!byHtmx && (event.defaultPrevented || stays)) return;
  if (!byHtmx) sessionStorage.setItem("sent", JSON.stringify([...drafts(form)].map(draftKey)));
  submitter?.setAttribute("data-busy", "");
}, { capture: true });
/* As without htmx, a button may name another address. */
document.addEventListener("htmx:config:request", ({ detail: { ctx } }) => {
  const elsewhere = ctx.request.submitter?.getAttribute("formaction");
  if (elsewhere) ctx.request.action = elsewhere;
});
const idle = (root) => {
  for (const button of root.querySelectorAll("[data-busy]")) button.removeAttribute("data-busy");
};
document.addEventListener("htmx:finally:request", ({ detail: { ctx } }) => idle(ctx.sourceElement));
addEventListener("pageshow", () => idle(document));

/* Confirmation: a button opens when the text is right; the server compares again. */
const plain = (text) => text.normalize("NFC").trim().replace(/\s+/g, " ").toLowerCase();
function checkConfirmation(input) {
  const button = document.getElementById(input.dataset.confirmButton);
  if (button) button.disabled = plain(input.value) !== plain(input.dataset.confirm);
}
document.addEventListener("input", ({ target }) => {
  if (target.matches("[data-confirm]")) checkConfirmation(target);
});

/* Keys: Ctrl or Cmd with Enter saves; single letters work outside of fields. */
const typing = (element) => element.closest("input, textarea, select, [contenteditable]");
document.addEventListener("keydown", (event) => {
  const { key, target } = event;
  if (key === "Enter" && (event.ctrlKey || event.metaKey) && target.matches("textarea")) {
    event.preventDefault();
    if (!event.repeat) target.form?.requestSubmit(target.form.querySelector("button.primary"));
    return;
  }
  if (event.ctrlKey || event.metaKey || event.altKey || typing(target)) return;
  if (document.querySelector("dialog:modal")) return;
  const marked = `[aria-keyshortcuts="${CSS.escape(key)}"]`;
  const found = [...document.querySelectorAll(key === "/" ? `${marked}, input[type=search]` : marked)]
    .find((element) => element.checkVisibility());
  if (!found) return;
  event.preventDefault();
  if (typing(found)) found.focus();
  else found.click();
});

/* Whatever stands on the page, or comes into it. */
function prepare() {
  restoreDrafts();
  for (const input of document.querySelectorAll("[data-confirm]")) checkConfirmation(input);
}
document.addEventListener("htmx:after:swap", ({ detail: { ctx } }) => {
  prepare();
  // the first wrong field takes a lost focus, else what the answer marks
  const next = ctx.target?.isConnected && document.activeElement === document.body
    ? document.querySelector("[aria-invalid=true], [data-focus]") : null;
  next?.focus({ preventScroll: true });
});
prepare();

/* Folded on small screens to begin with. */
if (matchMedia("(width < 54rem)").matches) {
  for (const box of document.querySelectorAll("details[data-collapse-small]")) box.open = false;
}
