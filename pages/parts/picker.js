// A grid of thumbnails to choose from. State `picked`: {tag, ids}, the marked ids in the order of the grid.
// `tag` names the pictures and the marks that they began with: Python, which keeps the marks of all pages,
// passes over what is said under another one.
const last = new WeakMap(); // the picture clicked before, for shift-click

export default function (component) {
  const { data, parentElement, setStateValue } = component;
  const grid = parentElement.querySelector(".grid");
  const items = data.items;
  const ids = items.map((item) => item.id).join("\n");
  const buttons = () => [...grid.children];

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
  });
  buttons().forEach((button, index) => {
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
  const button = document.createElement("button");
  button.type = "button";
  button.setAttribute("role", "option");
  button.setAttribute("aria-selected", "false");
  button.dataset.id = item.id;
  button.title = item.note || item.id;
  const image = document.createElement("img");
  image.loading = "lazy";
  image.src = item.url;
  image.alt = item.caption;
  const caption = document.createElement("span");
  caption.textContent = item.caption;
  button.append(image, caption);
  return button;
}
