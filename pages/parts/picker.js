// A grid of thumbnails to choose from. State `picked`: {tag, ids}, the marked ids in the order of the grid.
// `tag` names the pictures and the marks that they began with: Python, which keeps the marks of all pages,
// passes over what is said under another one. A small button on each picture shows it large.
const last = new WeakMap(); // the picture clicked before, for shift-click

export default function (component) {
  const { data, parentElement, setStateValue } = component;
  const grid = parentElement.querySelector(".grid");
  const items = data.items;
  const ids = items.map((item) => item.id).join("\n");
  const buttons = () => [...grid.querySelectorAll(".mark")];

  if (grid.dataset.ids !== ids) {
    grid.dataset.ids = ids;
    grid.replaceChildren(...items.map(draw));
    last.delete(grid);
  }
  if (grid.dataset.tag !== data.tag) {
    // Other pictures, or marks set from outside. Else what was clicked since stands.
    grid.dataset.tag = data.tag;
    const marked = new Set(data.marked);
    buttons().forEach((button) => button.setAttribute("aria-selected", String(marked.has(button.dataset.id))));
  }
  buttons().forEach((button, index) => {
    button.querySelector("span").textContent = items[index].caption; // what is said of a picture may change
    button.title = items[index].note || items[index].id;
    const enlarge = button.parentElement.querySelector(".enlarge");
    if (enlarge) enlarge.onclick = () => show(parentElement.querySelector("dialog"), items, index);
    button.onclick = (event) => {
      const from = event.shiftKey && last.has(grid) ? last.get(grid) : index;
      const mark = button.getAttribute("aria-selected") !== "true";
      for (let i = Math.min(from, index); i <= Math.max(from, index); i++) {
        buttons()[i].setAttribute("aria-selected", String(mark));
      }
      last.set(grid, index);
      const picked = buttons().filter((each) => each.getAttribute("aria-selected") === "true");
      setStateValue("picked", { tag: data.tag, ids: picked.map((each) => each.dataset.id) });
    };
  });
}

function draw(item) {
  const button = element("button", { type: "button", className: "mark" });
  button.setAttribute("role", "option");
  button.setAttribute("aria-selected", "false");
  button.dataset.id = item.id;
  const image = element("img", { loading: "lazy", src: item.url, alt: item.caption });
  button.append(image, element("span", { textContent: item.caption }));
  const cell = element("div", { className: "cell" });
  cell.setAttribute("role", "presentation");
  cell.append(button);
  if (item.large) cell.append(control("enlarge", "⤢", `Enlarge ${item.id}`));
  return cell;
}

// The picture at `index` over the whole window; the arrows lead on, Escape or a click beside it closes.
function show(dialog, items, index) {
  const item = items[index];
  const image = element("img", { src: item.large, alt: item.caption });
  const line = element("p", {});
  const step = (by) => show(dialog, items, (index + by + items.length) % items.length);
  const back = control("", "‹", "The one before");
  const on = control("", "›", "The next one");
  const close = control("", "✕", "Close");
  back.onclick = () => step(-1);
  on.onclick = () => step(1);
  close.onclick = () => dialog.close();
  line.append(back, on, element("span", { textContent: item.note || item.id }), close);
  dialog.replaceChildren(image, line);
  dialog.onclick = (event) => event.target === dialog && dialog.close();
  dialog.onkeydown = (event) => {
    const by = { ArrowLeft: -1, ArrowRight: 1 }[event.key];
    if (by) step(by);
  };
  if (!dialog.open) dialog.showModal();
}

function control(className, textContent, label) {
  const button = element("button", { type: "button", className, textContent, title: label });
  button.setAttribute("aria-label", label);
  return button;
}

function element(name, properties) {
  return Object.assign(document.createElement(name), properties);
}
