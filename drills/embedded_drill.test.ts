import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { PACKAGE_ROOT } from '../contracts/index.ts';
import { loadGraph, parseOverride } from '../launch/index.ts';
import { external_silent } from './faults/external_silent.ts';
import { drilledCell } from './graph_change.ts';
import { runDrills } from './run_drills.ts';
import { writeDrills } from './write_drills.ts';

const FILE = join(PACKAGE_ROOT, 'graphs', 'pick_place.yaml');
const load = (...set: string[]) => loadGraph(FILE, { overrides: set.map((text) => parseOverride(text)) });
/** Pictures are slow to draw, and nobody records here. */
const cell = () => {
  const all = drilledCell(load('perception.model=classical'));
  return { ...all, nodes: all.nodes.filter(({ kind }) => kind !== 'recorder') };
};

let folder = '';
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'surepick-drills-'));
});
afterAll(() => rmSync(folder, { recursive: true }));

describe('a drill in one process', () => {
  it('shows a stop in time, no reset while the fault lasts, work after it, and writes its page', async () => {
    const options = { seed: 3, out_dir: folder, onLine: () => {}, onDone: () => {} };
    const results = await runDrills([external_silent], cell(), options, new AbortController().signal);
    const [{ name, checks, failure, measures }] = results;
    expect([failure, ...checks.flatMap(({ ok, what, detail }) => (ok ? [] : [what, detail]))]).toEqual(['']);
    expect(measures).toMatchObject({ degradation: 'stop', refusal: 'drilled_interlock is silent' });
    const page = writeDrills(folder, { graph: FILE, bus: 'embedded', seed: 3, results });
    const text = readFileSync(page, 'utf8');
    expect(text).toContain('1 of 1 drills as declared');
    expect(text).toContain(`id="data-${name}"`);
    expect(JSON.parse(readFileSync(join(folder, 'drills.json'), 'utf8'))).toMatchObject({ drills: [{ ok: true }] });
  });

  it('is refused on a real arm, on several cells, and on a cell without a planner', () => {
    expect(() => drilledCell(loadGraph(join(PACKAGE_ROOT, 'graphs', 'ros2_control.yaml')))).toThrow(
      /driver ros2_control/,
    );
    expect(() => drilledCell(loadGraph(join(PACKAGE_ROOT, 'graphs', 'two_robots.yaml')))).toThrow(/one cell/);
    const graph = load();
    const nodes = graph.cells[0].nodes.filter(({ kind }) => kind !== 'planning');
    expect(() => drilledCell({ ...graph, cells: [{ ...graph.cells[0], nodes }] })).toThrow(/kind planning/);
  });
});
