import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import { InputError } from '../../contracts/index.ts';
import type { ProvenanceFinding } from '../../datasets/index.ts';
import { filesOf, sha256Of } from './bundle_files.ts';

export const BUNDLE_NAME = 'bundle.json';

const bundle = z.object({
  schema: z.literal('surepick/incident'),
  version: z.literal(1),
  files: z
    .array(
      z.object({ name: z.string().min(1), bytes: z.int().nonnegative(), sha256: z.string().regex(/^[0-9a-f]{64}$/) }),
    )
    .readonly(),
});

export function isBundle(folder: string): boolean {
  return existsSync(join(folder, BUNDLE_NAME));
}

/** Every file of an incident bundle that is not as it was written. Throws InputError where `bundle.json` is none. */
export async function checkBundle(folder: string): Promise<readonly ProvenanceFinding[]> {
  const file = join(folder, BUNDLE_NAME);
  const { files } = parsed(file, await readFile(file, 'utf8'));
  const there = new Map((await filesOf(folder)).map(({ name, bytes }) => [name, bytes]));
  there.delete(BUNDLE_NAME);
  const found: ProvenanceFinding[] = [];
  const tell = (place: string, detail: string) => void found.push({ kind: 'run', place, detail });
  for (const { name, bytes, sha256 } of files) {
    const is = there.get(name);
    there.delete(name);
    if (is === undefined) tell(name, `is named by ${BUNDLE_NAME} and not there`);
    else if (is !== bytes) tell(name, `has ${is} bytes, and ${BUNDLE_NAME} says ${bytes}`);
    else if ((await sha256Of(join(folder, ...name.split('/')))) !== sha256)
      tell(name, `is not as it was written: its SHA-256 is not the one in ${BUNDLE_NAME}`);
  }
  for (const name of there.keys()) tell(name, `is not named by ${BUNDLE_NAME}`);
  return found;
}

function parsed(file: string, text: string): z.infer<typeof bundle> {
  let content: unknown;
  try {
    content = JSON.parse(text);
  } catch (cause) {
    throw new InputError(file, 'must be the JSON of an incident bundle', { cause });
  }
  const { data, error } = bundle.safeParse(content);
  if (data !== undefined) return data;
  const [issue] = error.issues;
  throw new InputError(`${file}: ${issue.path.join('.') || 'content'}`, issue.message);
}
