import type { Browser, BrowserContext, Page } from 'playwright-core';
import sharp from 'sharp';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { sharedBrowser, WEBGL_FLAGS } from '../../../test/support/browser.ts';
import { binaryStl, boxMesh } from '../../../test/support/mesh_files.ts';
import { TeleopPageHost } from '../../../test/support/teleop_page_host.ts';
import type { History } from '../../protocol/index.ts';

const HOME = [0, -0.785, 0, -2.356, 0, 1.571, 0.785];
const JOINTS = HOME.map((_, i) => `panda_joint${i + 1}`);

/** Ten minutes in which the arm turned once about its first joint, with a stop in the middle. */
const PAST: History = {
  ...{ source: 'live', name: '', joint_names: JOINTS, kept: { from_ms: 0, to_ms: 600_000 } },
  frames: Array.from({ length: 601 }, (_, i) => ({
    ...{ at_ms: i * 1000, q: [2.5 - i / 120, ...HOME.slice(1)], v: [], effort: [], gripper_width_m: 0.04, tool: null },
    ...{
      commanded: [2.5 - i / 120, -0.2, ...HOME.slice(2)],
      wrench: null,
      separation_m: null,
      protective_distance_m: null,
      speed: 1,
      status: 0,
    },
  })),
  ...{ statuses: [], scenes: [], pictures: { overview: [], wrist: [] }, incomplete: '' },
  events: [{ at_ms: 300_000, kind: 'stop', text: 'protective stop', by: 'ada' }],
};

const host = new TeleopPageHost();
let browser: Browser;
let context: BrowserContext;
let page: Page;
let problems: string[];

beforeAll(async () => {
  [browser] = await Promise.all([sharedBrowser(WEBGL_FLAGS), host.start()]);
});
afterAll(async () => {
  await host.stop();
});
beforeEach(async () => {
  host.reset();
  // A machine that draws by software beside other tests is slow.
  host.limits = { picture_ms: 5000, tick_ms: 5000, session_ms: 9000 };
  context = await browser.newContext({ viewport: { width: 1280, height: 1000 }, reducedMotion: 'reduce' });
  page = await context.newPage();
  problems = [];
  page.on('pageerror', (error) => problems.push(String(error)));
  page.on('console', (message) => {
    if (message.type() === 'error' && !/404/.test(message.text())) problems.push(message.text());
  });
  await page.route('**/api/history?*', (route) => route.fulfill({ json: PAST }));
  await page.goto(host.link());
  await page.getByText('ready, reduced speed').waitFor();
  await page.getByRole('button', { name: 'Front view' }).waitFor();
});
afterEach(async () => {
  await context.close();
  expect(problems).toEqual([]);
});

const robot = () => page.getByRole('img', { name: 'Robot view', exact: true });

/** Share of the view's pixels that are as light and colourless as the robot's paint. */
const whiteShare = () => share((r, g, b) => Math.min(r, g, b) > 175 && Math.max(r, g, b) - Math.min(r, g, b) < 6);

/** Share of those that the see-through amber of the commanded arm lies over. */
const amberShare = () => share((r, g, b) => r - b > 40 && r > g && g > b && r > 120);

async function share(counts: (r: number, g: number, b: number) => boolean): Promise<number> {
  const { data, info } = await sharp(await robot().screenshot())
    .removeAlpha()
    .raw()
    .toBuffer({ resolveWithObject: true });
  let counted = 0;
  for (let i = 0; i < data.length; i += 3) if (counts(data[i], data[i + 1], data[i + 2])) counted++;
  return counted / (info.width * info.height);
}

/** Whether an arm is seen: white, but not all of it. */
async function drawn(): Promise<boolean> {
  const share = await whiteShare();
  return share > 0.005 && share < 0.3;
}

/** Waits until what is drawn no longer changes. */
async function still(): Promise<Buffer> {
  let before = await robot().screenshot();
  for (let i = 0; i < 40; i++) {
    await page.waitForTimeout(250);
    const now = await robot().screenshot();
    if (now.equals(before)) return now;
    before = now;
  }
  throw new Error('the view does not come to rest');
}

describe('the view of the robot', () => {
  it('shows the arm of its description, another side of it from above, and draws nothing while nothing changes', async () => {
    await host.until(drawn);
    const front = await still();
    await page.getByRole('button', { name: 'Top view' }).click();
    await host.until(async () => !(await robot().screenshot()).equals(front));
    expect(await drawn()).toBe(true);
    // Nothing changes any more.
    await still();
    const frames = await page.evaluate(async () => {
      let calls = 0;
      const { drawElements } = WebGL2RenderingContext.prototype;
      WebGL2RenderingContext.prototype.drawElements = function (...all) {
        calls++;
        drawElements.apply(this, all);
      };
      await new Promise((resolve) => setTimeout(resolve, 1000));
      WebGL2RenderingContext.prototype.drawElements = drawElements;
      return calls;
    });
    expect(frames).toBe(0);
  });

  it('chooses an object by the name over it, by keyboard too, and says so to the page', async () => {
    const label = page.locator('.object-label').first();
    // A label that is drawn anew meanwhile has lost the focus.
    await host.until(async () => {
      await label.press('Enter');
      return expect
        .poll(() => label.getAttribute('aria-pressed'), { timeout: 2000 })
        .toBe('true')
        .then(
          () => true,
          () => false,
        );
    });
  });
});

