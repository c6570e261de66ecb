type Attributes = Readonly<Record<string, string>>;

/** A new element; text goes in as text, never as markup. */
export function make<K extends keyof HTMLElementTagNameMap>(
  tag: K,
  attributes: Attributes = {},
  ...children: readonly (Node | string)[]
): HTMLElementTagNameMap[K] {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) element.setAttribute(name, value);
  element.append(...children);
  return element;
}

export function button(label: string, onPress: () => void, attributes: Attributes = {}): HTMLButtonElement {
  const element = make('button', { type: 'button', ...attributes }, label);
  element.addEventListener('click', onPress);
  return element;
}

/** A part of the page with a heading of its own. */
export function section(title: string, id: string, ...children: readonly Node[]): HTMLElement {
  const heading = make('h2', { id: `${id}-title` }, title);
  return make('section', { id, class: 'panel', 'aria-labelledby': `${id}-title` }, heading, ...children);
}

/** Like `section`, but folded away until somebody opens it. */
export function folded(title: string, id: string, ...children: readonly Node[]): HTMLDetailsElement {
  const summary = make('summary', {}, make('h2', { id: `${id}-title` }, title));
  return make('details', { id, class: 'panel' }, summary, ...children);
}

/** A control with its label before it. */
export function labelled(label: string, control: HTMLElement): HTMLLabelElement {
  return make('label', { class: 'field' }, make('span', {}, label), control);
}

export function setText(element: Element, text: string): void {
  if (element.textContent !== text) element.textContent = text;
}

export function setData(element: HTMLElement, name: string, value: string): void {
  if (element.dataset[name] !== value) element.dataset[name] = value;
}

export function setHidden(element: HTMLElement, hidden: boolean): void {
  if (element.hidden !== hidden) element.hidden = hidden;
}

/** Greys a button out with the reason as its description; it stays reachable by keyboard. */
export function setRefused(element: HTMLButtonElement, why: string): void {
  const refused = why !== '';
  if ((element.getAttribute('aria-disabled') === 'true') !== refused) {
    element.setAttribute('aria-disabled', String(refused));
  }
  if (element.title !== why) element.title = why;
}

export function isRefused(element: HTMLElement): boolean {
  return element.getAttribute('aria-disabled') === 'true';
}

/** Rows of a table that is drawn again and again: rows and cells are kept, only texts change. */
export class TableBody {
  readonly element = make('tbody');
  private readonly columns: number;

  constructor(columns: number) {
    this.columns = columns;
  }

  draw(rows: readonly (readonly string[])[]): void {
    while (this.element.rows.length < rows.length) {
      const row = this.element.insertRow();
      row.append(make('th', { scope: 'row' }));
      for (let i = 1; i < this.columns; i++) row.insertCell();
    }
    while (this.element.rows.length > rows.length) this.element.deleteRow(-1);
    rows.forEach((cells, i) => {
      const row = this.element.rows[i];
      for (const [j, text] of cells.entries()) setText(row.cells[j], text);
    });
  }
}

export function table(caption: string, columns: readonly string[], body: TableBody): HTMLTableElement {
  const head = make('tr', {}, ...columns.map((name) => make('th', { scope: 'col' }, name)));
  return make('table', {}, make('caption', { class: 'quiet' }, caption), make('thead', {}, head), body.element);
}
