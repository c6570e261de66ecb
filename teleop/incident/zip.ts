import { createReadStream } from 'node:fs';
import { join } from 'node:path';
import { Zip, ZipPassThrough } from 'fflate';
import { filesOf } from './bundle_files.ts';

/** The files of a folder as a ZIP, stored as they are, made as it is read: nothing of it is held in memory whole. */
export async function* zipOf(folder: string, prefix: string): AsyncGenerator<Uint8Array> {
  const made: Uint8Array[] = [];
  const zip = new Zip((error, piece) => {
    if (error !== null) throw error;
    made.push(piece);
  });
  for (const { name } of await filesOf(folder)) {
    const entry = new ZipPassThrough(`${prefix}/${name}`);
    zip.add(entry);
    for await (const piece of createReadStream(join(folder, ...name.split('/')))) {
      entry.push(piece);
      yield* made.splice(0);
    }
    entry.push(new Uint8Array(0), true);
    yield* made.splice(0);
  }
  zip.end();
  yield* made.splice(0);
}
