/* Live: what others do comes in by itself, and never where somebody is at work. */

const box = document.getElementById("live");
const ALIVE = 40_000; // milliseconds: a stream is heard every 15 seconds
const LONGEST = 60_000;
let source, heardAt, delay, known = 0, missed = false, over = false;
let busy = false, again = false, late = false, heldAt;

const form = () => document.getElementById("newest");
const newest = () => Number(form()?.elements.newest?.value ?? 0);

/* The stream tells that there is news; a page that missed something asks for itself. */
function connect() {
  source?.close();
  if (over || document.hidden) return;
  heardAt = Date.now();
  source = new EventSource(box.dataset.stream);
  source.addEventListener("beat", heard);
  source.addEventListener("news", ({ data }) => {
    heard();
    const id = Number(data);
    if (missed || !id || id > Math.max(known, newest())) ask();
    known = Math.max(known, id);
    missed = false;
  });
  source.addEventListener("end", ({ data }) => {
    end();
    if (data === "410") ask(); // deleted, and the page says by whom
  });
  source.addEventListener("error", () => {
    missed = true;
    if (source.readyState !== EventSource.CLOSED) return; // the browser tries by itself
    delay = Math.min(LONGEST, (delay ?? 1000) * 2);
    setTimeout(connect, delay * (0.5 + Math.random()));
  });
}
function heard() {
  heardAt = Date.now();
  delay = undefined;
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
addEventListener("pageshow", ({ persisted }) => persisted && wake());
addEventListener("pagehide", () => source?.close());
/* After sleep nobody says that the line is dead; without any stream the page looks for itself. */
setInterval(() => {
  if (over || document.hidden || Date.now() - heardAt < ALIVE) return;
  wake();
  ask();
}, ALIVE / 4);

/* Where somebody is at work nothing changes: focus, an open menu or editor, selected text. */
function inUse(element) {
  const { anchorNode, isCollapsed } = getSelection();
  return element.contains(document.activeElement)
    || (!isCollapsed && element.contains(anchorNode))
    || [...element.querySelectorAll("textarea, [popover], dialog")].some((each) => each.checkVisibility());
}
function isCalm() {
  const days = document.getElementById("days");
  return days.getBoundingClientRect().top >= 0 && !inUse(days);
}
async function ask() {
  again = true;
  if (busy) return;
  busy = true;
  while (again) {
    again = late = false;
    const query = new URLSearchParams(new FormData(form()));
    query.set("since", document.getElementById("since").value);
    if (!isCalm()) query.set("held", "1");
    heldAt = newest();
    await htmx.ajax("GET", `${box.dataset.newer}?${query}`, { source: box, target: box, swap: "none" });
  }
  busy = false;
}
document.addEventListener("focusout", () => late && setTimeout(ask));
document.addEventListener("toggle", () => late && setTimeout(ask), { capture: true });

/* Nothing twice: an action's own answer may have brought a row already. */
function withoutShown(task) {
  const { fragment } = task;
  for (const row of fragment.querySelectorAll(".ev[id]")) {
    if (document.getElementById(row.id)) row.remove();
  }
  for (const row of fragment.querySelectorAll(".ev:has(.fold):not(:has(.ev))")) row.remove();
  const day = fragment.querySelector("[data-day]");
  const shown = day && document.querySelector(`#days [data-day="${day.dataset.day}"] > .tl`);
  if (!shown) return;
  task.target = shown;
  fragment.replaceChildren(...day.querySelectorAll(":scope > .tl > .ev"));
}
document.addEventListener("htmx:before:swap", ({ detail: { ctx, tasks } }) => {
  for (const task of tasks.splice(0)) {
    const { target, swapSpec } = task;
    if (target?.closest?.("#days") && swapSpec?.style === "afterbegin") withoutShown(task);
    else if (ctx.sourceElement === box && target?.matches("#head, #details, .ev") && inUse(target)) {
      late = true;
      continue;
    }
    // what was left out is asked for again
    if (!(late && target?.id === "since")) tasks.push(task);
  }
});
/* What was held is shown where it is asked for. */
document.addEventListener("htmx:after:swap", ({ detail: { ctx } }) => {
  if (ctx.sourceElement?.matches?.("[data-bring]")) {
    const heading = document.getElementById("timeline-heading");
    heading.focus({ preventScroll: true });
    form().scrollIntoView({ block: "center" });
  } else if (newest() !== heldAt && box.querySelector("[data-bring]")) {
    document.getElementById("news").replaceChildren();
  }
});
/* Nobody asked for these requests: they neither complain nor lead away to the sign-in page. */
for (const name of ["htmx:error", "htmx:response:error"]) {
  box.addEventListener(name, (event) => event.stopPropagation());
}
box.addEventListener("htmx:before:response", (event) => {
  if (!event.detail.ctx.hx.redirect) return;
  event.preventDefault();
  end();
});
connect();
