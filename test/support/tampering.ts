import { createHash } from 'node:crypto';
import {
  appendFileSync,
  cpSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  symlinkSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { basename, join } from 'node:path';
import type { Rng } from '../../contracts/index.ts';
import {
  DATASET_NAME,
  type DatasetIndex,
  MERKLE_NAME,
  merkleManifest,
  readIndex,
  rootOfFiles,
  writeIndex,
} from '../../datasets/index.ts';
import { documentHash, fingerprintOf, signDocument } from '../../safety/index.ts';
import { bytesOf, episodeOf, hour, type SignedFolder } from './signed_dataset.ts';

/** What was done, the places one of which must be named each, and the files that may be accused at all. */
export interface Tampering {
  readonly what: string;
  readonly named: readonly string[];
  readonly touched: readonly string[];
}

type Tamper = (folder: string, rng: Rng, from: SignedFolder) => Tampering;

/** Every file, from the folder with slashes. */
export function filesOf(folder: string): string[] {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => !entry.isDirectory())
    .map((entry) => join(entry.parentPath, entry.name).slice(folder.length + 1))
    .sort();
}

const pick = <T>(rng: Rng, all: readonly T[]): T => all[rng.int(all.length)];
const one = (what: string, ...files: readonly string[]): Tampering => ({ what, named: files, touched: files });

/** Changes the bytes of any file. */
function bytes(name: string, change: (content: Buffer, rng: Rng) => Uint8Array): Tamper {
  return (folder, rng) => {
    const file = pick(rng, filesOf(folder));
    const before = readFileSync(join(folder, file));
    let after = change(before, rng);
    while (before.equals(after)) after = change(before, rng);
    writeFileSync(join(folder, file), after);
    return one(`${name} in ${file}`, file);
  };
}

/** Changes `dataset.json` so that it stays one. */
function index(
  name: string,
  change: (index: DatasetIndex, rng: Rng) => DatasetIndex,
  places: (now: DatasetIndex) => string[] = () => [],
): Tamper {
  return (folder, rng) => {
    const now = change(readIndex(folder), rng);
    writeIndex(folder, now);
    const named = places(now).map((id) => `${DATASET_NAME}: episode ${id}`);
    return { what: name, named: [DATASET_NAME, ...named], touched: [DATASET_NAME] };
  };
}

/** Writes `merkle.json` anew over what lies there, as one without a key can. */
function recompute(folder: string): { readonly root: string; readonly manifest_sha256: string } {
  const before = merkleManifest.parse(JSON.parse(readFileSync(join(folder, MERKLE_NAME), 'utf8')));
  const files = filesOf(folder).filter((file) => file !== MERKLE_NAME && !file.startsWith('signatures/'));
  const leaves = files
    .map((path) => {
      const content = readFileSync(join(folder, path));
      return { path, bytes: content.length, sha256: createHash('sha256').update(content).digest('hex') };
    })
    .sort((a, b) => Buffer.compare(Buffer.from(a.path), Buffer.from(b.path)));
  const index = readIndex(folder);
  const episodes = index.episodes.map((each) => ({ id: each.id, file: each.file, sha256: documentHash(each) }));
  const root = rootOfFiles(leaves);
  const text = `${JSON.stringify({ ...before, revision: index.revision, root, episodes, leaves }, null, 1)}\n`;
  writeFileSync(join(folder, MERKLE_NAME), text);
  return { root, manifest_sha256: createHash('sha256').update(text).digest('hex') };
}

/** Changes a recording, and with it the index and the manifest, so that all of them agree. */
function consistently(folder: string, rng: Rng): ReturnType<typeof recompute> & { readonly file: string } {
  const before = readIndex(folder);
  const k = rng.int(before.episodes.length);
  const { id, file } = before.episodes[k];
  const content = bytesOf(rng, 400);
  writeFileSync(join(folder, file), content);
  writeIndex(folder, {
    ...before,
    episodes: before.episodes.map((each, i) => (i === k ? episodeOf(id, content) : each)),
  });
  return { ...recompute(folder), file };
}

const signatureFiles = (folder: string) => filesOf(folder).filter((file) => file.startsWith('signatures/'));
const parsed = (file: string) => JSON.parse(readFileSync(file, 'utf8'));
const put = (file: string, json: unknown) => writeFileSync(file, `${JSON.stringify(json, null, 1)}\n`);

/** Signs what lies there by the stranger's key, in the place of the newest signatures or beside them. */
function signAsStranger(folder: string, { stranger }: SignedFolder, facts: object, revision: number): string {
  const [like] = signatureFiles(folder).slice(-1);
  const { statement } = parsed(join(folder, like));
  const own = { ...statement, ...facts, revision, signed_at: hour(9), public_key: stranger.public_key };
  const name = `signatures/r${String(revision).padStart(6, '0')}-${fingerprintOf(stranger.public_key).slice(0, 16)}.json`;
  put(join(folder, name), { statement: own, signature: signDocument(stranger.key, 'dataset', own) });
  return name;
}

