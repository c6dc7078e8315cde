// Building and updating of elements. Text is only ever set as text, so nothing a PBX sends becomes markup.

const SVG = "http://www.w3.org/2000/svg";

/** HTML element with attributes and children; attributes that are null, undefined or false are left out. */
export function element(name, attributes = {}, ...children) {
  return fill(document.createElement(name), attributes, children);
}

/** SVG element with attributes and children. */
export function svg(name, attributes = {}, ...children) {
  return fill(document.createElementNS(SVG, name), attributes, children);
}

function fill(node, attributes, children) {
  for (const [name, value] of Object.entries(attributes)) {
    if (value === null || value === undefined || value === false) continue;
    if (name.startsWith("on")) node.addEventListener(name.slice(2), value);
    else node.setAttribute(name, value === true ? "" : value);
  }
  node.append(...children.filter((child) => child !== null && child !== undefined));
  return node;
}

/** Element with this id. */
export function byId(id) {
  return document.getElementById(id);
}

/** Sets the text of `node` if it differs, so that an unchanged text causes no work in the browser. */
export function setText(node, text) {
  if (node.textContent !== text) node.textContent = text;
}

/**
 * Makes `parent` show one child an item. `create` returns a child with a method `update(item)`.
 * A child stays the same element as long as its key stays, so that focus is kept.
 */
export function reconcile(parent, items, key, create) {
  const wanted = new Set(items.map(key));
  const present = new Map();
  for (const child of [...parent.children]) {
    // Removed first: otherwise every child after a removed one would move and lose its focus.
    if (wanted.has(child.dataset.key)) present.set(child.dataset.key, child);
    else child.remove();
  }
  let place = parent.firstElementChild;
  for (const item of items) {
    let child = present.get(key(item));
    if (!child) {
      child = create(item);
      child.dataset.key = key(item);
    }
    child.update(item);
    if (child === place) place = place.nextElementSibling;
    else parent.insertBefore(child, place);
  }
}
