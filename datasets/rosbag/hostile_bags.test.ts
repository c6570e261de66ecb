import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import zstd from '@foxglove/wasm-zstd';
import sqlite from 'node-sqlite3-wasm';
import { afterAll, describe, expect, it } from 'vitest';
import { InputError } from '../../contracts/index.ts';
import { JOINT_STATE, START_NS, writeDatabase, writeMcap } from '../../test/support/made_bags.ts';
import { importBags, openDataset, summarizeRecording } from '../index.ts';

const folder = mkdtempSync(join(tmpdir(), 'surepick-hostile-bags-'));
let made = 0;
const fresh = (suffix = '') => join(folder, `bag-${++made}${suffix}`);

function metadata(bag: string, yaml: string): string {
  writeFileSync(join(bag, 'metadata.yaml'), yaml);
  return bag;
}

const information = (paths: readonly string[], more = '') =>
  `rosbag2_bagfile_information:\n  version: 5\n  storage_identifier: sqlite3\n  message_count: 200\n  relative_file_paths:\n${paths.map((path) => `    - ${JSON.stringify(path)}\n`).join('')}${more}`;

function bagWith(yaml: string): string {
  const bag = fresh();
  mkdirSync(bag);
  writeDatabase(join(bag, 'a_0.db3'));
  return metadata(bag, yaml);
}

async function bring(source: string) {
  const out = fresh('-set');
  const signal = new AbortController().signal;
  const id = '0b6f6f9e-3a59-4d7e-9c1a-6f0e3c1d2b4a';
  const imported = await importBags({ source, out, name: 'x', id, now: '2026-02-03T04:05:06Z', signal });
  return { out, ...imported, notes: imported.bags.flatMap(({ notes }) => notes).join('\n') };
}

afterAll(() => rmSync(folder, { recursive: true, force: true }));

