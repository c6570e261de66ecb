import type { Rng } from '../../contracts/index.ts';
import type { Disk, DiskFile } from '../../datasets/index.ts';

const PAGE = 4096;

/** One thing that a disk was asked for, in order. */
type Act =
  | { readonly kind: 'append'; readonly file: string; readonly from: number; readonly bytes: Uint8Array }
  /** `length` is what had been appended when it was asked for. */
  | { readonly kind: 'synced'; readonly file: string; readonly length: number }
  | { readonly kind: 'create'; readonly file: string }
  | { readonly kind: 'rename'; readonly file: string; readonly to: string }
  | { readonly kind: 'folder' };

/** What is left of a file. */
export interface SurvivingFile {
  readonly name: string;
  readonly bytes: Buffer;
}

/**
 * A disk in memory that remembers everything it was asked for, so that its power can be cut at any moment afterwards: what was
 * synced survives, and of what was not, any pages; the file is as long as the last page that does, with zeros before it.
 */
export class PowerCutDisk implements Disk {
  readonly acts: Act[] = [];
  private readonly rng: Rng;

  /** @param rng  how many turns of the event loop a sync takes */
  constructor(rng: Rng) {
    this.rng = rng;
  }

  async create(file: string): Promise<DiskFile> {
    let length = 0;
    this.acts.push({ kind: 'create', file });
    const sync = async () => {
      const at = length;
      for (let turn = this.rng.int(12); turn >= 0; turn--) await new Promise((resolve) => setImmediate(resolve));
      this.acts.push({ kind: 'synced', file, length: at });
    };
    return {
      append: async (bytes) => {
        this.acts.push({ kind: 'append', file, from: length, bytes: bytes.slice() });
        length += bytes.length;
      },
      ...{ datasync: sync, sync },
      close: async () => {},
    };
  }

  async rename(from: string, to: string): Promise<void> {
    this.acts.push({ kind: 'rename', file: from, to });
  }

  async syncFolder(): Promise<void> {
    this.acts.push({ kind: 'folder' });
  }

  async freeBytes(): Promise<number> {
    return 1e12;
  }

  /** The file that is left when the power goes after so many acts; null where its name had not reached the disk. */
  after(acts: number, rng: Rng): SurvivingFile | null {
    const past = this.acts.slice(0, acts);
    const created = past.findIndex(({ kind }) => kind === 'create');
    const folders = past.flatMap(({ kind }, k) => (kind === 'folder' ? [k] : []));
    const named = folders.length > 0 || rng.uniform() < 0.5;
    if (created < 0 || !named) return null;
    let [length, synced] = [0, 0];
    for (const act of past) {
      if (act.kind === 'append') length = act.from + act.bytes.length;
      if (act.kind === 'synced') synced = Math.max(synced, act.length);
    }
    const all = Buffer.alloc(length);
    for (const act of past) if (act.kind === 'append') all.set(act.bytes, act.from);
    const bytes = Buffer.from(all);
    let end = synced;
    for (let page = Math.floor(synced / PAGE); page * PAGE < length; page++) {
      const from = Math.max(synced, page * PAGE);
      const to = Math.min(length, (page + 1) * PAGE);
      if (rng.uniform() < 0.5) end = to;
      else bytes.fill(0, from, to);
    }
    // A file system may have grown the file before its pages were written.
    if (rng.uniform() < 0.3) end = length;
    const rename = past.findLastIndex(({ kind }) => kind === 'rename');
    const renamed = rename >= 0 && (folders.some((folder) => folder > rename) || rng.uniform() < 0.5);
    const act = past[rename];
    const first = past[created];
    const name = renamed && act.kind === 'rename' ? act.to : first.kind === 'create' ? first.file : '';
    return { name, bytes: bytes.subarray(0, end) };
  }
}
