/* Live: what others do comes in by itself, and never where somebody is at work. */

const box = document.querySelector("#live");
const ALIVE = 40000; // milliseconds: a stream is heard every 15 seconds
let source, heardAt, delay, heldAt, known = 0, missed = false, over = false;
let busy = false, again = false, late = false;

const byId = (id) => document.getElementById(id);
const shown = () => byId("newest");
const newest = () => Number(shown().elements.newest?.value ?? 0);

/* The stream tells that there is news; a page that may have missed some asks for itself. */
function connect() {
  source?.close();
  if (over || document.hidden) return;
  heardAt = Date.now();
  source = new EventSource(box.dataset.stream);
  source.onerror = () => {
    missed = true;
    if (source.readyState < 2) return; // the browser tries by itself
    delay = Math.min(60000, (delay ?? 1000) * 2);
    setTimeout(connect, delay * (0.5 + Math.random()));
  };
  const hear = (name, then) => source.addEventListener(name, ({ data }) => {
    heardAt = Date.now();
    delay = undefined;
    then?.(Number(data));
  });
  hear("beat");
  hear("news", (id) => {
    if (missed || !id || id > Math.max(known, newest())) ask();
    known = Math.max(known, id);
    missed = false;
  });
  hear("end", (status) => {
    end();
    if (status === 410) ask(); // the answer says who deleted it
  });
}
function end() {
  over = true;
  source.close();
}
function wake() {
  missed = true;
  connect();
}
document.addEventListener("visibilitychange", wake);
/* After sleep nobody says that the line is dead. */
setInterval(() => {
  if (over || document.hidden || Date.now() - heardAt < ALIVE) return;
  wake();
  ask();
}, ALIVE / 4);

/* At work: with the focus, an open menu or editor, selected text. */
const inUse = (element) => element.contains(document.activeElement)
  || (getSelection().type === "Range" && element.contains(getSelection().anchorNode))
  || [...element.querySelectorAll("textarea, [popover]")].some((each) => each.checkVisibility());
async function ask() {
  again = true;
  if (busy) return;
  busy = true;
  while (again) {
    again = late = false;
    const query = new URLSearchParams(new FormData(shown()));
    query.set("since", byId("since").value);
    const days = byId("days");
    if (days.getBoundingClientRect().top < 0 || inUse(days)) query.set("held", 1);
    heldAt = newest();
    await htmx.ajax("GET", `${box.dataset.newer}?${query}`, { source: box, target: box, swap: "none" });
  }
  busy = false;
}
document.addEventListener("focusout", () => late && setTimeout(ask));

/* Nothing twice: an action's own answer may have brought a row already. */
function leaveOutShown(task) {
  const { fragment } = task;
  for (const row of fragment.querySelectorAll(".ev[id]")) if (byId(row.id)) row.remove();
  fragment.querySelectorAll(".ev:has(.fold):not(:has(.ev))").forEach((row) => row.remove());
  const day = fragment.querySelector("[data-day]");
  const list = day && document.querySelector(`#days [data-day="${day.dataset.day}"] > .tl`);
  if (!list) return;
  task.target = list;
  fragment.replaceChildren(...day.querySelectorAll(":scope > .tl > .ev"));
}
document.addEventListener("htmx:before:swap", ({ detail: { ctx, tasks } }) => {
  const own = ctx.sourceElement === box;
  for (const task of tasks.splice(0)) {
    const { target, swapSpec } = task;
    if (own && target?.id === "news" && newest() !== heldAt) continue; // counted before it came
    if (target?.closest?.("#days") && swapSpec?.style === "afterbegin") leaveOutShown(task);
    else if (own && target?.matches("#head, #details, #pinned, .ev") && inUse(target)) {
      late = true;
      continue;
    }
    if (!late || target?.id !== "since") tasks.push(task); // what was left out is asked for again
  }
});
document.addEventListener("htmx:after:swap", ({ detail: { ctx } }) => {
  if (ctx.sourceElement?.matches?.("[data-bring]")) {
    byId("timeline-heading").focus({ preventScroll: true });
    shown().scrollIntoView({ block: "center" });
  }
});
/* Nobody asked for these requests: they neither complain nor lead away to the sign-in page. */
box.addEventListener("htmx:error", (event) => event.stopPropagation());
box.addEventListener("htmx:response:error", (event) => event.stopPropagation());
box.addEventListener("htmx:before:response", (event) => {
  if (!event.detail.ctx.hx.redirect) return;
  event.preventDefault();
  end();
});
connect();
