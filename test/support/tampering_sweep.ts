import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { createRng } from '../../contracts/index.ts';
import type { ProvenanceFinding } from '../../datasets/index.ts';
import { type SignedFolder, verifyFolder } from './signed_dataset.ts';
import { filesOf, TAMPERINGS } from './tampering.ts';

const OF_FILES = ['changed', 'removed', 'added', 'renamed', 'no_file'];
/** An empty id stands for any episode. */
const isAt = (place: string, named: string) =>
  place === named ||
  (named.endsWith('episode ')
    ? place.startsWith(named)
    : place.startsWith(`${named}: `) || (named === 'signatures' && place.startsWith('signatures/')));

/** Does a number of tamperings, each to a copy; returns those that were missed, not named or blamed on others, with their seed. */
export async function tamperAndVerify(
  signed: SignedFolder,
  scratch: string,
  count: number,
  seed: number,
): Promise<string[]> {
  const missed: string[] = [];
  const files = new Map(filesOf(signed.folder).map((file) => [file, readFileSync(join(signed.folder, file))]));
  for (let k = 0; k < count; k++) {
    const rng = createRng(seed, 'tampering').stream(String(k));
    const copy = join(scratch, `copy-${k}`);
    write(copy, files);
    const tamper = k < TAMPERINGS.length ? TAMPERINGS[k] : TAMPERINGS[rng.int(TAMPERINGS.length)];
    const { what, named, touched } = tamper(copy, rng, signed);
    const { ok, signed: is_signed, findings } = await verifyFolder(copy, signed);
    const complain = (why: string) => missed.push(`seed ${seed}, ${k}: ${what}: ${why}; ${said(findings)}`);
    if (ok || is_signed) complain('was not found');
    for (const place of named) {
      if (!findings.some((finding) => isAt(finding.place, place))) complain(`does not name ${place}`);
    }
    for (const { kind, place } of findings) {
      if (OF_FILES.includes(kind) && !touched.some((file) => isAt(place, file))) complain(`accuses ${place}`);
    }
    for (const path of [copy, `${copy}-outside`]) rmSync(path, { recursive: true, force: true });
  }
  return missed;
}

const said = (findings: readonly ProvenanceFinding[]) =>
  findings.map(({ kind, place, detail }) => `${kind} ${place} (${detail})`).join(' | ');

function write(folder: string, files: ReadonlyMap<string, Uint8Array>): void {
  for (const [file, content] of files) {
    mkdirSync(dirname(join(folder, file)), { recursive: true });
    writeFileSync(join(folder, file), content);
  }
}
