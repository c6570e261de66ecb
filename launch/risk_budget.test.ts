import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { stringify } from 'yaml';
import { SERVICES } from '../contracts/index.ts';
import { EmbeddedCell } from './embedded_cell.ts';
import { loadGraph } from './load_graph.ts';

let folder = '';
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'surepick-risk-'));
});
afterAll(() => rmSync(folder, { recursive: true }));

const budget = {
  ...{ schema: 'surepick.risk_budget', version: 1, purpose: 'training', tool_speed_m_per_s: 0.4 },
  ...{ joint_speed_share: 0.5, region: null, force_N: 30, interventions_per_hour: 2 },
};

describe('an embedded cell with a risk budget', () => {
  it('moves within it, rests when it is spent, and writes the account down', async () => {
    const risk_budget = join(folder, 'budget.json');
    writeFileSync(risk_budget, JSON.stringify(budget));
    const file = join(folder, 'graph.yaml');
    const nodes = {
      ...{ sim: { kind: 'sim' }, safety: { kind: 'safety' }, recorder: { kind: 'recorder' } },
      control: { kind: 'control', parameters: { risk_budget } },
    };
    writeFileSync(file, stringify({ schema: 'surepick/graph', version: 1, nodes }));
    const options = { log_level: 'silent', out_dir: folder, onLine: () => {}, report: () => {} } as const;
    const onError = (error: unknown) => {
      throw error;
    };
    const cell = await EmbeddedCell.create(loadGraph(file).cells[0], { ...options, onError });
    await cell.start(() => {});
    const run = async (steps: number) => {
      for (let k = 0; k < steps; k++) await cell.step();
    };
    const { gate } = cell.simulated;
    expect(gate.envelope.tool.speed_m_per_s).toBe(0.4);
    await run(20);
    for (const left of [1, 0]) {
      expect(gate.mode).toBe('automatic');
      await cell.bus.call(SERVICES.safety_stop, {});
      await run(20);
      const reset = await cell.bus.call(SERVICES.safety_reset, {});
      expect(reset.success, reset.message).toBe(left > 0);
      if (left === 0) expect(reset.message).toMatch(/risk budget for training is spent: 2 interventions/);
      await run(20);
    }
    expect(gate.mode).toBe('protective_stop');
    await cell.stop(() => {});
    const audit = readFileSync(join(folder, 'cell.audit.jsonl'), 'utf8');
    expect(audit.match(/"exploration\.intervention"/g)).toHaveLength(2);
    expect(audit).toContain('"exploration.spent"');
    expect(audit).toContain('"exploration.ends"');
  });

  it('is not built on a budget that is none', async () => {
    const risk_budget = join(folder, 'bad.json');
    writeFileSync(risk_budget, JSON.stringify({ ...budget, force_N: 0 }));
    const file = join(folder, 'bad.yaml');
    const nodes = {
      ...{ sim: { kind: 'sim' }, safety: { kind: 'safety' } },
      control: { kind: 'control', parameters: { risk_budget } },
    };
    writeFileSync(file, stringify({ schema: 'surepick/graph', version: 1, nodes }));
    const options = {
      log_level: 'silent',
      out_dir: folder,
      onLine: () => {},
      report: () => {},
      onError: () => {},
    } as const;
    await expect(EmbeddedCell.create(loadGraph(file).cells[0], options)).rejects.toThrow(/bad\.json: force_N/);
  });
});