describe('a bag that cannot be used is refused, and told why', () => {
  it.each<[string, () => string | Promise<string>, RegExp]>([
    ['a path that is not there', () => join(folder, 'none'), /none: cannot be read \(ENOENT/],
    ['an empty folder', empty, /must be a file \.mcap or \.db3/],
    [
      'a path out of the bag',
      () => bagWith(information(['../../x.db3'])),
      /"\.\.\/\.\.\/x\.db3": must be a path inside/,
    ],
    ['an absolute path', () => bagWith(information(['/etc/passwd'])), /"\/etc\/passwd": must be a path inside/],
    ['a backslash path', () => bagWith(information(['..\\x.db3'])), /must be a path inside/],
    ['a file that is not there', () => bagWith(information(['b_0.db3'])), /"b_0\.db3": is not there/],
    ['a file named twice', () => bagWith(information(['a_0.db3', 'a_0.db3'])), /is there twice/],
    ['no files', () => bagWith('rosbag2_bagfile_information:\n  version: 5\n'), /must name at least one file/],
    ['a version of the future', () => bagWith(information(['a_0.db3']).replace('5', '10')), /version 10: 1 to 9/],
    [
      'a negative count',
      () => bagWith(information(['a_0.db3']).replace('200', '-1')),
      /message_count: must not be neg/,
    ],
    ['no YAML', () => bagWith('{'), /is no YAML/],
    ['a list', () => bagWith('[1, 2]'), /metadata\.yaml: /],
    ['aliases that grow without end', () => bagWith(yamlBomb()), /is no YAML that can be read|metadata\.yaml/],
    ['nesting without end', () => bagWith('['.repeat(20_000)), /is no YAML/],
    ['metadata of 5 MiB', () => bagWith(`# ${'x'.repeat(5 << 20)}`), /has more than 4 MiB/],
    ['a link out of the bag', linkedOut, /is a link out of the folder/],
    ['a pipe', pipe, /must be a regular file/],
    ['text as .db3', () => textAs('t.db3'), /is no sqlite database/],
    ['text as .mcap', () => textAs('t.mcap'), /is no MCAP file/],
    ['another database', foreign, /is no rosbag2 database: it has no table messages/],
    ['a view of endless rows', endlessView, /is no rosbag2 database: it has no table messages/],
    ['a computed column', computedColumn, /messages has no column data/],
    ['a truncated database', () => truncated(writeDatabase(fresh('.db3')), 0.02), /is no rosbag2 database/],
    ['no messages', () => writeDatabase(fresh('.db3'), 0), /has no messages/],
    ['text as .zstd', () => textAs('t.db3.zstd'), /must begin like/],
    ['a truncated .zstd', () => truncated(compressed(), 0.5), /is damaged: /],
    ['a window of 2 GiB', window, /with a window of at most 128 MiB/],
  ])('%s', async (_what, make, said) => {
    const source = await make();
    const failure = await bring(source).catch((error: unknown) => error);
    expect(failure).toBeInstanceOf(InputError);
    expect(String(failure)).toMatch(said);
    expect(String(failure).split('\n')).toHaveLength(1);
  });
});

describe('what is damaged or foreign within a bag is named and left out', () => {
  it('messages that do not fit, of topics that nobody declared, of times that are none', async () => {
    const file = writeDatabase(fresh('.db3'), 200, (open) => {
      open.exec(`
        INSERT INTO topics VALUES (2, '/other', 'nobody_msgs/msg/Thing', 'cdr', '', '');
        INSERT INTO topics VALUES (3, '/ros1', '${JOINT_STATE}', 'ros1', '', '');
        INSERT INTO messages(topic_id, timestamp, data) VALUES
          (1, ${START_NS}, x'00010000ff'), (9, 1, x'00'), (1, -5, x'00'), (1, 'noon', x'00'), (1, 7, 'text'),
          (2, 8, x'00010000'), (3, 9, x'00'), (1, 10, x''), (1, 11, x'00070000aaaaaaaa');
        UPDATE messages SET data = x'00010000' || x'ffffff7f' WHERE id = 5`);
    });
    const { bags, notes, out } = await bring(file);
    expect(bags[0].messages).toBe(199);
    expect(bags[0].left_out).toMatchObject([{ topic: '/other', messages: 1 }]);
    for (const said of [
      /\/ros1: is serialised as "ros1"/,
      /is of topic 9, which is not declared/,
      /before 1970/,
      /its timestamp is none/,
      /its data are text, not bytes/,
      /joint_states: a message that is no sensor_msgs\/msg\/JointState is left out/,
      /CDR representation 7/,
    ])
      expect(notes).toMatch(said);
    const dataset = await openDataset(out);
    expect((await summarizeRecording(join(out, dataset.index.episodes[0].file))).messages).toBe(199);
  });

  it('counts of metadata that differ from what is there', async () => {
    const { notes, bags } = await bring(bagWith(information(['a_0.db3']).replace('200', '999999999999')));
    expect(bags[0].messages).toBe(200);
    expect(notes).toMatch(/metadata name 999999999999 messages; 200 could be read/);
  });

  it('the rest of a truncated file', async () => {
    for (const make of [
      () => Promise.resolve(writeDatabase(fresh('.db3'), 2000)),
      () => writeMcap(fresh('.mcap'), 2000),
    ]) {
      const { bags, notes } = await bring(truncated(await make(), 0.7));
      expect(bags[0].messages).toBeGreaterThan(200);
      expect(bags[0].messages).toBeLessThan(2000);
      expect(notes).toMatch(/damaged|not finished/);
    }
  });

  it('a bag whose metadata.yaml was never written, as after a crash', async () => {
    const bag = fresh();
    mkdirSync(bag);
    for (const k of [0, 1, 10]) writeDatabase(join(bag, `run_${k}.db3`), 50 + k);
    const { bags } = await bring(bag);
    expect(bags).toMatchObject([{ bag: 'run', messages: 161 }]);
  });
});

function yamlBomb(): string {
  const lines = ['a: &a [x, x, x, x, x, x, x, x, x]'];
  for (const [name, before] of ['ba', 'cb', 'dc', 'ed', 'fe', 'gf', 'hg', 'ih'])
    lines.push(`${name}: &${name} [${Array(9).fill(`*${before}`).join(', ')}]`);
  return `${lines.join('\n')}\nrosbag2_bagfile_information: *i\n`;
}

function empty(): string {
  const bag = fresh();
  mkdirSync(bag);
  return bag;
}

function textAs(name: string): string {
  writeFileSync(join(folder, name), 'x');
  return join(folder, name);
}

function linkedOut(): string {
  const bag = fresh();
  mkdirSync(bag);
  symlinkSync(writeDatabase(fresh('.db3')), join(bag, 'a_0.db3'));
  return metadata(bag, information(['a_0.db3']));
}

function pipe(): string {
  const bag = fresh();
  mkdirSync(bag);
  execFileSync('mkfifo', [join(bag, 'a_0.db3')]);
  return metadata(bag, information(['a_0.db3']));
}

function foreign(): string {
  const file = fresh('.db3');
  const open = new sqlite.Database(file);
  open.exec('CREATE TABLE urls(id INTEGER PRIMARY KEY, url TEXT)');
  open.close();
  return file;
}

const endlessView = () =>
  writeDatabase(fresh('.db3'), 3, (open) =>
    open.exec(`DROP TABLE messages;
      CREATE VIEW messages AS WITH RECURSIVE n(id) AS (SELECT 1 UNION ALL SELECT id + 1 FROM n)
        SELECT id, 1 AS topic_id, id AS timestamp, x'00' AS data FROM n`),
  );

const computedColumn = () =>
  writeDatabase(fresh('.db3'), 3, (open) =>
    open.exec(`DROP TABLE messages;
      CREATE TABLE messages(id INTEGER PRIMARY KEY, topic_id INTEGER, timestamp INTEGER,
        data BLOB GENERATED ALWAYS AS (zeroblob(900000000)) VIRTUAL)`),
  );

function truncated(file: string, share: number): string {
  const bytes = readFileSync(file);
  writeFileSync(file, bytes.subarray(0, Math.floor(share * bytes.length)));
  return file;
}

function compressed(): string {
  const file = writeDatabase(fresh('.db3'));
  writeFileSync(`${file}.zstd`, zstd.compress(readFileSync(file), 1));
  return `${file}.zstd`;
}

function window(): string {
  const file = fresh('.db3.zstd');
  writeFileSync(file, Buffer.from([0x28, 0xb5, 0x2f, 0xfd, 0x00, 0xa8, 0x01, 0x00, 0x00, 0x00]));
  return file;
}
