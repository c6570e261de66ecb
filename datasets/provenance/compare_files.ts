import type { DatasetEpisode } from '../dataset/index.ts';
import type { HashedFile } from './dataset_files.ts';
import type { MerkleManifest } from './merkle_manifest.ts';
import type { ProvenanceFinding } from './provenance_finding.ts';

const short = (sha256: string) => sha256.slice(0, 12);
const say = ({ bytes, sha256 }: HashedFile) => `${bytes} bytes, SHA-256 ${short(sha256)}…`;

/** Every difference between the files that were vouched for and those that are there, by name. */
export function compareFiles(signed: readonly HashedFile[], found: readonly HashedFile[]): ProvenanceFinding[] {
  const before = new Map(signed.map((file) => [file.path, file]));
  const now = new Map(found.map((file) => [file.path, file]));
  const holders = new Map(signed.map((file) => [file.sha256, file.path]));
  const gone = signed.filter(({ path }) => !now.has(path));
  const fresh = found.filter(({ path }) => !before.has(path));
  const findings: ProvenanceFinding[] = [];
  for (const file of found) {
    const was = before.get(file.path);
    if (was === undefined || (was.sha256 === file.sha256 && was.bytes === file.bytes)) continue;
    const other = holders.get(file.sha256);
    const moved = other === undefined || other === file.path ? '' : `; that is what ${other} held`;
    findings.push({ kind: 'changed', place: file.path, detail: `was ${say(was)}, is ${say(file)}${moved}` });
  }
  const taken = new Set<string>();
  for (const file of gone) {
    const to = fresh.find(({ sha256, path }) => sha256 === file.sha256 && !taken.has(path));
    if (to === undefined) findings.push({ kind: 'removed', place: file.path, detail: `is gone; it was ${say(file)}` });
    else {
      taken.add(to.path);
      findings.push({ kind: 'renamed', place: file.path, detail: `is called ${to.path} now` });
    }
  }
  for (const file of fresh) {
    if (taken.has(file.path)) continue;
    const copied = holders.get(file.sha256);
    const copy = copied === undefined ? '' : `; a copy of ${copied}`;
    findings.push({ kind: 'added', place: file.path, detail: `was not signed (${say(file)}${copy})` });
  }
  return findings;
}

/** Which episodes of an index are not as they were vouched for, and whether their order is another. */
export function compareEpisodes(
  signed: MerkleManifest['episodes'],
  found: readonly { readonly id: string; readonly sha256: string }[],
  index_name: string,
): ProvenanceFinding[] {
  const before = new Map(signed.map((episode) => [episode.id, episode.sha256]));
  const now = new Map(found.map((episode) => [episode.id, episode.sha256]));
  const at = (kind: 'changed' | 'removed' | 'added' | 'reordered', id: string, detail: string): ProvenanceFinding => ({
    ...{ kind, place: `${index_name}: episode ${id}`, detail },
  });
  const findings = signed.flatMap(({ id, sha256 }) => {
    const is = now.get(id);
    if (is === undefined) return [at('removed', id, 'is not in the index any more')];
    return is === sha256 ? [] : [at('changed', id, 'its description is not the one that was signed')];
  });
  for (const { id } of found)
    if (!before.has(id)) findings.push(at('added', id, 'was not in the index that was signed'));
  const kept = signed.filter(({ id }) => now.has(id)).map(({ id }) => id);
  const order = found.filter(({ id }) => before.has(id)).map(({ id }) => id);
  const first = order.findIndex((id, k) => id !== kept[k]);
  if (first >= 0) findings.push(at('reordered', order[first], `stands where ${kept[first]} stood`));
  return findings;
}

/** Whether the recordings that an index names are the ones that are there. */
export function compareIndex(
  episodes: readonly Pick<DatasetEpisode, 'id' | 'file' | 'bytes' | 'sha256'>[],
  found: readonly HashedFile[],
  index_name: string,
): ProvenanceFinding[] {
  const now = new Map(found.map((file) => [file.path, file]));
  const named = new Set(episodes.map(({ file }) => file));
  const findings = episodes.flatMap((episode): ProvenanceFinding[] => {
    const place = `${index_name}: episode ${episode.id}`;
    const is = now.get(episode.file);
    if (is === undefined) return [{ kind: 'index', place, detail: `its recording ${episode.file} is missing` }];
    if (is.sha256 === episode.sha256 && is.bytes === episode.bytes) return [];
    const was = say({ path: episode.file, bytes: episode.bytes, sha256: episode.sha256 });
    return [{ kind: 'index', place, detail: `says that ${episode.file} has ${was}; it has ${say(is)}` }];
  });
  for (const { path } of found) {
    if (/^episodes\/.*\.mcap$/.test(path) && !named.has(path))
      findings.push({ kind: 'index', place: path, detail: `no episode of ${index_name} names it` });
  }
  return findings;
}
