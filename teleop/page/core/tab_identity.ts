const KEY = 'surepick.tab';

/** What of sessionStorage is needed. */
export interface TabStore {
  getItem(key: string): string | null;
  setItem(key: string, value: string): void;
  removeItem(key: string): void;
}

/**
 * The random name of a tab. While the page lives the name is in memory alone, so a duplicated tab, which copies the
 * storage, finds none and makes its own; a page that goes puts it back for the one that is loaded in its place.
 */
export class TabIdentity {
  readonly tab: string;
  private readonly store: TabStore;

  constructor(store: TabStore, random: () => string) {
    this.store = store;
    const kept = store.getItem(KEY);
    this.tab = kept !== null && /^[\w-]{8,64}$/.test(kept) ? kept : random();
    store.removeItem(KEY);
  }

  /** The page is hidden for good, or waits in the browser's history. */
  leave(): void {
    this.store.setItem(KEY, this.tab);
  }

  /** The page has come back from the browser's history. */
  comeBack(): void {
    this.store.removeItem(KEY);
  }
}
