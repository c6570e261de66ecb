import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { launchBrowser } from '../test/support/browser.ts';
import { describeTrials, percentile, StopTrials } from '../test/support/stop_trials.ts';
import { TeleopProcess } from '../test/support/teleop_process.ts';

let teleop: TeleopProcess;
let browser: Browser;
beforeAll(async () => {
  [teleop, browser] = await Promise.all([TeleopProcess.start(), launchBrowser()]);
});
afterAll(async () => {
  await browser?.close();
  await teleop?.stop();
});

it('twelve presses of Stop in a browser: each decelerates the arm within 200 ms, half of them within 50', async () => {
  const trials = await StopTrials.open(browser, teleop);
  const all = [];
  for (let trial = 0; trial < 12; trial++) all.push(await trials.run());
  trials.close();
  const words = describeTrials(all);
  process.stdout.write(`${words}\n`);
  for (const { to_deceleration_ms, stalled_ms, travel_m } of all) {
    expect(to_deceleration_ms, words).toBeLessThan(200 + stalled_ms);
    expect(travel_m, words).toBeLessThan(0.05);
  }
  expect(
    percentile(
      all.map(({ to_deceleration_ms: t, stalled_ms }) => t - stalled_ms),
      0.5,
    ),
    words,
  ).toBeLessThan(50);
});
