/* Forms: one submit per press, confirmation by name. */

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

/* Whatever stands on the page, or comes into it. */
function prepare() {
  for (const input of document.querySelectorAll("[data-confirm]")) checkConfirmation(input);
}
/* A focus that a swap has taken away goes to the first wrong field or what the answer marks, else to
   what the form names for it, or to what has come in place of the old. */
const nobody = () => document.activeElement === document.body;
const seek = (selector) => selector && [...document.querySelectorAll(selector)].find((each) => each.checkVisibility());
let held = false;
document.addEventListener("htmx:before:swap", () => { held = !nobody(); });
document.addEventListener("htmx:after:swap", ({ detail: { ctx } }) => {
  prepare();
  if (!held || !nobody()) return;
  const next = seek("[aria-invalid=true], [data-focus]") ?? seek(ctx.request.form?.dataset.then)
    ?? document.getElementById(ctx.target?.id);
  if (next?.tabIndex < 0) next.tabIndex = -1;
  next?.focus({ preventScroll: true });
});
prepare();

/* Folded on small screens to begin with. */
if (matchMedia("(width < 54rem)").matches) {
  for (const box of document.querySelectorAll("[data-collapse-small]")) {
    box.open = false;
    delete box.dataset.collapseSmall;
  }
}
