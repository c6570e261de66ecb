import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, it } from 'vitest';
import { type NumberColumnOfSet, writeNumberSet } from '../../test/support/lerobot_numbers.ts';
import { importedHash, readImported } from './imported_demonstrations.ts';
import { DEFAULT_RECIPE } from './recipe.ts';
import { trainPolicy } from './train_policy.ts';

const root = mkdtempSync(join(tmpdir(), 'lerobot demonstrations '));
afterAll(() => rmSync(root, { recursive: true, force: true }));
const FEATURES = [
  { name: 'wanted_offset', size: 3, unit: 'm' },
  { name: 'gripper_width', size: 1, unit: 'm' },
];
const NAMES = ['dx', 'dy', 'dz', 'dyaw', 'gripper'];
const rows = (width: number, from: number) => Array.from({ length: 2 * width }, (_, k) => Math.fround((from + k) / 16));
const COLUMNS = {
  'observation.gripper_width': { width: 1, values: rows(1, 0) },
  'observation.wanted_offset': { width: 3, values: rows(3, -3) },
  'observation.state': { width: 2, values: rows(2, 0) },
  action: { width: 5, names: NAMES, values: rows(5, -5) },
} satisfies Record<string, NumberColumnOfSet>;
let count = 0;

function write(
  changes: Readonly<Record<string, NumberColumnOfSet>> = {},
  info: Readonly<Record<string, unknown>> = {},
) {
  const folder = join(root, `set ${count++}`);
  writeNumberSet(folder, { ...COLUMNS, ...changes }, info);
  return folder;
}

it('a set with the features of a policy is taken as it is, in the order of the policy', async () => {
  const folder = write();
  const { kept, orders } = await readImported(folder, FEATURES, 5);
  expect(orders).toEqual([]);
  const [offset, width] = [COLUMNS['observation.wanted_offset'].values, COLUMNS['observation.gripper_width'].values];
  expect(kept).toEqual([
    {
      ...{ length: 2, success: true, followed: Uint8Array.of(1, 1) },
      observations: Float32Array.from([...offset.slice(0, 3), width[0], ...offset.slice(3), width[1]]),
      actions: Float32Array.from(COLUMNS.action.values),
    },
  ]);
  const failed = await readImported(write({ 'next.success': { width: 1, values: [1, 0] } }), FEATURES, 5);
  expect(failed.kept.map(({ success }) => success)).toEqual([false]);
  const hash = await importedHash(folder);
  writeFileSync(join(folder, 'README.md'), 'changed');
  expect(await importedHash(folder)).toBe(hash);
  writeNumberSet(folder, { ...COLUMNS, action: { ...COLUMNS.action, values: rows(5, -4) } });
  expect(await importedHash(folder)).not.toBe(hash);
});

it.each<[string, Readonly<Record<string, NumberColumnOfSet>>, Readonly<Record<string, unknown>>]>([
  ['robot_type so100: panda', {}, { robot_type: 'so100' }],
  ['fps 30: 25', {}, { fps: 30 }],
  [
    'observation.wanted_offset of 2 numbers: 3 numbers in m',
    { 'observation.wanted_offset': { width: 2, values: rows(2, 0) } },
    {},
  ],
  [
    'action dy, dx, dz, dyaw, gripper: dx',
    { action: { ...COLUMNS.action, names: ['dy', 'dx', ...NAMES.slice(2)] } },
    {},
  ],
  ['action without names', { action: { width: 5, values: rows(5, 0) } }, {}],
  ['action 1.5 in row 1: -1 to 1', { action: { ...COLUMNS.action, values: [0, 0, 0, 0, 1, 1.5, 0, 0, 0, 1] } }, {}],
  ['observation.gripper_width NaN: finite', { 'observation.gripper_width': { width: 1, values: [0, Number.NaN] } }, {}],
])('names what does not fit: %s', async (why, columns, info) => {
  const [what, allowed = NAMES.join(', ')] = why.split(': ');
  const refused = readImported(write(columns, info), FEATURES, 5);
  await expect(refused).rejects.toThrow(what);
  await expect(refused).rejects.toThrow(allowed);
});

it('names a feature that is missing', async () => {
  const missing = [...FEATURES, { name: 'tool_yaw', size: 2, unit: '1' }];
  await expect(readImported(write(), missing, 5)).rejects.toThrow(/no feature observation\.tool_yaw.*2 numbers in 1/);
});

it('a training on what cannot be taken leaves nothing behind', async () => {
  const folder = write();
  const imported = { folder, sha256: await importedHash(folder) };
  const out = join(root, 'never.onnx');
  const recipe = { ...DEFAULT_RECIPE, imported };
  await expect(trainPolicy({ recipe, out, workers: 1, resume: false })).rejects.toThrow('no feature observation.');
  expect(readdirSync(root).filter((name) => name.startsWith('never'))).toEqual([]);
});
