import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, it, vi } from 'vitest';
import { loadRobot } from '../../robots/index.ts';
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