it('draws what needs no file first, and the meshes of files when they have come', async () => {
  const origin = (y: number) => `<origin xyz="0 ${y} 0.4"/>`;
  const white = '<material name="white"><color rgba="0.95 0.95 0.95 1"/></material>';
  const urdf = `<robot name="arm"><link name="base">
    <visual>${origin(0)}<geometry><box size="0.2 0.2 0.8"/></geometry>${white}</visual>
    <visual>${origin(0.5)}<geometry><mesh filename="package://arm/link.stl"/></geometry>${white}</visual></link></robot>`;
  let deliver = (): void => {};
  const held = new Promise<void>((resolve) => {
    deliver = resolve;
  });
  const asked: string[] = [];
  await page.route('**/api/robot', (route) => route.fulfill({ body: urdf, contentType: 'application/xml' }));
  await page.route('**/api/mesh?*', async (route) => {
    asked.push(new URL(route.request().url()).searchParams.get('file') ?? '');
    await held;
    await route.fulfill({ body: Buffer.from(binaryStl(boxMesh([0.2, 0.2, 0.8]))) });
  });
  await page.reload();
  await page.getByRole('button', { name: 'Front view' }).waitFor();
  await host.until(() => asked.length > 0);
  expect(asked).toEqual(['package://arm/link.stl']);
  await host.until(drawn);
  const before = await still();
  deliver();
  await host.until(async () => !(await robot().screenshot()).equals(before));
});

describe('the arm where its drives were told to be', () => {
  it('is drawn beside the measured one while it is wanted, live and in the past', async () => {
    await host.until(drawn);
    const toggle = page.getByRole('button', { name: 'Show commanded arm' });
    for (const when of ['live', 'past']) {
      if (when === 'past') {
        await page.getByRole('slider', { name: 'Time shown' }).focus();
        await page.keyboard.press('Home');
        await page
          .getByText(/^REPLAY/)
          .first()
          .waitFor();
      }
      await still();
      const before = await amberShare();
      await toggle.press('Enter');
      expect(await toggle.getAttribute('aria-pressed'), when).toBe('true');
      await host.until(async () => (await amberShare()) > before + 0.002);
      await toggle.press('Enter');
      await host.until(async () => Math.abs((await amberShare()) - before) < 2e-4);
      expect(await drawn(), when).toBe(true);
    }
  });
});

describe('the past', () => {
  it('stands marked in the view, refuses jogging, gives way to what is live, and is stepped through from event to event', async () => {
    await page.getByRole('button', { name: 'Take control' }).click();
    await page.locator('#jog-status').getByText('ready').waitFor();
    await page.getByRole('slider', { name: 'Time shown' }).focus();
    await page.keyboard.press('PageDown');
    await page
      .getByText(/^REPLAY −\d+\.\d s$/)
      .first()
      .waitFor();
    await page.locator('#jog-status').getByText('a moment of the past is shown').waitFor();
    const then = await robot().screenshot();
    await page.keyboard.press('Home');
    await host.until(async () => !(await robot().screenshot()).equals(then));
    await page.getByRole('button', { name: 'Live', exact: true }).click();
    await page.locator('#jog-status').getByText('ready').waitFor();
    expect(await page.getByText(/^REPLAY/).count()).toBe(0);
    await page.getByRole('button', { name: 'Earlier event' }).click();
    await page.getByText('stop: protective stop (ada)').waitFor();
    await page.getByRole('button', { name: 'Earlier event' }).click();
    await page.getByText('No earlier event.').waitFor();
  });
});

it('plots the last half minute of what is chosen, and greys a camera that says nothing more, with its age in large digits', async () => {
  await page.getByText('Plots', { exact: true }).click();
  await page.getByRole('group', { name: 'Plot of joint position' }).waitFor();
  await page.locator('.plots select').selectOption({ label: 'Tool speed (mm/s)' });
  const value = page.getByRole('group', { name: 'Plot of tool speed' }).getByText(/^-?[\d.]+ mm\/s$/);
  await value.first().waitFor();
  const camera = page.locator('.camera-view').filter({ has: page.getByRole('img', { name: 'Camera wrist' }) });
  await host.until(async () => (await camera.locator('.camera-age').textContent()) !== 'no picture');
  host.pictures = false;
  await host.until(async () => (await camera.getAttribute('class'))?.includes('old') === true);
  await camera.getByText(/^\d+\.\d s$/).waitFor();
});
