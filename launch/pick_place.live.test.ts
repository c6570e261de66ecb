import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { monitorEventLoopDelay } from 'node:perf_hooks';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { z } from 'zod';
import { PACKAGE_ROOT } from '../contracts/index.ts';
import { readSafetyRecord } from '../datasets/index.ts';
import { loadRobot } from '../robots/index.ts';
import { JournalReplay } from '../safety/index.ts';
import { drawUnrecordedWorld } from '../stack/index.ts';
import { hostedCli } from '../test/support/cli_host.ts';
import { missingOf } from '../test/support/design_table.ts';
import { Launched } from '../test/support/launched.ts';
import { freshDomain, requireRos, runRclpy } from '../test/support/ros.ts';
import { RosPeer } from '../test/support/ros_peer.ts';

const CLIENT = readFileSync(join(PACKAGE_ROOT, 'test', 'support', 'pick_place_client.py'), 'utf8');
/** What a machine that is too busy for 500 Hz does to a cell; anything else that stops it is a fault. */
const MACHINE =
  /left the trajectory|tracking_error|does not answer|arm_silent|arm_braked|lease_lost|late|is busy|state_implausible|stop_requested_1/;
const ATTEMPTS = 6;

const said = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('feedback'), stage: z.string(), attempt: z.number() }),
  z.object({ kind: z.literal('world reset'), code: z.number(), message: z.string() }),
  z.object({
    kind: z.literal('result'),
    ...{ status: z.number(), ok: z.boolean(), stage: z.string(), reason: z.string(), stops: z.array(z.string()) },
  }),
]);

let scratch = '';
let launched: Launched | null = null;
let peer: RosPeer | null = null;
beforeAll(() => {
  scratch = mkdtempSync(join(tmpdir(), 'surepick-pick-'));
});
afterAll(() => rmSync(scratch, { recursive: true }));
afterEach(async () => {
  launched?.killAll();
  await peer?.stop();
});

/** The order that belongs to the simulated world of a seed, as the client's arguments. */
function orderOf(seed: number): string[] {
  const world = { task: 'pick-place', seed, randomize: 'none', objects: 'all' } as const;
  const { goal } = drawUnrecordedWorld(world, 0, loadRobot('panda', { visualMeshes: false })).instance;
  if (goal.task !== 'pick-place') throw new Error(`goal of ${goal.task}`);
  return [goal.object.class, goal.object.colour, ...goal.target.map(String)];
}

const LINE_STRIP = 4;
const DELETE_ALL = 3;

/** How far joint 1 goes while it is jogged (rad), at most 20 s; a stop in between is reset. */
async function jogged(by: RosPeer): Promise<number> {
  await by.subscribe('sensor_msgs/msg/JointState', '/joint_states');
  let first: number | null = null;
  let gone_rad = 0;
  for (const end = performance.now() + 20_000; performance.now() < end && gone_rad < 0.02; await sleep(20)) {
    const newest = (await by.take('/joint_states')).at(-1);
    if (newest === undefined) continue;
    const [position] = newest.position;
    first ??= position;
    gone_rad = Math.abs(position - Number(first));
    const jog = { header: { stamp: newest.header.stamp }, joint_names: ['panda_joint1'], velocities: [0.1] };
    await by.publish('control_msgs/msg/JointJog', '/servo/delta_joint_cmds', jog);
    const [state] = (await by.take('/safety/state')).slice(-1);
    if (state !== undefined && state.mode !== 1) await by.call('std_srvs/srv/Trigger', '/safety/reset', {});
  }
  return gone_rad;
}

const PROTECTIVE_STOP = 4;
/** Blocks of the journal that are replayed: 6 s of the gate's cycles. */
const REPLAYED = 60;

/** Stops the arm over the bus and resets it; a busy machine may need more than one. */
async function stopAndReset(by: RosPeer): Promise<void> {
  expect(await by.call('std_srvs/srv/Trigger', '/safety/stop', {})).toMatchObject({ success: true });
  await by.collect('/safety/state', (states) => states.some(({ mode }) => mode === PROTECTIVE_STOP));
  let said = '';
  for (const end = performance.now() + 20_000; performance.now() < end; await sleep(100)) {
    const { success, message } = await by.call('std_srvs/srv/Trigger', '/safety/reset', {});
    if (success) return;
    said = message;
  }
  throw new Error(`no reset: ${said}`);
}

/** What `safety verify` says of a log beside what was recorded. */
async function verified(log: string, recording: string): Promise<{ code: number | null; said: string }> {
  const { code, stdout, stderr } = await hostedCli(['safety', 'verify', log, '--recording', recording], scratch);
  return { code, said: `${stdout}${stderr}` };
}

