import { mkdirSync, readFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { z } from 'zod';
import { replaceFile } from '../run/file.ts';
import type { FoundFile, HashCache } from './dataset_files.ts';
import { sha256Hex } from './merkle_manifest.ts';

const cacheSchema = z.strictObject({
  schema: z.literal('surepick.hash_cache'),
  version: z.literal(1),
  files: z.record(z.string(), z.tuple([z.number(), z.string(), sha256Hex])),
});

/** Hashes of files by size, times and inode, in a file. One that cannot be read is as an empty one. */
export class FileHashCache implements HashCache {
  private readonly file: string;
  private readonly known: ReadonlyMap<string, readonly [number, string, string]>;
  private readonly now = new Map<string, readonly [number, string, string]>();

  constructor(file: string) {
    this.file = file;
    this.known = new Map(Object.entries(read(file)));
  }

  get({ path, bytes, changed }: FoundFile): string | undefined {
    const [size, times, sha256] = this.known.get(path) ?? [];
    return size === bytes && times === changed ? sha256 : undefined;
  }

  set({ path, bytes, changed }: FoundFile, sha256: string): void {
    this.now.set(path, [bytes, changed, sha256]);
  }

  /** Keeps what was asked for since it was opened. Throws InputError where it cannot be written. */
  save(): void {
    mkdirSync(dirname(this.file), { recursive: true, mode: 0o700 });
    const content = { schema: 'surepick.hash_cache', version: 1, files: Object.fromEntries(this.now) };
    replaceFile(this.file, `${JSON.stringify(cacheSchema.parse(content))}\n`);
  }
}

function read(file: string): z.infer<typeof cacheSchema>['files'] {
  try {
    return cacheSchema.parse(JSON.parse(readFileSync(file, 'utf8'))).files;
  } catch {
    return {};
  }
}
