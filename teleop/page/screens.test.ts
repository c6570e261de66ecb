import { join } from 'node:path';
import type { Locator } from 'playwright-core';
import { beforeEach, expect, it } from 'vitest';
import { systemBrowser } from '../../test/support/browser.ts';
import { KeptPictures } from '../../test/support/kept_pictures.ts';
import { requirePeer } from '../../test/support/peer.ts';
import { TeleopPageRig } from '../../test/support/teleop_page_rig.ts';

const START = new Date('2026-03-01T09:00:00Z');
const DESKTOP = { width: 1000, height: 700 };
const STEP_MS = 100;
const MOST_STEPS = 300;
const OLD_MS = 2200;
const PHONE = { width: 360, height: 700 };

const rig = TeleopPageRig.create();
const kept = new KeptPictures(join(import.meta.dirname, 'golden'));
const system = await systemBrowser();
let told = false;

beforeEach(async (ctx) => {
  const remedy = `kept pictures are of the Chromium that the checkout carries: leave ${system?.executable} off the PATH`;
  if (told) ctx.skip(remedy);
  told = system !== null;
  requirePeer(ctx, 'carried-chromium', remedy, system === null);
  rig.host.time_ms = 1_000_000;
  await rig.page.setViewportSize(DESKTOP);
  await rig.page.emulateMedia({ reducedMotion: 'reduce', colorScheme: 'light' });
  await rig.page.clock.install({ time: START });
  await rig.page.clock.pauseAt(START.getTime() + 60_000);
});

/** Time stands still but for this, for page and server alike; a state comes within each step. */
async function letPass(by_ms: number): Promise<void> {
  const { host, page } = rig;
  host.time_ms = (host.time_ms ?? 0) + by_ms;
  const before = host.sent;
  await host.until(() => host.sent > before + 1);
  await page.clock.runFor(by_ms);
}

async function letPassUntil(shown: Locator): Promise<void> {
  for (let steps = 0; !(await shown.isVisible()); steps++) {
    if (steps > MOST_STEPS) throw new Error(`waited in vain for ${shown}`);
    await letPass(STEP_MS);
  }
}

async function open(): Promise<void> {
  await rig.page.goto(rig.host.link());
  await letPassUntil(rig.page.getByText('ready, reduced speed'));
}

async function openInControl(): Promise<void> {
  await open();
  await rig.named('Take control').click();
  await letPassUntil(rig.page.getByText('You are in control'));
  await letPassUntil(rig.page.locator('#jog-status').getByText('ready'));
}

async function picturesAre(text: string): Promise<void> {
  const ages = rig.page.locator('.camera-age');
  await rig.host.until(async () => (await ages.allTextContents()).every((shown) => shown === text));
}

async function expectAsKept(name: string, age = '20 ms'): Promise<void> {
  for (let steps = 0; steps < 3; steps++) await letPass(STEP_MS);
  await picturesAre(age);
  await rig.page.mouse.move(0, 0);
  const png = await rig.page.screenshot({ animations: 'disabled', caret: 'hide', scale: 'css' });
  expect(await kept.difference(name, png)).toBe('');
}

it('calm and connected', async () => {
  await open();
  await expectAsKept('calm');
});

it('in control, with an object that is chosen and planned for', async () => {
  await openInControl();
  await rig.page
    .getByRole('list', { name: 'Objects seen' })
    .getByRole('button', { name: /red box/ })
    .click();
  await letPassUntil(rig.page.getByText('Ready to pick'));
  await expectAsKept('planned');
});

it('stopped, with the causes that a Reset found', async () => {
  await openInControl();
  await rig.named('Stop').click();
  await letPassUntil(rig.page.getByText('standstill, 4 mm'));
  rig.host.unfixed = ['the door of the cell is open'];
  await letPassUntil(rig.page.locator('button:not([aria-disabled="true"])', { hasText: /^Reset$/ }));
  await rig.named('Reset').click();
  await letPassUntil(rig.page.getByText('not fixed: the door of the cell is open'));
  await expectAsKept('stopped');
});

it('with pictures that are old', async () => {
  await openInControl();
  await picturesAre('20 ms');
  rig.host.pictures = false;
  for (let passed_ms = 0; passed_ms < OLD_MS; passed_ms += STEP_MS) await letPass(STEP_MS);
  await expectAsKept('old_picture', '2.5 s');
});

it('of a real robot, 360 pixels wide', async () => {
  rig.host.kind = 'real';
  await rig.page.setViewportSize(PHONE);
  await open();
  await expectAsKept('narrow');
});
