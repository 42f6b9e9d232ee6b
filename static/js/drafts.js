/* Nothing typed is lost: drafts of all texts, and forms sent by somebody who was signed out. */

const { user, signIn } = document.body.dataset;
const LASTING = 30 * 24 * 60 * 60 * 1000; // milliseconds a draft is kept
const pathOf = (form) => form.getAttribute("action") || location.pathname;
const here = location.pathname + location.search;

/* Drafts: each text is kept in this browser, per person and form, until it was saved. With it goes
   the version that was edited, so that nobody else's change since is overwritten unseen. */
const TEXTS = "[data-draft], textarea, input[name=reason]";
const drafts = (root) => [...root.querySelectorAll(TEXTS)]
  .filter((field) => field.form?.method === "post" && !field.readOnly);
const keyOf = ({ form, name, dataset }) => `draft:${user}:${dataset.draft ?? `${pathOf(form)}#${name}`}`;
const forget = (field) => localStorage.removeItem(keyOf(field));

document.addEventListener("input", ({ target }) => {
  if (!target.matches(TEXTS) || !drafts(target.parentNode).includes(target)) return;
  const { value: text, defaultValue, form } = target;
  if (!text.trim() || text === defaultValue) return forget(target);
  const draft = { text, at: Date.now(), version: form.elements.version?.value };
  localStorage.setItem(keyOf(target), JSON.stringify(draft));
});
function restoreDrafts() {
  for (const field of drafts(document)) {
    const { text, version } = JSON.parse(localStorage.getItem(keyOf(field)) ?? "{}");
    // only what nobody has touched yet, here or on the server
    if (!text || text === field.value || field.value !== field.defaultValue || field.ariaInvalid) continue;
    field.value = text;
    if (version) field.form.elements.version.value = version;
    field.form.querySelector(".draft")?.remove();
    (field.closest("label") ?? field).after(document.getElementById("draft").content.cloneNode(true));
  }
}
document.addEventListener("click", ({ target }) => {
  const form = target.closest("[data-discard]")?.closest("form");
  if (!form) return;
  for (const field of drafts(form)) {
    forget(field);
    field.value = field.defaultValue;
    if (target.closest(".draft")) field.focus();
  }
  form.querySelector(".draft")?.remove();
  const { version } = form.elements;
  if (version) version.value = version.defaultValue;
});
function clear(isOver) {
  for (const key of Object.keys(localStorage)) {
    if (key.startsWith("draft:") && isOver(key)) localStorage.removeItem(key);
  }
}
clear((key) => {
  try {
    return JSON.parse(localStorage[key]).at < Date.now() - LASTING;
  } catch {
    return true; // of an earlier version of this page
  }
});

/* What is on its way: filled in again where the answer was to sign in first. */
const came = new WeakMap(); // form: the address it was fetched from
const sent = JSON.parse(sessionStorage.getItem("sent"));
const keep = (note) => sessionStorage.setItem("sent", JSON.stringify(note));

document.addEventListener("submit", ({ target: form }) => {
  if (form.method !== "post" || form.querySelector("[type=password]")) return;
  if (!form.querySelector("textarea, select, input:not([type=hidden])")) return;
  const fields = [...new FormData(form)].filter(([name, value]) => !name.startsWith("csrf") && !value.name);
  keep({ user, page: here, action: pathOf(form), from: came.get(form), fields });
}, { capture: true });
document.addEventListener("htmx:after:request", ({ detail: { ctx } }) => {
  const { form, method, body } = ctx.request;
  if (!form || method === "GET" || !ctx.response.raw.ok || ctx.hx.redirect?.startsWith(signIn)) return;
  sessionStorage.removeItem("sent");
  // what was typed since the request left is not saved yet
  for (const field of drafts(form)) if (body?.get(field.name) === field.value) forget(field);
});
function refill(note) {
  const form = [...document.forms].find((each) => pathOf(each) === note.action);
  if (!form) return false;
  const values = Object.groupBy(note.fields, ([name]) => name);
  for (const control of [...form.elements]) {
    const here = values[control.name];
    if (control.matches("[type=checkbox], [type=radio]")) {
      control.checked = here?.some(([, value]) => value === control.value) ?? false;
    } else if (here?.length && control.type !== "file") {
      control.value = here.shift()[1];
      control.dispatchEvent(new Event("input", { bubbles: true }));
    }
  }
  form.closest("[popover]")?.showPopover();
  form.querySelector("textarea, input:not([type=hidden])").focus();
  document.dispatchEvent(new CustomEvent("toast", { detail: { text: document.querySelector(".toasts").dataset.lost, kind: "bad" } }));
  return true;
}
let waiting; // to be filled in once its form has come
if (sent && !user) {
  keep({ ...sent, lost: true });
} else if (sent) {
  const mine = sent.lost && sent.user === user;
  if (mine && here.startsWith("/unsent/")) {
    location.replace(sent.page);
  } else {
    sessionStorage.removeItem("sent");
    if (mine && here === sent.page) waiting = sent;
    // without htmx: a redirect to another page than the sign-in says that it was saved
    const [{ redirectCount }] = performance.getEntriesByType("navigation");
    if (!sent.lost && redirectCount) clear((key) => key.startsWith(`draft:${user}:${sent.action}#`));
  }
}
function prepare() {
  if (waiting && refill(waiting)) waiting = null;
  restoreDrafts();
}
document.addEventListener("htmx:after:swap", ({ detail: { ctx } }) => {
  const { method, action } = ctx.request;
  for (const form of document.forms) {
    if (!came.has(form)) came.set(form, method === "GET" ? action : came.get(ctx.request.form));
  }
  prepare();
});
for (const form of document.forms) came.set(form, "");
prepare();
if (waiting?.from) {
  const opener = document.querySelector(`[hx-get="${CSS.escape(waiting.from)}"]`);
  if (opener?.hasAttribute("data-htmx-powered")) opener.click();
  else opener?.addEventListener("htmx:after:init", () => opener.click(), { once: true });
}
