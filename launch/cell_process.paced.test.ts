import { fork } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from 'vitest';
import { stringify } from 'yaml';
import { type JointState, type SafetyState, SERVICES, TOPICS } from '../contracts/index.ts';
import { connectBusSocket } from '../runtime/index.ts';
import { compiledProgram } from '../test/support/programs.ts';
import { CellProcess } from './cell_process.ts';
import type { CellProcessSetup } from './cell_process_messages.ts';

const eventually = (check: () => void) => vi.waitFor(check, { timeout: 60_000, interval: 10 });

let script = '';
let folder = '';
const cells: CellProcess[] = [];
beforeAll(async () => {
  script = join(dirname(await compiledProgram('flood')), '..', '..', 'launch', 'cell_process_program.js');
  folder = mkdtempSync(join(tmpdir(), 'cell-process-'));
  vi.stubEnv('XDG_RUNTIME_DIR', folder);
});
afterEach(async () => {
  for (const cell of cells.splice(0)) await cell.stop();
});
afterAll(() => {
  vi.unstubAllEnvs();
  rmSync(folder, { recursive: true });
});

/** A cell without cameras, its frames published by a thread. */
function setupOf(nodes: Record<string, object> = {}): CellProcessSetup {
  const file = join(folder, 'graph.yaml');
  const all = {
    sim: { kind: 'sim' },
    safety: { kind: 'safety' },
    control: { kind: 'control' },
    frames: { kind: 'robot_state_publisher' },
    ...nodes,
  };
  writeFileSync(file, stringify({ schema: 'surepick/graph', version: 1, nodes: all }));
  const threads = ['robot_state_publisher'] as const;
  return { ...{ file, set: [], namespace: '', log_level: 'info', out_dir: folder, pace: 1 }, threads };
}

async function started() {
  const states: string[] = [];
  const onState = (node: string, state: string) => void states.push(`${node} ${state}`);
  const cell = await CellProcess.start({ setup: setupOf(), script, onState });
  cells.push(cell);
  return { cell, states };
}

describe('a cell in a process of its own', () => {
  it('offers its bus, keeps the time of the clock, and is jogged in reduced mode over it', async () => {
    const { cell, states } = await started();
    expect(states).toContain('frames active');
    const bus = await connectBusSocket(cell.socket);
    const joints: JointState[] = [];
    let safety: SafetyState | null = null;
    bus.subscribe(TOPICS.joint_states, 'test', (state) => void joints.push(state));
    bus.subscribe(TOPICS.safety_state, 'test', (state) => {
      safety = state;
    });
    const moved: string[] = [];
    bus.subscribe(TOPICS.tf, 'test', ({ transforms }) => void moved.push(...transforms.map(({ child }) => child)));
    await eventually(() => expect(safety).toMatchObject({ mode: 'automatic' }));
    expect(await bus.call(SERVICES.safety_set_mode, { mode: 'reduced', enabled: true })).toMatchObject({
      success: true,
    });
    await eventually(() => expect(joints.length).toBeGreaterThan(0));
    const [from] = joints;
    const velocity = Float64Array.of(0.2);
    const jog = setInterval(
      () => bus.publish(TOPICS.servo_jog, { stamp_ns: bus.clock.now_ns(), names: [from.names[0]], velocity }),
      30,
    );
    await eventually(() => expect((joints.at(-1)?.position[0] ?? 0) - from.position[0]).toBeGreaterThan(0.05));
    clearInterval(jog);
    expect(moved).toContain('panda_link1');
    const stamps = joints.map(({ stamp_ns }) => stamp_ns);
    expect(stamps.every((stamp_ns, k) => k === 0 || stamp_ns > stamps[k - 1])).toBe(true);
    await cell.stop();
    expect(await cell.ended).toBe('ended with exit code 0');
    await eventually(() => expect(bus.lost).not.toBe(''));
    expect(states.at(-1)).toMatch(/unconfigured$/);
  });

  it('is missed when it is killed: its bus is lost, calls are answered, and its parent is told', async () => {
    const { cell } = await started();
    const bus = await connectBusSocket(cell.socket);
    const exits: string[] = [];
    cell.onExit((reason) => exits.push(reason));
    cell.kill();
    await eventually(() => expect(exits).toEqual(['the cell was ended by SIGKILL']));
    await eventually(() => expect(bus.lost).not.toBe(''));
    await expect(bus.call(SERVICES.safety_stop, {})).rejects.toThrow(/lost/);
  });

  it('refuses a graph that cannot be, as its parent would', async () => {
    const setup = setupOf({ second: { kind: 'sim' } });
    await expect(CellProcess.start({ setup, script })).rejects.toThrow(/one sim node at most/);
  });

  it('refuses a policy that is not there, and ends', async () => {
    const setup = { ...setupOf(), policies: [join(folder, 'none.onnx')] };
    await expect(CellProcess.start({ setup, script })).rejects.toThrow(/none\.manifest\.json: cannot be read/);
  });

  it('ends by itself when its parent is gone', async () => {
    const child = fork(script, [JSON.stringify(setupOf())], { execArgv: [], stdio: 'ignore' });
    const words: unknown[] = [];
    child.on('message', (word) => words.push(word));
    const ended = new Promise((resolve) => child.once('exit', resolve));
    await eventually(() => expect(words).toContainEqual(expect.objectContaining({ kind: 'ready' })));
    child.disconnect();
    expect(await ended).toBe(0);
  });
});
