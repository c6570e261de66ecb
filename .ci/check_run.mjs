// Checks what `npm start -- --episodes N --json` left: the JSON object as the last line of stdout, one self-contained
// report, the manifest, and one complete MCAP of under 15 MB for each episode.
import assert from 'node:assert/strict';
import { readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';

const [stdout, episodes] = process.argv.slice(2);
const last = readFileSync(stdout, 'utf8').trimEnd().split('\n').at(-1);
const result = JSON.parse(last);
assert.equal(result.schema, 'surepick/run');
assert.equal(result.episodes, Number(episodes));
assert.match(result.digest, /^[0-9a-f]{64}$/);
assert.ok(result.successes >= 1, `no episode of ${episodes} succeeded: ${JSON.stringify(result.failures)}`);

const report = readFileSync(join(result.out_dir, 'report.html'), 'utf8');
const outside =
  report.match(/<(?:script|img|link|iframe|source)\b[^>]*\b(?:src|href)\s*=\s*["'](?!data:|#)[^"']*/gi) ?? [];
assert.deepEqual(outside, [], 'the report refers to other files');
JSON.parse(readFileSync(join(result.out_dir, 'manifest.json'), 'utf8'));

const folder = join(result.out_dir, 'episodes');
const recordings = readdirSync(folder).filter((name) => name.endsWith('.mcap'));
assert.equal(recordings.length, Number(episodes));
const magic = Buffer.from('\x89MCAP0\r\n', 'latin1');
for (const name of recordings) {
  const path = join(folder, name);
  const bytes = readFileSync(path);
  assert.ok(bytes.subarray(0, 8).equals(magic) && bytes.subarray(-8).equals(magic), `${name} is not a finished MCAP`);
  assert.ok(statSync(path).size < 15e6, `${name} has ${statSync(path).size} bytes`);
}
process.stdout.write(
  `${result.successes} of ${episodes} succeeded; report and ${recordings.length} recordings are whole\n`,
);
