import type { Browser, Page } from 'playwright-core';
import { expect } from 'vitest';
import type { ArmOverBus } from './arm_over_bus.ts';
import { StallWatch } from './stall_watch.ts';
import { type StagedStop, StopStages } from './stop_stages.ts';

/** One press of Stop in a browser while the arm was jogged there; times in ms. */
export interface StopTrial {
  readonly to_handler_ms: number;
  readonly to_server_ms: number;
  readonly to_supervisor_ms: number;
  /** From the press until the arm begins to slow down. */
  readonly to_deceleration_ms: number;
  readonly to_standstill_ms: number;
  readonly travel_m: number;
  /** The longest that an empty loop of the test was kept waiting meanwhile. */
  readonly stalled_ms: number;
}

/** How long the arm is jogged away from home, and how often the slider is moved as by a hand. */
const AWAY_MS = 2500;
const SCRUB_EVERY_MS = 40;
const SCRUB = `
  const slider = document.querySelector('[aria-label="Time shown"]');
  let moved = 0;
  window.scrubbing = setInterval(() => {
    slider.value = String((1709 * ++moved) % 10000);
    slider.dispatchEvent(new Event('input'));
  }, ${SCRUB_EVERY_MS});
`;

const cruises = ({ speed_rad_s }: ArmOverBus) => speed_rad_s > 0.15;
const epoch = (at_ms: number) => performance.timeOrigin + at_ms;
const pause = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));

/** Who moves the arm when it is stopped: a held key, or the motion home, while the page scrubs through the past. */
export type StopScene = 'jog' | 'home while scrubbing';

/** Moves the arm from a browser and presses Stop, again and again. */
export class StopTrials {
  private readonly page: Page;
  private readonly stages: StopStages;
  private readonly arm: ArmOverBus;
  private readonly stalls = new StallWatch();
  private done = 0;

  private constructor(page: Page, stages: StopStages, arm: ArmOverBus) {
    this.page = page;
    this.stages = stages;
    this.arm = arm;
  }

  /** @param prepare  what else is done on the page first */
  static async open(
    browser: Browser,
    url: string,
    arm: ArmOverBus,
    prepare: (page: Page) => Promise<void> = async () => {},
  ): Promise<StopTrials> {
    const page = await (await browser.newContext({ viewport: { width: 1280, height: 900 } })).newPage();
    const stages = new StopStages(page);
    await page.goto(url);
    await page.getByRole('button', { name: 'Take control' }).click();
    await expect.poll(() => page.getByText('You are in control').count(), { timeout: 20_000 }).toBe(1);
    await prepare(page);
    await page.getByLabel(/Held keys move/).check();
    return new StopTrials(page, stages, arm);
  }

  /** One trial: the arm is brought into motion, then Stop is pressed by pointer or key while it still is. */
  async run(scene: StopScene = 'jog'): Promise<StopTrial> {
    const { page, arm } = this;
    const by_key = this.done % 2 === 1;
    const key = this.done % 4 < 2 ? 'a' : 'd';
    this.done++;
    await this.hold(key);
    if (scene === 'home while scrubbing') await this.goHome(key);
    this.stalls.take();
    const before = this.stages.presses.length;
    if (by_key) await page.keyboard.press('Escape');
    else await page.getByRole('button', { name: 'Stop', exact: true }).click();
    const press = await this.pressed(before);
    await page.keyboard.up(key);
    const trial = this.trialOf(press);
    if (scene === 'home while scrubbing') await this.endScrubbing();
    await page.getByRole('button', { name: 'Reset', exact: true }).click();
    await arm.until(({ safety }) => safety?.latched === false, 'a reset');
    arm.moments.splice(0);
    return trial;
  }

  async close(): Promise<void> {
    this.stalls.end();
    await this.page.close();
  }

  /** Holds a key until the arm cruises. What a busy machine lets go, as for old pictures, is pressed anew. */
  private async hold(key: string): Promise<void> {
    const { page, arm } = this;
    for (let tries = 0; tries < 20; tries++) {
      await page.keyboard.down(key);
      const moves = await arm.until(cruises, 'motion', 1500).then(
        () => true,
        () => false,
      );
      await pause(150);
      if (moves && cruises(arm)) return;
      await page.keyboard.up(key);
    }
    throw new Error(`the arm does not move: ${await page.locator('main').innerText()}`);
  }

  /** Lets go of the key far from home, and from there has the arm go home while the page scrubs. */
  private async goHome(key: string): Promise<void> {
    const { page, arm } = this;
    await pause(AWAY_MS);
    await page.keyboard.up(key);
    await arm.until(({ speed_rad_s }) => speed_rad_s < 0.002, 'standstill');
    for (let tries = 0; tries < 10; tries++) {
      await page.getByRole('button', { name: 'Home', exact: true }).click();
      const moves = await arm.until(cruises, 'motion home').then(
        () => true,
        () => false,
      );
      if (!moves) continue;
      await page.evaluate(SCRUB);
      await pause(2 * SCRUB_EVERY_MS);
      return;
    }
    throw new Error(`the arm does not go home: ${await page.locator('main').innerText()}`);
  }

  private async endScrubbing(): Promise<void> {
    const { page } = this;
    await page.evaluate('clearInterval(window.scrubbing)');
    await page.getByRole('button', { name: 'Live', exact: true }).click();
  }

  private async pressed(before: number): Promise<StagedStop> {
    for (let waited = 0; waited < 5000; waited += 5) {
      const press = this.stages.presses[before];
      if (press?.standstill_ms != null) return press;
      await pause(5);
    }
    throw new Error(`no standstill: ${JSON.stringify(this.stages.presses[before])}`);
  }

  private trialOf(press: StagedStop): StopTrial {
    const { pressed_ms, handled_ms, taken_ms, stopping_ms, standstill_ms, travel_m } = press;
    const own_ms = pressed_ms - epoch(0);
    return {
      to_handler_ms: handled_ms - pressed_ms,
      to_server_ms: (taken_ms ?? Number.NaN) - handled_ms,
      to_supervisor_ms: (stopping_ms ?? Number.NaN) - (taken_ms ?? Number.NaN),
      to_deceleration_ms: this.arm.slowsAfter(own_ms),
      to_standstill_ms: (standstill_ms ?? Number.NaN) - pressed_ms,
      travel_m: travel_m ?? Number.NaN,
      stalled_ms: 1000 * this.stalls.take(),
    };
  }
}

/** The value below which this share of the values lies. */
export function percentile(values: readonly number[], share: number): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor(share * sorted.length))];
}

/** One line of figures for people. */
export function describeTrials(trials: readonly StopTrial[]): string {
  const stage = (name: string, of: (trial: StopTrial) => number) => {
    const values = trials.map(of);
    const shown = [0.5, 0.95, 0.99, 1].map((share) => percentile(values, share).toFixed(1));
    return `${name} ${shown.join('/')}`;
  };
  return [
    `${trials.length} stops, ms at 50/95/99/100 %:`,
    stage('to handler', ({ to_handler_ms }) => to_handler_ms),
    stage('to server', ({ to_server_ms }) => to_server_ms),
    stage('to supervisor', ({ to_supervisor_ms }) => to_supervisor_ms),
    stage('press to deceleration', ({ to_deceleration_ms }) => to_deceleration_ms),
    stage('press to standstill', ({ to_standstill_ms }) => to_standstill_ms),
    stage('travel, mm', ({ travel_m }) => 1000 * travel_m),
    stage('machine stalled', ({ stalled_ms }) => stalled_ms),
  ].join('; ');
}