/** The supervisor's log and the checkpoints in the recording vouch for one another; the journal begins and goes on. */
async function checkAudit(log: string, recording: string): Promise<void> {
  const whole = await verified(log, recording);
  expect(whole, whole.said).toMatchObject({ code: 0, said: expect.stringContaining('nothing was changed') });
  const lines = readFileSync(log, 'utf8').split('\n').slice(0, -1);
  const rules = lines.map((line) => JSON.parse(line).rule);
  expect(rules).toEqual(
    expect.arrayContaining(['supervisor.active', 'launch.stop', 'mode.protective_stop', 'reset.accepted']),
  );
  const { checkpoints, journal } = await readSafetyRecord(recording);
  // What was logged once the recorder was down, no checkpoint in its recording knows of.
  const known = Math.max(...checkpoints.map(({ sequence }) => sequence));
  expect(known).toBeGreaterThan(rules.indexOf('reset.accepted'));
  const cut = join(scratch, 'cut.jsonl');
  writeFileSync(
    cut,
    lines
      .slice(0, known - 1)
      .map((line) => `${line}\n`)
      .join(''),
  );
  const short = await verified(cut, recording);
  expect(short, short.said).toMatchObject({ code: 1, said: expect.stringMatching(/tail was cut: .*knows of entry/) });
  const replay = new JournalReplay(() => loadRobot('panda', { visualMeshes: false }));
  for (const { data } of journal.slice(0, REPLAYED)) replay.feed(data);
  expect(replay.result).toMatchObject({ difference: null, differing: 0, ended: '' });
  expect(replay.result.cycles).toBeGreaterThan(2_000);
  process.stdout.write(`audit log: ${lines.length} entries, ${checkpoints.length} checkpoints recorded; `);
  process.stdout.write(`journal: ${journal.length} blocks, ${replay.result.cycles} cycles replayed the same\n`);
}

describe('a pick that rclpy asks for', () => {
  it('goes through its stages to success in a launched cell at real time', { timeout: 300_000 }, async (ctx) => {
    const ros = await requireRos(ctx);
    const domain = freshDomain();
    const graph = join(PACKAGE_ROOT, 'graphs', 'pick_place.yaml');
    launched = Launched.start(ros, scratch, domain, graph);
    await launched.running.said(/up; Ctrl-C/);
    peer = await RosPeer.start(ros, domain);
    await peer.subscribe('visualization_msgs/msg/MarkerArray', '/planning/markers');
    await peer.subscribe('surepick_msgs/msg/SafetyState', '/safety/state', { durability: 'transient_local' });
    const idle = monitorEventLoopDelay({ resolution: 2 });
    idle.enable();
    const output = await runRclpy(ros, CLIENT, ['', ...orderOf(0), String(ATTEMPTS)], { domain, timeout_s: 200 });
    const lines = output
      .trim()
      .split('\n')
      .map((line) => said.parse(JSON.parse(line)));
    for (const line of lines) if (line.kind === 'world reset') expect(line, output).toMatchObject({ code: 1 });
    const results = lines.filter((line) => line.kind === 'result');
    // The machine may have spoilt what came before, and nothing else may.
    for (const { ok, reason, stops } of results.slice(0, -1)) {
      expect(ok).toBe(false);
      expect([reason, ...stops].join('; '), output).toMatch(MACHINE);
    }
    idle.disable();
    // What an idle loop beside it has waited says whether the machine was the cause.
    const beside = `an idle loop beside it was late by up to ${(idle.max / 1e6).toFixed(0)} ms`;
    process.stdout.write(`picks until success: ${results.length}; ${beside}\n`);
    expect(results.at(-1), `${beside}\n${output}`).toMatchObject({ ok: true, status: 4 });
    const stages = lines.flatMap((line) => (line.kind === 'feedback' ? [line.stage] : []));
    expect([...new Set(stages)]).toEqual(
      expect.arrayContaining(['perceive', 'plan', 'approach', 'grasp', 'lift', 'transfer', 'place', 'retreat']),
    );
    // Each picture of the plan replaces the one before, and the last one is empty.
    const pictures = (await peer.take('/planning/markers')).map(({ markers }) => markers);
    expect(pictures.some((markers) => markers.some(({ type }: { type: number }) => type === LINE_STRIP))).toBe(true);
    expect(pictures.map(([{ action }]) => action)).toEqual(pictures.map(() => DELETE_ALL));
    expect(pictures.at(-1)).toHaveLength(1);
    expect(await missingOf(peer)).toEqual([]);
    expect(await jogged(peer)).toBeGreaterThan(0.02);
    await stopAndReset(peer);
    launched.running.signal('SIGINT');
    const { code, stderr } = await launched.running.ended;
    expect(code, stderr).toBe(130);
    await launched.untilNoneIsLeft(100);
    const out = join(scratch, 'out');
    const [recording, ...others] = readdirSync(out).filter((file) => file.endsWith('.mcap'));
    expect(others).toEqual([]);
    await checkAudit(join(out, 'panda.jsonl'), join(out, recording));
  });
});
