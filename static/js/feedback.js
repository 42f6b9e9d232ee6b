/* Says what happened: toasts, failed requests with Try again, dialogs, copying. */

const region = document.querySelector(".toasts");
const PLAIN = 5000; // milliseconds a toast stays
const WITH_UNDO = 10000;

/** Show `text`; `kind` is "ok", "bad" or "", `undo` an address to post to, `again` a function. */
function toast({ text, kind = "", undo = "", again }) {
  const list = region.querySelector(kind === "bad" ? "#alert" : "#toasts");
  for (const old of list.children) if (old.textContent.includes(text)) old.remove();
  const box = region.querySelector("template").content.firstElementChild.cloneNode(true);
  if (kind) box.classList.add(kind);
  const form = box.querySelector("[data-undo]");
  if (undo) form.setAttribute("action", undo);
  else form.remove();
  const retry = box.querySelector("[data-again]");
  if (!again) retry.remove();
  retry.addEventListener("click", () => { drop(box); again(); });
  box.querySelector(".toast-text").textContent = text;
  place(list, box);
}

/** Put a toast where it can be reached: beside a modal dialog nothing can. */
function place(list, box) {
  const host = document.querySelector("dialog:modal") ?? document.body;
  if (region.parentNode !== host) host.append(region);
  // what enters a region known to screen readers is announced
  setTimeout(() => { list.append(box); keep(box); });
}

/* Take a toast away; the focus, if it was in there, goes to the page. */
function drop(box) {
  const held = box.contains(document.activeElement);
  box.remove();
  if (held) document.getElementById("main")?.focus({ preventScroll: true });
}

/** Take a toast away in time, unless it reports an error or somebody is at it. */
function keep(box) {
  const undo = box.querySelector("[data-undo]");
  if (undo) post(undo);
  box.querySelector("[data-dismiss]").addEventListener("click", () => drop(box));
  if (box.classList.contains("bad")) return;
  let timer;
  const start = () => {
    clearTimeout(timer);
    timer = setTimeout(() => box.remove(), undo ? WITH_UNDO : PLAIN);
  };
  const stop = () => clearTimeout(timer);
  box.addEventListener("pointerenter", stop);
  box.addEventListener("pointerleave", start);
  box.addEventListener("focusin", stop);
  box.addEventListener("focusout", start);
  start();
}

/** Let htmx post an undo form; the answer's partials say what changes on the page. */
function post(form) {
  form.setAttribute("hx-post", form.getAttribute("action"));
  form.setAttribute("hx-target", "body");
  form.setAttribute("hx-swap", "none");
  form.setAttribute("hx-include", "#newest"); // up to where this page shows the timeline
  htmx.process(form);
  form.addEventListener("htmx:finally:request", ({ detail: { ctx } }) => {
    if (ctx.response?.raw.ok) drop(form.closest(".toast"));
  });
}

document.addEventListener("toast", (event) => toast(event.detail));
for (const box of region.querySelectorAll(".toast")) keep(box);

/* Failed requests: nothing is replaced, nothing typed is lost, the request can be repeated. */
function failed({ ctx }, text) {
  const { sourceElement: source, sourceEvent: cause } = ctx;
  // polls come again by themselves
  if (["every", "load", "intersect"].includes(cause?.type)) return;
  const again = () => {
    if (source.matches("form")) source.requestSubmit(ctx.request.submitter);
    else source.dispatchEvent(new Event(cause.type, { bubbles: true, cancelable: true }));
  };
  const repeatable = source.isConnected && cause?.type && !onItsWay.get(ctx.request.form)?.isConnected;
  toast({ text, kind: "bad", again: repeatable ? again : undefined });
}
document.addEventListener("htmx:error", ({ detail }) => {
  if (!detail.ctx || detail.ctx.response) return;
  failed(detail, navigator.onLine ? region.dataset.silent : region.dataset.offline);
});
document.addEventListener("htmx:response:error", ({ detail }) => {
  if (detail.ctx.response.status >= 500) failed(detail, region.dataset.failed);
});
document.addEventListener("allauth.error", (event) => { // a passkey that was not used or made
  event.preventDefault();
  toast({ text: region.dataset.passkey, kind: "bad" });
});

/* What is sent stands in its place at once; where it failed it stays there, to be tried again. */
const onItsWay = new WeakMap(); // form: its row
document.addEventListener("htmx:before:request", ({ detail: { ctx } }) => {
  const { form } = ctx.request;
  const template = form?.querySelector("[data-sending]");
  const text = form?.elements.body?.value.trim();
  if (!template || !text || !document.getElementById("newest")) return;
  const row = template.content.firstElementChild.cloneNode(true);
  row.querySelector("[data-text]").textContent = text;
  row.querySelector("[data-again]").addEventListener("click", () => {
    row.remove();
    if (form.isConnected) form.requestSubmit();
  });
  onItsWay.get(form)?.remove();
  onItsWay.set(form, row);
  document.getElementById("days").before(row);
});
const arrived = ({ detail: { ctx } }) => {
  const row = onItsWay.get(ctx.request.form);
  if (ctx.response?.status < 500) row?.remove();
  else if (row) row.ariaBusy = "false";
};
document.addEventListener("htmx:before:swap", arrived);
document.addEventListener("htmx:finally:request", arrived);

/* Dialogs: opened when they arrive, gone when they close. */
function openDialogs() {
  for (const dialog of document.querySelectorAll("dialog[data-open]:not([open])")) {
    dialog.addEventListener("close", () => {
      if (dialog.contains(region)) document.body.append(region);
      dialog.remove();
    });
    dialog.showModal();
  }
}
document.addEventListener("click", (event) => {
  const dialog = event.target.closest("[data-close]")?.closest("dialog:modal");
  if (!dialog) return;
  event.preventDefault();
  dialog.close();
});
document.addEventListener("htmx:after:swap", () => {
  if (!region.isConnected) document.body.append(region); // it was in a dialog that is gone
  openDialogs();
});
openDialogs();

/* Copy buttons: data-copy holds the text. */
document.addEventListener("click", async (event) => {
  const button = event.target.closest("[data-copy]");
  if (!button) return;
  try {
    await navigator.clipboard.writeText(button.dataset.copy);
  } catch {
    // on plain http only the older way works
    const field = document.createElement("textarea");
    field.value = button.dataset.copy;
    button.after(field);
    field.select();
    document.execCommand("copy");
    field.remove();
    button.focus();
  }
  toast({ text: region.dataset.copied, kind: "ok" });
});

/* Other apps of this device, where the browser can share: data-share is the address of a file. */
document.documentElement.classList.toggle("can-share", "share" in navigator);
document.addEventListener("click", async ({ target }) => {
  const { share: url, shareText: text } = target.closest("[data-share]")?.dataset ?? {};
  if (!url) return;
  const answer = await fetch(url).catch(() => ({}));
  const files = answer.ok ? [new File([await answer.blob()], "contact.vcf", { type: "text/vcard" })] : [];
  const what = files.length && navigator.canShare?.({ files }) ? { files } : { text };
  navigator.share(what).catch(() => {}); // who changes their mind needs no message
});
