import { documentHash } from '../../safety/index.ts';
import { DATASET_NAME } from '../dataset/index.ts';
import { MANIFEST_NAME } from '../run/index.ts';
import { compareEpisodes, compareFiles, compareIndex } from './compare_files.ts';
import { type HashedFile, MERKLE_NAME, SIGNATURES_FOLDER } from './dataset_files.ts';
import { faultsOf, type MerkleManifest } from './merkle_manifest.ts';
import type { ProvenanceFinding } from './provenance_finding.ts';
import type { Claims } from './read_claims.ts';
import type { SeenRevisions } from './seen_revisions.ts';

interface Here {
  readonly id: string;
  readonly revision: number;
  readonly root: string;
}

/** What the files are compared with, as far as it can be believed. */
export interface Baseline {
  /** Whether the files have the root that was signed: then only `merkle.json` can be wrong, and must not accuse others. */
  readonly intact: boolean;
  /** Null where there is none; of the files as this machine has seen them where `merkle.json` is not as it was signed. */
  readonly manifest: MerkleManifest | null;
}

/** Chooses what to compare with. @param signed  what counting signatures say of the newest revision; null for nothing */
export function baselineOf(
  { merkle }: Claims,
  root: string,
  signed: { readonly root: string; readonly manifest_sha256: string } | null,
  seen: SeenRevisions | undefined,
  id: string,
): Baseline {
  if (signed?.root === root) return { intact: true, manifest: merkle?.manifest ?? null };
  if (merkle !== null && merkle.sha256 === signed?.manifest_sha256) return { intact: false, manifest: merkle.manifest };
  const was = id === '' ? undefined : (signed?.root ?? seen?.get(id)?.root);
  const known = was === undefined ? null : (seen?.manifest(id, was) ?? null);
  return { intact: known?.root === root, manifest: known ?? merkle?.manifest ?? null };
}

/** `merkle.json` against itself, and the files against what they were. */
export function filesFindings(
  { merkle, signing, unreadable }: Claims,
  files: readonly HashedFile[],
  { intact, manifest }: Baseline,
): ProvenanceFinding[] {
  const say = (kind: 'manifest' | 'removed', detail: string): ProvenanceFinding => ({
    kind,
    place: MERKLE_NAME,
    detail,
  });
  const unread = unreadable.get(MERKLE_NAME);
  const own = merkle === null ? [] : faultsOf(merkle.manifest).map((detail) => say('manifest', detail));
  if (unread !== undefined) own.push(say('manifest', `cannot be read: ${unread}`));
  else if (merkle === null && signing) own.push(say('removed', 'there are signatures, but not what they are of'));
  return intact || manifest === null ? own : [...own, ...compareFiles(manifest.leaves, files)];
}

/** `dataset.json` against `merkle.json` and the files. @param named  places that were found already */
export function indexFindings(
  { merkle, index, index_name, episodes, is_run, unreadable }: Claims,
  files: readonly HashedFile[],
  { intact, manifest }: Baseline,
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
  if (
    merkle !== null &&
    index !== null &&
    (merkle.manifest.id !== index.id || merkle.manifest.revision !== index.revision)
  ) {
    const [a, b] = [merkle.manifest, index].map(({ id, revision }) => `revision ${revision} of ${id}`);
    const detail = `is ${b}; ${MERKLE_NAME} is ${a}: changed since it was signed; who did that signs it anew`;
    told.push({ kind: 'index', place: DATASET_NAME, detail });
  }
  if (manifest === null || index === null || intact) return told;
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