export const TAMPERINGS: readonly Tamper[] = [
  bytes('a bit flipped', (content, rng) => {
    const copy = Buffer.from(content);
    copy[rng.int(copy.length)] ^= 1 << rng.int(8);
    return copy;
  }),
  bytes('bytes inserted', (content, rng) => {
    const at = rng.int(content.length + 1);
    return Buffer.concat([content.subarray(0, at), bytesOf(rng, 1 + rng.int(20)), content.subarray(at)]);
  }),
  bytes('bytes taken out', (content, rng) => {
    const at = rng.int(content.length);
    return Buffer.concat([content.subarray(0, at), content.subarray(at + 1 + rng.int(20))]);
  }),
  bytes('white space added', (content, rng) => Buffer.concat([content, Buffer.from(pick(rng, [' ', '\n', '\t']))])),
  bytes('bytes overwritten', (content, rng) => {
    const copy = Buffer.from(content);
    copy.set(bytesOf(rng, Math.min(8, copy.length)), rng.int(Math.max(1, copy.length - 8)));
    return copy;
  }),
  (folder, rng) => {
    const file = pick(rng, filesOf(folder));
    appendFileSync(join(folder, file), bytesOf(rng, 1 + rng.int(50)));
    return one(`bytes appended to ${file}`, file);
  },
  (folder, rng) => {
    const file = pick(rng, filesOf(folder));
    truncateSync(join(folder, file), rng.int(statSync(join(folder, file)).size));
    return one(`${file} cut short`, file);
  },
  (folder, rng) => {
    const all = filesOf(folder);
    const a = pick(rng, all);
    const b = pick(
      rng,
      all.filter((file) => file !== a),
    );
    const [left, right] = [a, b].map((file) => readFileSync(join(folder, file)));
    writeFileSync(join(folder, a), right);
    writeFileSync(join(folder, b), left);
    return one(`${a} and ${b} swapped`, a, b);
  },
  (folder, rng) => {
    const file = pick(rng, filesOf(folder));
    rmSync(join(folder, file));
    return one(`${file} removed`, file);
  },
  (folder, rng) => {
    const file = `${pick(rng, ['', 'episodes/', 'signatures/', 'new/'])}${pick(rng, ['x.mcap', 'y.json', '.hidden'])}`;
    mkdirSync(join(folder, 'new'), { recursive: true });
    writeFileSync(join(folder, file), bytesOf(rng, rng.int(40)));
    return one(`${file} added`, file);
  },
  (folder, rng) => {
    const file = pick(rng, filesOf(folder));
    const copy = `${file}.copy`;
    cpSync(join(folder, file), join(folder, copy));
    return one(`${file} copied`, copy);
  },
  (folder, rng) => {
    const file = pick(rng, filesOf(folder));
    const to = `${file.slice(0, -basename(file).length)}renamed-${basename(file)}`;
    renameSync(join(folder, file), join(folder, to));
    return { what: `${file} renamed`, named: [file], touched: [file, to] };
  },
  (folder, rng) => {
    const file = pick(rng, filesOf(folder));
    const outside = `${folder}-outside`;
    cpSync(join(folder, file), outside);
    rmSync(join(folder, file));
    symlinkSync(outside, join(folder, file));
    return one(`${file} made a link out of the folder`, file);
  },
  (folder) => {
    symlinkSync('/etc', join(folder, 'elsewhere'));
    return one('a link to a folder elsewhere', 'elsewhere');
  },
  index(
    'episodes reordered',
    (now, rng) => {
      const [from, to] = [rng.int(now.episodes.length), rng.int(now.episodes.length - 1)];
      const rest = now.episodes.filter((_, k) => k !== from);
      const at = to >= from ? to + 1 : to;
      const moved = [...rest.slice(0, at), now.episodes[from], ...rest.slice(at)];
      return { ...now, episodes: moved };
    },
    () => [''],
  ),
  index(
    'an episode taken from the index',
    (now, rng) => {
      const gone = rng.int(now.episodes.length);
      return { ...now, episodes: now.episodes.filter((_, k) => k !== gone) };
    },
    () => [''],
  ),
  index(
    'an outcome changed',
    (now) => {
      const [first, ...rest] = now.episodes;
      return { ...now, episodes: [{ ...first, outcome: { ...first.outcome, success: false } }, ...rest] };
    },
    ({ episodes }) => [episodes[0].id],
  ),
  index(
    'files of two episodes exchanged in the index',
    (now) => {
      const [a, b, ...rest] = now.episodes;
      const facts = ({ file, bytes, sha256 }: typeof a) => ({ file, bytes, sha256 });
      return { ...now, episodes: [{ ...a, ...facts(b) }, { ...b, ...facts(a) }, ...rest] };
    },
    ({ episodes }) => [episodes[0].id, episodes[1].id],
  ),
  index('the licence changed', (now) => ({ ...now, licence: 'Apache-2.0' })),
  index('the revision raised', (now, rng) => ({ ...now, revision: now.revision + 1 + rng.int(3) })),
  index('the id changed', (now) => ({ ...now, id: '1b6f6f9e-3a59-4d7e-9c1a-6f0e3c1d2b4a' })),
  (folder, rng) => {
    const { file } = consistently(folder, rng);
    return one('a recording, index and manifest changed consistently', MERKLE_NAME, file, DATASET_NAME);
  },
  (folder, rng) => {
    const { file: recording, ...facts } = consistently(folder, rng);
    const file = signatureFiles(folder).slice(-1)[0];
    const { statement, signature } = parsed(join(folder, file));
    put(join(folder, file), { statement: { ...statement, ...facts }, signature });
    return one('the same, and the statement that was signed', file, recording, DATASET_NAME);
  },
  (folder, rng, from) => {
    const { file: recording, ...facts } = consistently(folder, rng);
    const gone = signatureFiles(folder).slice(-2);
    const file = signAsStranger(folder, from, facts, 3);
    for (const old of gone) rmSync(join(folder, old));
    const what = 'the same, signed by a stranger in the place of those who did';
    const named = [file, recording, DATASET_NAME];
    return { what, named, touched: [...named, ...gone] };
  },
  (folder, rng, from) => {
    writeIndex(folder, { ...readIndex(folder), revision: 4 });
    const { file: recording, ...facts } = consistently(folder, rng);
    const file = signAsStranger(folder, from, facts, 4);
    return one('a next revision, signed by a stranger', file, recording, DATASET_NAME);
  },
  (folder, _rng, from) => one('signed by a stranger, too', signAsStranger(folder, from, {}, 3)),
  (folder, rng, { stranger }) => {
    const file = pick(rng, signatureFiles(folder));
    const { statement, signature } = parsed(join(folder, file));
    put(join(folder, file), { statement: { ...statement, public_key: stranger.public_key }, signature });
    return one(`the key in ${file} replaced`, file);
  },
  (folder, rng) => {
    const [a, b] = [signatureFiles(folder), signatureFiles(folder)].map((all) => pick(rng, all));
    const file = a === b ? (signatureFiles(folder).find((each) => each !== a) ?? a) : b;
    const other = parsed(join(folder, file)).signature;
    put(join(folder, a), { ...parsed(join(folder, a)), signature: other });
    return one(`the signature of ${file} in ${a}`, a);
  },
  (folder, rng, { revisions }) => {
    const old = revisions[rng.int(2)];
    const different = filesOf(old).filter(
      (file) => !readFileSync(join(old, file)).equals(readFileSync(join(folder, file))),
    );
    const file = pick(rng, different);
    cpSync(join(old, file), join(folder, file));
    return one(`${file} of an older revision`, file);
  },
  (folder, rng, { revisions }) => {
    const old = revisions[rng.int(2)];
    rmSync(folder, { recursive: true });
    cpSync(old, folder, { recursive: true });
    return one(`the whole ${basename(old)} put back`, MERKLE_NAME);
  },
  (folder, rng, { revisions }) => {
    const old = revisions[rng.int(2)];
    for (const file of [DATASET_NAME, MERKLE_NAME, 'report.html']) cpSync(join(old, file), join(folder, file));
    return { what: `index and manifest of ${basename(old)}`, named: [MERKLE_NAME], touched: filesOf(folder) };
  },
  (folder) => {
    rmSync(join(folder, 'signatures'), { recursive: true });
    return one('all signatures taken away', 'signatures');
  },
  (folder) => {
    rmSync(join(folder, 'signatures'), { recursive: true });
    rmSync(join(folder, MERKLE_NAME));
    return one('signatures and manifest taken away', 'signatures');
  },
  (folder, rng) => {
    const leaf = rng.int(5);
    const text = parsed(join(folder, MERKLE_NAME));
    [text.leaves[leaf], text.leaves[leaf + 1]] = [text.leaves[leaf + 1], text.leaves[leaf]];
    put(join(folder, MERKLE_NAME), { ...text, root: rootOfFiles(text.leaves) });
    return one('leaves exchanged, with the root of that', MERKLE_NAME);
  },
  (folder) => {
    const text = parsed(join(folder, MERKLE_NAME));
    put(join(folder, MERKLE_NAME), { ...text, previous_root: null });
    return one('the previous root forgotten', MERKLE_NAME);
  },
];
