import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, it, vi } from 'vitest';
import { loadRobot } from '../../robots/index.ts';
import { featureCatalogue, featureLayout } from '../../stack/env/index.ts';
import { fitTaskPolicy, manifestFileOf, readTaskPolicy } from '../../stack/index.ts';
import { gymPython } from '../../test/support/gym.ts';

const folder = mkdtempSync(join(tmpdir(), 'surepick-policy-'));
const file = join(folder, 'reach.onnx');
afterAll(() => {
  vi.unstubAllEnvs();
  rmSync(folder, { recursive: true, force: true });
});

it('policies written from Python fit the robot, and are refused where their order was changed', async (ctx) => {
  vi.stubEnv('SUREPICK_TEST_POLICY', file);
  const printed = await gymPython(ctx, ['-m', 'unittest', 'tests.test_task_policy']);
  expect(printed).toContain('Ran 4 tests');
  expect(printed).toMatch(/\nOK\s*$/);
  const robot = loadRobot('panda');
  const fitting = fitTaskPolicy(readTaskPolicy(file), robot);
  expect(fitting.features.map(({ name }) => name)).toContain('wanted_offset');
  const manifest = JSON.parse(readFileSync(manifestFileOf(file), 'utf8'));
  manifest.action.names.reverse();
  writeFileSync(manifestFileOf(file), JSON.stringify(manifest));
  expect(() => fitTaskPolicy(readTaskPolicy(file), robot)).toThrow('action.names gripper, dyaw, dz, dy, dx');
});

it('manifests written from Python have the units that the simulator holds them to', () => {
  const source = readFileSync(new URL('surepick_gym/task_policy.py', import.meta.url), 'utf8');
  const table = /^_UNITS = \{\n(.*?)^\}/ms.exec(source)?.[1] ?? '';
  const units = new Map([...table.matchAll(/^ {4}"(\w+)": "([^"]+)",$/gm)].map(([, name, unit]) => [name, unit]));
  expect(units.size).toBe(table.trimEnd().split('\n').length);
  const robot = loadRobot('panda');
  const catalogue = featureCatalogue(robot, { task: 'pick-place', action: 'ee_delta' });
  for (const name of units.keys()) expect([...catalogue.keys()]).toContain(name);
  const written = featureLayout(robot, 'pick-place').fields.map(({ name }) => name.replace(/^object\d+_/, 'wanted_'));
  for (const { name, unit } of catalogue.values()) {
    const known = name.replace(/^object\d+_/, 'wanted_');
    // Goals have their unit by their name.
    if (written.includes(known) && !name.startsWith('goal_'))
      expect([name, units.get(known) ?? '1']).toEqual([name, unit]);
  }
});
