import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { PACKAGE_ROOT } from '../contracts/index.ts';
import { loadRobot } from '../robots/index.ts';
import { drawUnrecordedWorld } from '../stack/index.ts';
import { Launched } from '../test/support/launched.ts';
import { freshDomain, requireRos } from '../test/support/ros.ts';
import { openSession, TeleopClient } from '../test/support/teleop_client.ts';
import { TeleopProcess } from '../test/support/teleop_process.ts';
import type { PoliciesMessage } from './protocol/index.ts';

const WORLD = { task: 'pick-place', engine: 'cannon', randomize: 'none', objects: 'all', seed: 0 } as const;
/** A cell without perception and planning. */
const NODES = {
  sim: { kind: 'sim', parameters: { seed: WORLD.seed, camera_hz: 15 } },
  safety: { kind: 'safety', parameters: { external: ['teleop'] } },
  control: { kind: 'control', parameters: { driver: 'sim' } },
  robot_state_publisher: { kind: 'robot_state_publisher' },
};
const SEE = join(PACKAGE_ROOT, 'models', 'policies', 'see.onnx');
const PATIENCE_MS = 60_000;
/** What comes late on a busy machine moves nothing; so often it is pressed for anew. */
const PRESSES = 12;

let scratch = '';
let launched: Launched | null = null;
let teleop: TeleopProcess | null = null;
beforeAll(() => {
  scratch = mkdtempSync(join(tmpdir(), 'surepick-see-'));
});
afterAll(async () => {
  await teleop?.stop();
  launched?.killAll();
  rmSync(scratch, { recursive: true });
});

it('the shipped policy that sees is offered on a ROS graph, moves the arm at a press, waits, and is taken over', async (ctx) => {
  const ros = await requireRos(ctx);
  const domain = freshDomain();
  launched = Launched.start(ros, scratch, domain, { robot: 'panda', nodes: NODES });
  await launched.running.said(/up; Ctrl-C/);
  const args = ['--bus', 'ros', '--domain-id', String(domain), '--policy', `onnx:${SEE}`];
  teleop = await TeleopProcess.start(args, 0, ros.env);
  const page = await TeleopClient.connect(await openSession(teleop.url));
  const alive = setInterval(() => page.closed === '' && page.alive(), 250);
  const task = () => page.frame?.task;
  const tool = () => page.frame?.tool?.pose.position ?? [0, 0, 0];
  const away = (from: readonly number[]) => Math.hypot(...tool().map((x, k) => x - from[k]));
  const press = async (asked: Parameters<TeleopClient['ask']>[0]): Promise<boolean> => {
    if (page.frame?.lease.yours !== true) await page.takeControl();
    if (page.frame?.safety?.latched === true) await page.ask({ type: 'reset' });
    return (await page.ask(asked)).ok;
  };
  const rests = async () => {
    for (let still = 0; still < 10; ) {
      const from = tool();
      await sleep(100);
      still = away(from) < 1e-4 ? still + 1 : 0;
    }
  };
  try {
    const offered = () => (page.newest.get('policies') as PoliciesMessage | undefined)?.policies ?? [];
    await page.until(() => offered().length === 1, 'a policy', PATIENCE_MS);
    const [{ name, told, refusal, model_sha256 }] = offered();
    expect({ name, told, refusal }).toEqual({ name: 'see', told: 'robot', refusal: '' });
    const { instance } = drawUnrecordedWorld(WORLD, 0, loadRobot('panda', { visualMeshes: false }));
    if (instance.goal.task !== 'pick-place') throw new Error(instance.goal.task);
    const { object } = instance.goal;
    const place = page.welcome?.places[0]?.name ?? '';
    const home = tool();
    const heard: string[] = [];
    for (let presses = 1; away(home) < 0.02; presses++) {
      expect(presses, heard.join('; ')).toBeLessThanOrEqual(PRESSES);
      if (await press({ type: 'policy', model_sha256, object, place }))
        await page.until(() => away(home) > 0.02 || task()?.kind === 'none', 'way of 2 cm', PATIENCE_MS);
      heard.push(`${task()?.stage} ${task()?.reason}`);
      await sleep(300);
    }
    // It goes on until it is held or, on a busy machine, late: the arm rests either way, and nothing is latched.
    await press({ type: 'pause' });
    await rests();
    await press({ type: 'continue' });
    await press({ type: 'cancel' });
    await page.until(() => task()?.kind === 'none', 'the end of the policy', PATIENCE_MS);
    await rests();
    expect(page.frame?.safety?.latched).toBe(false);
  } finally {
    clearInterval(alive);
    page.close();
  }
}, 300_000);
