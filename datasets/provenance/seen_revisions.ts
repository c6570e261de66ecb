import {
  closeSync,
  existsSync,
  fdatasyncSync,
  mkdirSync,
  openSync,
  readFileSync,
  renameSync,
  writeFileSync,
} from 'node:fs';
import { homedir } from 'node:os';
import { dirname, isAbsolute, join } from 'node:path';
import { z } from 'zod';
import { InputError } from '../../contracts/index.ts';
import { faultsOf, type MerkleManifest, manifestText, merkleManifest, sha256Hex } from './merkle_manifest.ts';

const seenSchema = z.strictObject({
  schema: z.literal('surepick.seen_dataset'),
  version: z.literal(1),
  id: z.uuid(),
  name: z.string(),
  revision: z.number().int().positive(),
  root: sha256Hex,
  /** Signatures that lay there, from the dataset's folder. */
  signatures: z.array(z.string()).readonly(),
  seen_at: z.iso.datetime(),
});
export type SeenDataset = Readonly<z.infer<typeof seenSchema>>;

/** Where this machine remembers datasets: `$XDG_STATE_HOME/surepick/datasets`, or below `~/.local/state`. */
export function seenFolder(env: Readonly<Record<string, string | undefined>>, home = homedir()): string {
  const state = env.XDG_STATE_HOME ?? '';
  return join(isAbsolute(state) ? state : join(home, '.local', 'state'), 'surepick', 'datasets');
}

/**
 * The newest signed revision of every dataset that this machine has seen. It lies apart from the datasets, so that whoever
 * puts back an old one, or takes its signatures away, is noticed.
 */
export class SeenRevisions {
  readonly folder: string;

  constructor(folder: string) {
    this.folder = folder;
  }

  /** Null for a dataset that was never seen. Throws InputError for a memory that was spoilt. */
  get(id: string): SeenDataset | null {
    const file = this.fileOf(id);
    if (!existsSync(file)) return null;
    try {
      return seenSchema.parse(JSON.parse(readFileSync(file, 'utf8')));
    } catch (cause) {
      throw new InputError(file, 'must be as it was written; restore it, or remove it when you know why', { cause });
    }
  }

  /** Keeps what was seen, with what each file was, where it is not older than, or another than, what is known. */
  see(told: Omit<SeenDataset, 'schema' | 'version'>, manifest: MerkleManifest): void {
    const known = this.get(told.id);
    if (known !== null && known.revision > told.revision) return;
    if (known !== null && known.revision === told.revision && known.root !== told.root) return;
    const seen = seenSchema.parse({ schema: 'surepick.seen_dataset', version: 1, ...told });
    writeWhole(this.manifestFileOf(told.id), manifestText(manifest));
    writeWhole(this.fileOf(told.id), `${JSON.stringify(seen)}\n`);
  }

  /** What the files were when a root was seen; null where another root was, or none. */
  manifest(id: string, root: string): MerkleManifest | null {
    const file = this.manifestFileOf(id);
    if (!existsSync(file)) return null;
    try {
      const manifest = merkleManifest.parse(JSON.parse(readFileSync(file, 'utf8')));
      return manifest.root === root && faultsOf(manifest).length === 0 ? manifest : null;
    } catch {
      return null;
    }
  }

  /** Where it is kept, to be named to people. */
  fileOf(id: string): string {
    return join(this.folder, `${z.uuid().parse(id)}.json`);
  }

  private manifestFileOf(id: string): string {
    return join(this.folder, `${z.uuid().parse(id)}.merkle.json`);
  }
}

function writeWhole(file: string, text: string): void {
  try {
    mkdirSync(dirname(file), { recursive: true, mode: 0o700 });
    const part = `${file}.${process.pid}.part`;
    const descriptor = openSync(part, 'w', 0o600);
    try {
      writeFileSync(descriptor, text);
      fdatasyncSync(descriptor);
    } finally {
      closeSync(descriptor);
    }
    renameSync(part, file);
  } catch (cause) {
    throw new InputError(file, 'must be a file that can be written', { cause });
  }
}
