import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { createRng } from '../../contracts/index.ts';
import type { DatasetVerdict, ProvenanceFinding } from '../../datasets/index.ts';
import { type SignedFolder, verifyFolder } from './signed_dataset.ts';
import { filesOf, TAMPERINGS, type Tampering } from './tampering.ts';

const OF_FILES = ['changed', 'removed', 'added', 'renamed', 'no_file'];
/** An empty id stands for any episode. */
const isAt = (place: string, named: string) =>
  place === named ||
  (named.endsWith('episode ')
    ? place.startsWith(named)
    : place.startsWith(`${named}: `) || (named === 'signatures' && place.startsWith('signatures/')));

/** Does a number of tamperings, each to a copy, and hands what `verify` finds to `judge`; returns its complaints. */
async function sweep(
  signed: SignedFolder,
  scratch: string,
  [count, seed]: readonly [count: number, seed: number],
  verify: (folder: string) => Promise<DatasetVerdict>,
  judge: (verdict: DatasetVerdict, tampering: Tampering) => readonly string[],
): Promise<string[]> {
  const complaints: string[] = [];
  const files = new Map(filesOf(signed.folder).map((file) => [file, readFileSync(join(signed.folder, file))]));
  for (let k = 0; k < count; k++) {
    const rng = createRng(seed, 'tampering').stream(String(k));
    const copy = join(scratch, `copy-${k}`);
    write(copy, files);
    const tamper = k < TAMPERINGS.length ? TAMPERINGS[k] : TAMPERINGS[rng.int(TAMPERINGS.length)];
    const tampering = tamper(copy, rng, signed);
    const verdict = await verify(copy);
    for (const complaint of judge(verdict, tampering))
      complaints.push(`seed ${seed}, ${k}: ${tampering.what}: ${complaint}; ${said(verdict.findings)}`);
    for (const path of [copy, `${copy}-outside`]) rmSync(path, { recursive: true, force: true });
  }
  return complaints;
}

/** Those that were missed, not named, or blamed on other files, with their seed. */
export function tamperAndVerify(
  signed: SignedFolder,
  scratch: string,
  count: number,
  seed: number,
): Promise<readonly string[]> {
  return sweep(
    signed,
    scratch,
    [count, seed],
    (copy) => verifyFolder(copy, signed),
    ({ ok, signed: is_signed, findings }, { named, touched }) => [
      ...(ok || is_signed ? ['was not found'] : []),
      ...named
        .filter((place) => !findings.some((finding) => isAt(finding.place, place)))
        .map((place) => `does not name ${place}`),
      ...findings
        .filter(({ kind, place }) => OF_FILES.includes(kind) && !touched.some((file) => isAt(place, file)))
        .map(({ place }) => `accuses ${place}`),
    ],
  );
}

/** Those that are missed by a machine that never saw the dataset, but was told its revision and root. */
export function tamperUnseen(
  signed: SignedFolder,
  scratch: string,
  told: { readonly expect_revision: number; readonly expect_root: string },
  count: number,
  seed: number,
): Promise<readonly string[]> {
  return sweep(
    signed,
    scratch,
    [count, seed],
    (copy) => verifyFolder(copy, { trusted: signed.trusted }, { ...told, require_signature: true }),
    ({ ok }) => (ok ? ['was not found'] : []),
  );
}

const said = (findings: readonly ProvenanceFinding[]) =>
  findings.map(({ kind, place, detail }) => `${kind} ${place} (${detail})`).join(' | ');

function write(folder: string, files: ReadonlyMap<string, Uint8Array>): void {
  for (const [file, content] of files) {
    mkdirSync(dirname(join(folder, file)), { recursive: true });
    writeFileSync(join(folder, file), content);
  }
}
