import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { stringify } from 'yaml';
import {
  ACTIONS,
  type ExternalInputs,
  type SafetyState,
  SERVICES,
  secondsToStamp,
  TOPICS,
} from '../contracts/index.ts';
import { loadRobot } from '../robots/index.ts';
import { envelopeForRobot, envelopeLimits } from '../safety/index.ts';
import { restToRest } from '../test/support/rest_to_rest.ts';
import { EmbeddedCell } from './embedded_cell.ts';
import { loadGraph } from './load_graph.ts';

const panda = loadRobot('panda', { visualMeshes: false });
const TIMEOUT_S = 0.1;
const STANDSTILL = 0.01;
/** From a full swing of the first joint; the gate's own stop takes less than this. */
const STOP_S = 0.5;

let folder = '';
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'surepick-external-'));
});
afterAll(() => rmSync(folder, { recursive: true }));

/** An embedded cell whose safety waits for `plc`, and the plc. */
class Plant {
  readonly cell: EmbeddedCell;
  safety: SafetyState | null = null;
  /** What the plc says every 20 ms; null: nothing. */
  says: Partial<ExternalInputs> | null = null;
  private steps = 0;

  private constructor(cell: EmbeddedCell) {
    this.cell = cell;
    cell.bus.subscribe(TOPICS.safety_state, 'test', (state) => {
      this.safety = state;
    });
  }

  static async start(external: readonly string[]): Promise<Plant> {
    const file = join(folder, `${external.join('_')}.yaml`);
    const nodes = {
      sim: { kind: 'sim' },
      safety: { kind: 'safety', parameters: { external, external_timeout_s: TIMEOUT_S } },
      control: { kind: 'control' },
    };
    writeFileSync(file, stringify({ schema: 'surepick/graph', version: 1, nodes }));
    const options = { log_level: 'silent', out_dir: folder, onLine: () => {}, report: () => {} } as const;
    const onError = (error: unknown) => {
      throw error;
    };
    const cell = await EmbeddedCell.create(loadGraph(file).cells[0], { ...options, onError });
    const plant = new Plant(cell);
    await cell.start(() => {});
    return plant;
  }

  async run(seconds: number, done: () => boolean = () => false): Promise<boolean> {
    const { cell } = this;
    for (const end_s = cell.simulated.time_s + seconds; cell.simulated.time_s < end_s - 1e-9; ) {
      if (this.steps++ % 10 === 0) this.tell('plc', this.says);
      await cell.step();
      if (done()) return true;
    }
    return false;
  }

  tell(source: string, inputs: Partial<ExternalInputs> | null): void {
    if (inputs === null) return;
    const none = {
      protective_stop: false,
      safeguard_open: false,
      emergency_stop: false,
      enabling_device: 'none' as const,
    };
    const stamp_ns = secondsToStamp(this.cell.simulated.time_s);
    this.cell.bus.publish(TOPICS.external_inputs, { stamp_ns, source, ...none, ...inputs });
  }

  get speed(): number {
    return Math.max(...this.cell.simulated.loop.state.velocity.subarray(0, panda.arm_joints).map(Math.abs));
  }

  /** Swings the first joint, and says how that ends. */
  swing(): { status: string; reason: string } {
    const said = { status: '', reason: '' };
    const from = this.cell.simulated.loop.state.position;
    const to = from.slice(0, panda.arm_joints);
    to[0] += to[0] > 0 ? -1.2 : 1.2;
    const names = panda.model.joint_names.slice(0, panda.arm_joints);
    const limits = envelopeLimits(envelopeForRobot(panda));
    const trajectory = restToRest(from, to, limits, 0.8, 0.02, names);
    this.cell.bus.sendGoal(
      ACTIONS.follow_joint_trajectory,
      { label: 'swing', trajectory },
      {
        onResult: (status, { reason }) => Object.assign(said, { status, reason }),
      },
    );
    return said;
  }

  reset() {
    return this.cell.bus.call(SERVICES.safety_reset, {});
  }
}

const STOPS: readonly [string, Partial<ExternalInputs> | null, string, number, string][] = [
  ['a protective stop', { protective_stop: true }, 'plc: a protective stop is asked for', 1, 'stop_requested_1'],
  ['an open safeguard', { safeguard_open: true }, 'plc: a safeguard is open', 1, 'stop_requested_1'],
  ['an emergency stop', { emergency_stop: true }, 'plc: the emergency stop is pressed', 0, 'stop_requested_0'],
  ['silence', null, 'plc is silent', 1, 'stop_requested_1'],
];

describe('a source on /safety/external that the graph names, in an embedded cell', () => {
  it.each(STOPS)(
    'stops the arm by %s, until a reset that waits for its end',
    async (_what, says, told, category, reason) => {
      const plant = await Plant.start(['plc']);
      plant.says = {};
      await plant.run(0.1);
      const swing = plant.swing();
      expect(await plant.run(1, () => plant.speed > 1)).toBe(true);
      plant.says = says;
      const since_s = plant.cell.simulated.time_s;
      const { gate } = plant.cell.simulated;
      expect(await plant.run(TIMEOUT_S + 0.05, () => gate.mode === 'protective_stop')).toBe(true);
      // Category 0 takes the power at once, category 1 when the arm stands.
      expect(gate.lastCommand.drives_on).toBe(category !== 0);
      expect(await plant.run(TIMEOUT_S + STOP_S + 0.02, () => plant.speed < STANDSTILL)).toBe(true);
      const took_s = plant.cell.simulated.time_s - since_s;
      expect(took_s).toBeLessThan(STOP_S + (says === null ? TIMEOUT_S + 0.02 : 0.02));
      await plant.run(0.2);
      expect(swing.status).toBe('aborted');
      expect(plant.safety).toMatchObject({ mode: 'protective_stop', latched: true, stop_category: category });
      expect(plant.safety?.reasons).toEqual(expect.arrayContaining([told, reason]));
      expect(await plant.reset()).toEqual({ success: false, message: told });
      plant.says = {};
      await plant.run(0.3);
      // The cause is gone, and what it stopped stays so.
      expect(plant.safety).toMatchObject({ mode: 'protective_stop', latched: true });
      expect(plant.safety?.reasons).toContain(told);
      expect(await plant.reset()).toMatchObject({ success: true });
      await plant.run(0.2);
      expect(plant.safety).toMatchObject({ mode: 'automatic', reasons: [] });
      const next = plant.swing();
      await plant.run(4, () => next.status !== '');
      expect(next).toEqual({ status: 'succeeded', reason: '' });
      await plant.cell.stop(() => {});
    },
  );

  it('is waited for: nothing moves before it was heard', async () => {
    const plant = await Plant.start(['plc']);
    await plant.run(0.3);
    expect(plant.safety).toMatchObject({ mode: 'initialising', lease_valid: false, latched: false });
    expect(plant.safety?.reasons).toContain('plc has not started');
    plant.says = {};
    await plant.run(0.2);
    expect(plant.safety).toMatchObject({ mode: 'automatic', reasons: [] });
    await plant.cell.stop(() => {});
  });

  it('is obeyed also where the graph names none, as long as it says so', async () => {
    const plant = await Plant.start([]);
    await plant.run(0.1);
    expect(plant.safety?.mode).toBe('automatic');
    plant.tell('other', { safeguard_open: true });
    await plant.run(0.1);
    expect(plant.safety?.reasons).toContain('other: a safeguard is open');
    expect(plant.safety?.mode).toBe('protective_stop');
    await plant.cell.stop(() => {});
  });
});
