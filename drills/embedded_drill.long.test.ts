import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { PACKAGE_ROOT } from '../contracts/index.ts';
import { loadGraph } from '../launch/index.ts';
import { compiledProgram } from '../test/support/programs.ts';
import { drillsOn } from './catalogue.ts';
import type { Drill } from './drill.ts';
import { temperature } from './faults/temperature.ts';
import { drilledCell } from './graph_change.ts';
import { runDrills } from './run_drills.ts';

const cell = drilledCell(loadGraph(join(PACKAGE_ROOT, 'graphs', 'pick_place.yaml')));
let folder = '';
/** Networks run in threads, whose program is compiled. */
let worker = '';
beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'surepick-drills-'));
  worker = join(dirname(await compiledProgram('flood')), '..', '..', 'perception', 'runtime', 'inference_worker.js');
}, 120_000);
afterAll(() => rmSync(folder, { recursive: true }));

async function run(drill: Drill, seed: number) {
  const options = { seed, out_dir: folder, worker, onLine: () => {}, onDone: () => {} };
  const [result] = await runDrills([drill], cell, options, new AbortController().signal);
  return result;
}

describe('every drill in one process', () => {
  it.each(drillsOn('embedded').map((drill) => [drill.name, drill] as const))(
    '%s is as declared, and decided the same again',
    async (_name, drill) => {
      const first = await run(drill, 7);
      expect(first.failure).toBe('');
      expect(first.checks.filter(({ ok }) => !ok)).toEqual([]);
      const again = await run(drill, 7);
      expect(again.measures).toEqual(first.measures);
      expect(again.timeline?.speed).toEqual(first.timeline?.speed);
    },
    600_000,
  );

  it('a fault that the stack does not notice fails', async () => {
    const unheard: Drill = { ...temperature, name: 'unheard', embedded: () => ({ begin: () => {}, end: () => {} }) };
    const result = await run(unheard, 7);
    expect(result.ok).toBe(false);
    expect(result.checks.find(({ what }) => what === 'detected')).toMatchObject({ ok: false });
    expect(result.measures?.effect_s).toBe(null);
  }, 600_000);
});
