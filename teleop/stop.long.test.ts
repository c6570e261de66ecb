import type { Page } from 'playwright-core';
import { expect, it } from 'vitest';
import { ArmOverBus } from '../test/support/arm_over_bus.ts';
import { launchBrowser, WEBGL_FLAGS } from '../test/support/browser.ts';
import { describeTrials, percentile, type StopScene, type StopTrial, StopTrials } from '../test/support/stop_trials.ts';
import { TeleopProcess } from '../test/support/teleop_process.ts';

/** How many; SUREPICK_STOPS for who has less time, SUREPICK_STOP_SCENE for one of the scenes alone. */
const TRIALS = Number(process.env.SUREPICK_STOPS ?? 1000);
const ONLY = process.env.SUREPICK_STOP_SCENE;
/** A line of progress after so many. */
const TOLD_EVERY = 25;

interface Scene {
  readonly flags: readonly string[];
  readonly motion?: StopScene;
  prepare(page: Page): Promise<void>;
}

/** What else the page does meanwhile. */
const SCENES: Readonly<Record<string, Scene>> = {
  'the page as it opens': { flags: WEBGL_FLAGS, prepare: async () => {} },
  'every panel open': {
    flags: WEBGL_FLAGS,
    prepare: async (page) => {
      const closed = page.locator('details:not([open]) > summary');
      while ((await closed.count()) > 0) await closed.first().click();
    },
  },
  'while scrubbing': { flags: WEBGL_FLAGS, motion: 'home while scrubbing', prepare: async () => {} },
  'without WebGL': { flags: ['--disable-gpu', '--disable-3d-apis'], prepare: async () => {} },
};

it(
  'a thousand presses of Stop: to deceleration 50 ms (95 %), 100 ms (99 %), never over 200',
  async () => {
    const all: StopTrial[] = [];
    const scenes = Object.entries(SCENES).filter(([name]) => ONLY === undefined || name === ONLY);
    expect(scenes, `SUREPICK_STOP_SCENE is one of: ${Object.keys(SCENES).join(', ')}`).not.toEqual([]);
    for (const [name, { flags, motion, prepare }] of scenes) {
      const [teleop, browser] = await Promise.all([TeleopProcess.start(), launchBrowser(flags)]);
      const arm = await ArmOverBus.open(teleop.runtime_dir);
      const trials = await StopTrials.open(browser, teleop.url, arm, prepare);
      const some: StopTrial[] = [];
      while (some.length < TRIALS / scenes.length) {
        some.push(await trials.run(motion));
        if (some.length % TOLD_EVERY === 0) process.stdout.write(`${name}, ${some.length}: ${describeTrials(some)}\n`);
      }
      process.stdout.write(`${name}: ${describeTrials(some)}\n`);
      all.push(...some);
      await trials.close();
      arm.close();
      await browser.close();
      await teleop.stop();
    }
    process.stdout.write(`all: ${describeTrials(all)}\n`);
    const took = all.map(({ to_deceleration_ms }) => to_deceleration_ms);
    expect(percentile(took, 0.95)).toBeLessThan(50);
    expect(percentile(took, 0.99)).toBeLessThan(100);
    expect(percentile(took, 1)).toBeLessThan(200);
    expect(
      percentile(
        all.map(({ to_handler_ms }) => to_handler_ms),
        0.95,
      ),
    ).toBeLessThan(16);
    expect(
      percentile(
        all.map(({ to_server_ms }) => to_server_ms),
        0.95,
      ),
    ).toBeLessThan(5);
    expect(
      percentile(
        all.map(({ to_supervisor_ms }) => to_supervisor_ms),
        0.95,
      ),
    ).toBeLessThan(3);
  },
  3 * 3600 * 1000,
);
