// Building and replacing elements.

// el makes an element. Properties that start with "on" are listeners, "dataset" and
// attributes with a dash or "aria" are attributes, the others properties.
export function el(tag, properties = {}, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(properties)) {
    if (value === undefined || value === null || value === false && !name.includes('-')) continue;
    if (name.startsWith('on')) element.addEventListener(name.slice(2), value);
    else if (name === 'testid') element.dataset.testid = value;
    else if (name.includes('-') || name === 'role' || name === 'for') element.setAttribute(name, value);
    else element[name] = value;
  }
  element.append(...children.flat().filter((child) => child !== null && child !== undefined && child !== false));
  return element;
}

// fill replaces what an element holds.
export function fill(container, ...children) {
  container.replaceChildren(...children.flat().filter(Boolean));
}

// keep brings an element's children up to date. A part is [key, what it shows, how to
// build it]; a child is built anew only when what it shows has changed, so that
// nothing vanishes under a finger, and the focus stays where it was.
export function keep(container, parts) {
  const focused = container.contains(document.activeElement) && document.activeElement.dataset.key;
  const before = new Map([...container.children].map((child) => [child.partKey, child]));
  parts.filter(Boolean).forEach(([key, shows, build], i) => {
    const version = JSON.stringify(shows);
    let child = before.get(key);
    if (child?.partVersion !== version) {
      child?.remove();
      child = Object.assign(build(), { partKey: key, partVersion: version });
    }
    before.delete(key);
    if (container.children[i] !== child) container.insertBefore(child, container.children[i] ?? null);
  });
  before.forEach((child) => child.remove());
  if (focused && !container.contains(document.activeElement)) container.querySelector(`[data-key="${CSS.escape(focused)}"]`)?.focus();
}

const shapes = {
  attach: 'M15 6.5 8.4 13a2 2 0 0 0 2.9 2.9l6.3-6.3a4 4 0 0 0-5.7-5.7L5.6 10.2a6 6 0 0 0 8.5 8.5L19 14',
  back: 'M14 5l-7 7 7 7M7 12h12',
  bold: 'M8 5h5a3.500 3.500 0 0 1 0 7H8zM8 12h6a3.500 3.500 0 0 1 0 7H8z',
  bullets: 'M10 7h10M10 12h10M10 17h10M5 7h.01M5 12h.01M5 17h.01',
  bin: 'M5 7h14M10 7V5h4v2M7 7l1 12h8l1-12M10.500 10.500v5.500M13.500 10.500v5.500',
  close: 'M6 6l12 12M18 6L6 18',
  draft: 'M5 19l1-4L16 5l3 3L9 18zM14 7l3 3',
  file: 'M7 4h7l4 4v12H7zM14 4v4h4',
  folder: 'M4 7h6l2 2h8v10H4z',
  forward: 'M13 6l6 6-6 6M19 12H9a4 4 0 0 0-4 4v2',
  gear: 'M12 9a3 3 0 1 0 0 6 3 3 0 0 0 0-6zM12 4v2M12 18v2M4 12h2M18 12h2M6.300 6.300l1.500 1.500M16.200 16.200l1.500 1.500M6.300 17.700l1.500-1.500M16.200 7.800l1.500-1.500',
  help: 'M9 9.500a3 3 0 1 1 4.500 2.600c-1 .6-1.500 1.100-1.500 2.400M12 17.600v.4M12 3.500a8.500 8.500 0 1 0 0 17 8.500 8.500 0 0 0 0-17z',
  inbox: 'M4 13l3-8h10l3 8v6H4zM4 13h5l1 2h4l1-2h5',
  italic: 'M11 5h6M7 19h6M14.500 5l-5 14',
  menu: 'M4 7h16M4 12h16M4 17h16',
  numbers: 'M10 7h10M10 12h10M10 17h10M4 6l1.500-1v5M4 14h2l-2 3h2',
  picture: 'M4 6h16v12H4zM4 16l5-5 4 4 3-3 4 4M15.500 9.500h.01',
  reply: 'M11 6l-6 6 6 6M5 12h10a4 4 0 0 1 4 4v2',
  save: 'M5 5h11l3 3v11H5zM8 5v5h7V5M8 19v-5h8v5',
  underline: 'M7 5v6a5 5 0 0 0 10 0V5M6 20h12',
  send: 'M4 12L20 5l-5 15-4-6zM11 14l9-9',
};

// icon draws one of the shapes above; it says nothing to a screen reader.
export function icon(name) {
  const svg = document.createElementNS('http://www.w3.org/2000/svg', 'svg');
  svg.setAttribute('viewBox', '0 0 24 24');
  svg.setAttribute('aria-hidden', 'true');
  svg.classList.add('icon');
  const path = document.createElementNS('http://www.w3.org/2000/svg', 'path');
  path.setAttribute('d', shapes[name] ?? shapes.folder);
  svg.append(path);
  return svg;
}

// button makes a button with an icon; without words the label is for screen readers.
export function button(shape, label, properties = {}, words = true) {
  return el('button', { type: 'button', title: words ? undefined : label, ...(words ? {} : { 'aria-label': label }), ...properties },
    icon(shape), words && el('span', {}, label));
}
