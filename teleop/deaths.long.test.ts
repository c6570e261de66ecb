import { expect, it } from 'vitest';
import { ArmOverBus } from '../test/support/arm_over_bus.ts';
import { StallWatch } from '../test/support/stall_watch.ts';
import { percentile } from '../test/support/stop_trials.ts';
import { type OpenedSession, openSession, TeleopClient } from '../test/support/teleop_client.ts';
import { TeleopProcess } from '../test/support/teleop_process.ts';

/** Of each kind; SUREPICK_DEATHS for who has less time. */
const TRIALS = Number(process.env.SUREPICK_DEATHS ?? 100);
const KINDS = ['the page is closed', 'the page is cut off', 'the server is killed'] as const;
type Kind = (typeof KINDS)[number];

const pause = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));

/** A page in control of a robot that may move; tried until the server is there. */
async function inControl(session: OpenedSession): Promise<{ page: TeleopClient; end: () => void }> {
  for (let tries = 0; ; tries++) {
    const page = await TeleopClient.connect(session).catch(() => null);
    if (page === null && tries < 100) {
      await pause(100);
      continue;
    }
    if (page === null) throw new Error('the server does not come back');
    const alive = setInterval(() => page.closed === '' && page.alive(), 250);
    await page.watchPictures();
    await page.until(() => page.pictures.length > 1, 'pictures');
    await page.takeControl();
    if (page.frame?.safety?.latched) await page.ask({ type: 'reset' });
    await page.until(() => page.frame?.safety?.latched === false, 'a reset');
    const end = () => {
      clearInterval(alive);
      page.close();
    };
    return { page, end };
  }
}

/** Jogs, lets one thing happen, and says how long after the last message the arm began to slow down (ms). */
async function trial(kind: Kind, teleop: TeleopProcess, session: OpenedSession, arm: ArmOverBus, direction: number) {
  const { page, end } = await inControl(session);
  let cruised = 0;
  const cruises = () => {
    cruised = arm.speed_rad_s > 0.1 ? cruised + 1 : 0;
    return cruised >= 8;
  };
  await page.holdUntil([0, 0.6 * direction, 0], cruises, 'steady motion');
  const { held_ms } = page;
  if (kind === 'the page is closed') page.close();
  else if (kind === 'the server is killed') process.kill(teleop.pidOf('server'), 'SIGKILL');
  await arm.until(({ speed_rad_s }) => speed_rad_s < 0.002, 'standstill');
  const slows_ms = arm.slowsAfter(held_ms);
  end();
  arm.moments.splice(0);
  return slows_ms;
}

it.each(KINDS)(
  '%s during a jog: the arm slows within 150 ms of the last message, every time',
  async (kind) => {
    const teleop = await TeleopProcess.start();
    const session = await openSession(teleop.url);
    const arm = await ArmOverBus.open(teleop.runtime_dir);
    const stalls = new StallWatch();
    const took_ms: number[] = [];
    try {
      for (let k = 0; k < TRIALS; k++) {
        // A parent gives up on a server that ends too often.
        if (kind === 'the server is killed') await pause(13_000);
        stalls.take();
        const slows_ms = await trial(kind, teleop, session, arm, k % 2 === 0 ? 1 : -1);
        took_ms.push(Math.max(0, slows_ms - 1000 * stalls.take()));
      }
    } finally {
      stalls.end();
      arm.close();
      await teleop.stop();
    }
    const shown = [0.5, 0.95, 1].map((share) => percentile(took_ms, share).toFixed(0)).join('/');
    process.stdout.write(`${kind}: ${took_ms.length} trials, ms to deceleration at 50/95/100 %: ${shown}\n`);
    expect(percentile(took_ms, 1), shown).toBeLessThan(150);
  },
  3 * 3600 * 1000,
);
