/* Files of a composer: dropped, pasted or chosen, and listed before they leave. */

const ANY = ".attach > input";
const kept = new WeakMap(); // by input: a new choice joins the last one
const all = (visit) => document.querySelectorAll(ANY).forEach(visit);
const said = (text, file) => text.replace("{name}", () => file.name);

function put(input, files) {
  const list = new DataTransfer();
  for (const file of files) list.items.add(file);
  input.files = list.files;
  draw(input);
}
function add(input, files) {
  const { largest, tooLarge } = input.dataset;
  put(input, [...kept.get(input), ...files].filter((file) => {
    if (file.size <= largest) return true;
    document.dispatchEvent(new CustomEvent("toast", { detail: { text: said(tooLarge, file), kind: "bad" } }));
  }));
}
function draw(input) {
  const list = input.nextElementSibling, files = [...input.files];
  kept.set(input, files);
  list.replaceChildren(...files.map((file, place) => {
    const item = list.nextElementSibling.content.firstElementChild.cloneNode(true);
    const [, name, leave] = item.children;
    name.textContent = file.name;
    leave.ariaLabel = said(leave.ariaLabel, file);
    leave.onclick = () => {
      put(input, files.toSpliced(place, 1));
      (list.children[place]?.lastElementChild ?? input).focus();
    };
    return item;
  }));
}
addEventListener("change", ({ target }) => target.matches(ANY) && add(target, target.files));

/* Dropped beside the composer, a file would take the place of the page. A text that is copied with
   a picture of itself is a text. */
for (const type of ["dragover", "dragleave", "drop", "paste"]) {
  addEventListener(type, (event) => {
    const { types, files } = event.dataTransfer ?? event.clipboardData;
    if (types.includes("Files") && !types.includes("text/plain")) all((input) => {
      event.preventDefault();
      input.closest(".composer").toggleAttribute("data-drop", type === "dragover");
      if (!type.startsWith("drag")) add(input, files);
    });
  });
}

/* What the browser kept, and what a refused form is answered with. */
for (const type of ["htmx:after:swap", "pageshow"]) addEventListener(type, () => all(draw));
