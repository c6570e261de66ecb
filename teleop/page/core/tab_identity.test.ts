import { expect, it } from 'vitest';
import { TabIdentity, type TabStore } from './tab_identity.ts';

class Store implements TabStore {
  readonly items: Map<string, string>;
  constructor(items: ReadonlyMap<string, string> = new Map()) {
    this.items = new Map(items);
  }
  getItem(key: string): string | null {
    return this.items.get(key) ?? null;
  }
  setItem(key: string, value: string): void {
    this.items.set(key, value);
  }
  removeItem(key: string): void {
    this.items.delete(key);
  }
}

let made = 0;
const random = () => `tab-number-${++made}`;

it('a page that is loaded anew keeps the name of its tab', () => {
  const store = new Store();
  const first = new TabIdentity(store, random);
  first.leave();
  expect(new TabIdentity(store, random).tab).toBe(first.tab);
});

it('a duplicated tab, which copies the storage of one that lives, has its own', () => {
  const store = new Store();
  const first = new TabIdentity(store, random);
  const copy = new TabIdentity(new Store(store.items), random);
  expect(copy.tab).not.toBe(first.tab);
});

it('so it has after the first came back from the history', () => {
  const store = new Store();
  const first = new TabIdentity(store, random);
  first.leave();
  first.comeBack();
  expect(new TabIdentity(new Store(store.items), random).tab).not.toBe(first.tab);
});

it('takes no name that the server would refuse', () => {
  for (const name of ['', 'short', 'x'.repeat(65), 'no spaces here', '<script>alert']) {
    const store = new Store(new Map([['surepick.tab', name]]));
    expect(new TabIdentity(store, random).tab).toMatch(/^tab-number/);
  }
});
