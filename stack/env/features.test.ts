import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { loadRobot } from '../../robots/index.ts';
import { featureCatalogue, featureLayout } from './features.ts';

it('manifests written from Python have the units that the simulator holds them to', () => {
  const source = readFileSync(new URL('../../sim/gym/surepick_gym/task_policy.py', import.meta.url), 'utf8');
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
