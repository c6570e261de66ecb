import { documentHash } from '../../safety/index.ts';
import { DATASET_NAME } from '../dataset/index.ts';
import { MANIFEST_NAME } from '../run/index.ts';
import { compareEpisodes, compareFiles, compareIndex } from './compare_files.ts';
import { type HashedFile, MERKLE_NAME, SIGNATURES_FOLDER } from './dataset_files.ts';
import { faultsOf } from './merkle_manifest.ts';
import type { ProvenanceFinding } from './provenance_finding.ts';
import type { Claims } from './read_claims.ts';
import type { SeenRevisions } from './seen_revisions.ts';

interface Here {
  readonly id: string;
  readonly revision: number;
  readonly root: string;
}

/**
 * The files against `merkle.json`, and `merkle.json` against itself.
 *
 * @param intact  whether the files have the root that was signed
 */
export function filesFindings(
  { merkle, signing, unreadable }: Claims,
  files: readonly HashedFile[],
  intact: boolean,
): ProvenanceFinding[] {
  const unread = unreadable.get(MERKLE_NAME);
  if (unread !== undefined) return [{ kind: 'manifest', place: MERKLE_NAME, detail: `cannot be read: ${unread}` }];
  if (merkle === null)
    return signing
      ? [{ kind: 'removed', place: MERKLE_NAME, detail: 'there are signatures, but not what they are of' }]
      : [];
  const faults = faultsOf(merkle.manifest);
  const own = faults.map((detail): ProvenanceFinding => ({ kind: 'manifest', place: MERKLE_NAME, detail }));
  return intact ? own : [...own, ...compareFiles(merkle.manifest.leaves, files)];
}

/** `dataset.json` against `merkle.json` and the files. @param named  places that were found already */
export function indexFindings(
  { merkle, index, index_name, episodes, is_run, unreadable }: Claims,
  files: readonly HashedFile[],
  intact: boolean,
  named: ReadonlySet<string>,
): ProvenanceFinding[] {
  const unread = unreadable.get(index_name);
  if (unread !== undefined)
    return named.has(index_name) ? [] : [{ kind: 'index', place: index_name, detail: `cannot be read: ${unread}` }];
  if (index === null && !is_run) return [];
  const findings = compareIndex(episodes, files, index_name).filter(({ place }) => !named.has(place));
  // A recording that was changed since it was signed is told already.
  const told = findings.filter(({ place }) => {
    const episode = episodes.find(({ id }) => place === `${index_name}: episode ${id}`);
    return episode === undefined || !named.has(episode.file);
  });
  if (merkle === null || index === null || intact) return told;
  const { manifest } = merkle;
  if (manifest.id !== index.id || manifest.revision !== index.revision) {
    const [a, b] = [manifest, index].map(({ id, revision }) => `dataset ${id}, revision ${revision}`);
    told.push({ kind: 'index', place: DATASET_NAME, detail: `is of ${b}; ${MERKLE_NAME} is of ${a}` });
  }
  const now = index.episodes.map((episode) => ({ id: episode.id, sha256: documentHash(episode) }));
  return [...told, ...compareEpisodes(manifest.episodes, now, DATASET_NAME)];
}

/** What this machine remembers of the dataset. */
export function seenFindings(
  seen: SeenRevisions | undefined,
  { id, revision, root }: Here,
  { signing, signatures, merkle }: Claims,
): ProvenanceFinding[] {
  const known = id === '' ? null : (seen?.get(id) ?? null);
  if (known === null) return [];
  const say = (kind: 'roll_back' | 'unsigned' | 'removed', place: string, detail: string) => [{ kind, place, detail }];
  const had = `this machine has seen revision ${known.revision} at ${known.seen_at}`;
  if (!signing) return say('unsigned', SIGNATURES_FOLDER, `is not there any more; ${had}, signed`);
  if (revision < known.revision) return say('roll_back', MERKLE_NAME, `is revision ${revision}; ${had}`);
  const told = merkle?.manifest.root ?? root;
  if (revision === known.revision && told !== known.root)
    return say(
      'roll_back',
      MERKLE_NAME,
      `is another revision ${revision}, of root ${told}; ${had}, of root ${known.root}`,
    );
  const gone = known.signatures.filter((path) => !signatures.signatures.some((one) => one.path === path));
  return gone
    .filter((path) => !signatures.bad.some((one) => one.path === path))
    .flatMap((path) => say('removed', path, `this signature is gone; ${had}, with it`));
}

/** What the user asked for. */
export function expectedFindings(
  asked: { readonly require_signature?: boolean; readonly expect_revision?: number; readonly expect_root?: string },
  { revision, root }: Here,
  signing: boolean,
): ProvenanceFinding[] {
  const findings: ProvenanceFinding[] = [];
  const { require_signature = false, expect_revision, expect_root } = asked;
  if (require_signature && !signing)
    findings.push({ kind: 'unsigned', place: SIGNATURES_FOLDER, detail: 'nobody has signed it' });
  if (expect_revision !== undefined && expect_revision !== revision)
    findings.push({
      ...{ kind: 'expected', place: DATASET_NAME },
      detail: `is revision ${revision}, not ${expect_revision}`,
    });
  if (expect_root !== undefined && expect_root !== root)
    findings.push({
      kind: 'expected',
      place: MERKLE_NAME,
      detail: `its files have the root ${root}, not ${expect_root}`,
    });
  return findings;
}

/** What a run says of itself, where it is not told already. */
export async function runFindings(
  folder: string,
  { is_run, unreadable }: Claims,
  checkRun: ((folder: string) => Promise<readonly ProvenanceFinding[]>) | undefined,
  named: ReadonlySet<string>,
): Promise<ProvenanceFinding[]> {
  if (!is_run || checkRun === undefined) return [];
  const unread = unreadable.get(MANIFEST_NAME);
  if (unread !== undefined)
    return named.has(MANIFEST_NAME) ? [] : [{ kind: 'run', place: MANIFEST_NAME, detail: `cannot be read: ${unread}` }];
  try {
    return (await checkRun(folder)).filter(({ place }) => !named.has(place));
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    return [{ kind: 'run', place: MANIFEST_NAME, detail: `its recordings and logs cannot be checked: ${reason}` }];
  }
}
