import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { Launched } from '../test/support/launched.ts';
import { freshDomain, requireRos } from '../test/support/ros.ts';
import { openSession, TeleopClient } from '../test/support/teleop_client.ts';
import { TeleopProcess } from '../test/support/teleop_process.ts';

/** A cell without perception and planning: it can be jogged and stopped. */
const NODES = {
  sim: { kind: 'sim', parameters: { seed: 0 } },
  safety: { kind: 'safety', parameters: { external: ['teleop'] } },
  control: { kind: 'control', parameters: { driver: 'sim' } },
  robot_state_publisher: { kind: 'robot_state_publisher' },
};

let scratch = '';
let launched: Launched | null = null;
let teleop: TeleopProcess | null = null;
beforeAll(() => {
  scratch = mkdtempSync(join(tmpdir(), 'surepick-tele-'));
});
afterAll(async () => {
  await teleop?.stop();
  launched?.killAll();
  rmSync(scratch, { recursive: true });
});

/** Holds a control until the tool has gone 2 cm. */
function jogged(page: TeleopClient): Promise<void> {
  let from: readonly number[] | null = null;
  const gone = () => {
    const position = page.frame?.tool?.pose.position ?? null;
    from ??= position;
    return position !== null && Math.hypot(...position.map((x, i) => x - (from?.[i] ?? x))) > 0.02;
  };
  return page.holdUntil([0.5, 0, 0], gone, 'way of 2 cm', 90_000);
}

it('a graph on ROS 2 is shown, jogged and stopped; when its controller dies the page says so', async (ctx) => {
  const ros = await requireRos(ctx);
  const domain = freshDomain();
  launched = Launched.start(ros, scratch, domain, { robot: 'panda', nodes: NODES });
  await launched.running.said(/up; Ctrl-C/);
  teleop = await TeleopProcess.start(['--bus', 'ros', '--domain-id', String(domain)], 0, ros.env);
  const session = await openSession(teleop.url);
  const page = await TeleopClient.connect(session);
  const alive = setInterval(() => page.closed === '' && page.alive(), 250);
  try {
    expect(page.welcome?.world).toEqual({ kind: 'simulation', robot: 'panda', name: 'panda' });
    await page.watchPictures();
    await page.until(() => page.pictures.length > 2, 'pictures', 20_000);
    await page.takeControl();
    await jogged(page);
    const stop = await page.armStop();
    stop.send(JSON.stringify({ type: 'stop', id: 1, pressed_ms: 0, handled_ms: 0 }));
    await page.until(() => page.stops.some(({ phase }) => phase === 'standstill'), 'standstill');
    page.release();
    await page.until(() => page.frame?.safety?.latched === true, 'a latched stop');
    process.kill(launched.pidOf('control'), 'SIGKILL');
    await page.until(() => /control/.test(page.frame?.safety?.reasons.join() ?? ''), 'the cause', 20_000);
  } finally {
    clearInterval(alive);
    page.close();
  }
}, 240_000);
