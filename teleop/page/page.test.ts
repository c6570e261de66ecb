import { readdirSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import type { AxeResults } from 'axe-core';
import type { Browser, BrowserContext, Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { launchBrowser } from '../../test/support/browser.ts';
import { TeleopPageHost } from '../../test/support/teleop_page_host.ts';
import type { Release } from '../protocol/index.ts';

const AXE = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');
const WITHOUT_WEBGL = ['--disable-gpu', '--disable-3d-apis'];
const MOST_BYTES = 500_000;
/** For how long nothing may come after a release. */
const QUIET_MS = 250;

const host = new TeleopPageHost();
let browser: Browser;
let context: BrowserContext;
let page: Page;
let problems: string[];

beforeAll(async () => {
  [browser] = await Promise.all([launchBrowser(WITHOUT_WEBGL), host.start()]);
});
afterAll(async () => {
  await browser?.close();
  await host.stop();
});
beforeEach(async () => {
  host.reset();
  // A machine that does two things at once still draws in time.
  host.limits = { picture_ms: 2000, tick_ms: 2000, session_ms: 5000 };
  context = await browser.newContext({ viewport: { width: 1280, height: 900 }, hasTouch: true });
  await context.addInitScript(() => {
    const pads: unknown[] = [];
    Object.assign(window, { pads });
    navigator.getGamepads = () => pads as Gamepad[];
  });
  page = await context.newPage();
  problems = [];
  page.on('pageerror', (error) => problems.push(String(error)));
  page.on('console', (message) => {
    if (/Content Security|TrustedHTML|Trusted Type/i.test(message.text())) problems.push(message.text());
  });
});
afterEach(async () => {
  await context.close();
  expect(problems).toEqual([]);
});

const named = (name: string) => page.getByRole('button', { name, exact: true });
const hold = () => page.getByRole('button', { name: 'X +', exact: true });

async function open(): Promise<void> {
  await page.goto(host.link());
  await page.getByText('ready, reduced speed').waitFor();
}

async function openInControl(): Promise<void> {
  await open();
  await named('Take control').click();
  await page.getByText('You are in control').waitFor();
  await page.locator('#jog-status').getByText('ready').waitFor();
}

async function openAllPanels(): Promise<void> {
  const closed = page.locator('details:not([open]) > summary');
  while ((await closed.count()) > 0) await closed.first().click();
}

async function holdPointer(): Promise<void> {
  await hold().scrollIntoViewIfNeeded();
  await hold().hover();
  await page.mouse.down();
  await host.until(() => host.heardOf('jog').length >= 3);
}

/** Nothing that moves comes after the release of this cause, although what was held is still held. */
async function expectReleased(cause: Release): Promise<void> {
  await host.until(() => host.heardOf('release').length > 0);
  const heard = host.heard.length;
  await page.waitForTimeout(QUIET_MS);
  expect(host.heardOf('release').map((one) => one.cause)).toEqual([cause]);
  expect(host.heard.slice(heard).filter(({ command }) => command.type.startsWith('jog'))).toEqual([]);
}

describe('opening the page', () => {
  it('trades the code for a session and leaves nothing of it in the address, in cookies or in local storage', async () => {
    await open();
    expect(page.url()).toBe(`${host.url}/`);
    expect(await context.cookies()).toEqual([]);
    expect(await page.evaluate(() => localStorage.length)).toBe(0);
    expect(await page.title()).toMatch(/^SIMULATION/);
    expect(host.addresses.filter((address) => address.includes('token') || address.includes('code'))).toEqual([]);
  });

  it('with a code that was used says so and asks for a name', async () => {
    const link = host.link();
    await page.goto(link);
    await page.getByText('ready, reduced speed').waitFor();
    const other = await (await browser.newContext()).newPage();
    await other.goto(link);
    await other.getByText('this address was used already').waitFor();
    expect(await other.getByLabel('Password').isVisible()).toBe(true);
    await other.context().close();
  });

  it('keeps the name of its tab when loaded anew; a duplicated tab has its own', async () => {
    await open();
    expect(host.tabs.size).toBe(1);
    await page.reload();
    await page.getByText('ready, reduced speed').waitFor();
    expect(host.tabs.size).toBe(1);
    const duplicated = context.waitForEvent('page');
    await page.evaluate(() => void window.open('/'));
    await (await duplicated).getByText('ready, reduced speed').waitFor();
    expect(host.tabs.size).toBe(2);
  });

  it('says which world it is by title, icon and words', async () => {
    host.kind = 'real';
    await open();
    expect(await page.title()).toMatch(/^REAL: cell 4/);
    expect(await page.locator('#icon').getAttribute('href')).toBe('/icons/real.svg');
    expect(await page.getByText('REAL: cell 4').isVisible()).toBe(true);
  });

  it('loads less than half a megabyte of scripts and styles', () => {
    const files = readdirSync(host.folder).filter((name) => /\.(js|css)$/.test(name));
    const bytes = files.map((name) => gzipSync(readFileSync(join(host.folder, name))).length);
    expect(files).toContain('stop.js');
    expect(bytes.reduce((sum, each) => sum + each, 0)).toBeLessThan(MOST_BYTES);
  });
});

describe('a held control', () => {
  it('tells what was drawn last, by the lease, in order, and ends when it is let go', async () => {
    await openInControl();
    await holdPointer();
    await page.mouse.up();
    await expectReleased('released');
    const jogs = host.heardOf('jog');
    for (const [i, jog] of jogs.entries()) {
      expect(jog).toMatchObject({ epoch: host.lease.epoch, frame: 'base', linear: [1, 0, 0], angular: [0, 0, 0] });
      if (i > 0) expect(jog.sequence).toBe(jogs[i - 1].sequence + 1);
      if (i > 0) expect(jog.tick).toBeGreaterThanOrEqual(jogs[i - 1].tick);
    }
  });

  const inPage: readonly (readonly [string, Release, () => void])[] = [
    ['the window loses the focus', 'blur', () => window.dispatchEvent(new Event('blur'))],
    [
      'the page is hidden',
      'hidden',
      () => {
        Object.defineProperty(document, 'hidden', { value: true, configurable: true });
        document.dispatchEvent(new Event('visibilitychange'));
      },
    ],
    [
      'the pointer is cancelled',
      'pointer_lost',
      () =>
        document
          .querySelector('[data-held]')
          ?.dispatchEvent(new PointerEvent('pointercancel', { pointerId: 1, bubbles: true })),
    ],
    ['the pointer is captured by something else', 'pointer_lost', () => document.body.setPointerCapture(1)],
    [
      'something else is touched',
      'second_touch',
      () => document.body.dispatchEvent(new PointerEvent('pointerdown', { pointerId: 77, bubbles: true })),
    ],
  ];
  it.each(inPage)('is released when %s', async (_, cause, act) => {
    await openInControl();
    await holdPointer();
    await page.evaluate(act);
    await expectReleased(cause);
  });

  it.each([
    ['pictures no longer come', 'picture_old', () => host.change({ pictures: false })],
    ['states no longer come', 'picture_old', () => host.change({ states: false })],
    ['control is lost', 'lease_lost', () => host.change({ lease: { ...host.lease, yours: false } })],
    ['control came back under another epoch', 'lease_lost', () => host.change({ lease: { ...host.lease, epoch: 99 } })],
    ['the robot stops', 'released', () => host.change({ mode: 'protective_stop' })],
  ] as const)('is released when %s', async (_, cause, act) => {
    host.limits = { picture_ms: 700, tick_ms: 700, session_ms: 5000 };
    await openInControl();
    await holdPointer();
    act();
    await expectReleased(cause);
    if (cause === 'picture_old') await page.getByText('Jogging is refused').waitFor();
  });

  it('sends nothing that waited once a lost connection is back, until it is pressed anew', async () => {
    await openInControl();
    await holdPointer();
    host.drop();
    const heard = host.heard.length;
    await host.until(() => host.connections === 2);
    await page.waitForTimeout(QUIET_MS);
    const later = host.heard.slice(heard).map(({ command }) => command.type);
    expect(later.filter((type) => type !== 'alive' && type !== 'ping')).toEqual([]);
    await page.mouse.up();
    await holdPointer();
    await page.mouse.up();
  });

  it('of a gamepad moves only after a rest, with its shoulder button, and ends when it is gone', async () => {
    await openInControl();
    await page.getByLabel('Gamepad moves the robot').check();
    const pad = (pressed: boolean, forward: number) =>
      page.evaluate(
        ([enabled, y]) => {
          const buttons = Array.from({ length: 16 }, (_, i) => ({ pressed: enabled && i === 4 }));
          (window as unknown as { pads: object[] }).pads[0] = { connected: true, axes: [0, y, 0, 0], buttons };
        },
        [pressed, forward] as const,
      );
    await pad(true, -1);
    await page.waitForTimeout(QUIET_MS);
    expect(host.heardOf('jog')).toEqual([]);
    await pad(false, 0);
    await page.waitForTimeout(100);
    await pad(true, -1);
    await host.until(() => host.heardOf('jog').length >= 2);
    await page.evaluate(() => void (window as unknown as { pads: object[] }).pads.splice(0));
    await expectReleased('gamepad_gone');
  });

  it('by key is off until it is switched on, holds, and never acts while a text field has the focus', async () => {
    await openInControl();
    const keepDown = async (ms = QUIET_MS) => {
      await page.keyboard.down('w');
      await page.waitForTimeout(ms);
    };
    await keepDown();
    await page.keyboard.up('w');
    await page.getByLabel('Held keys move the robot').check();
    await page.getByLabel('Note').focus();
    await keepDown();
    await page.keyboard.up('w');
    expect(host.heardOf('jog')).toEqual([]);
    await page.getByLabel('Held keys move the robot').focus();
    await keepDown(0);
    await host.until(() => host.heardOf('jog').length >= 2);
    await page.getByLabel('Note').focus();
    await expectReleased('blur');
  });

  it('is held by Space on its button as by a pointer', async () => {
    await openInControl();
    await hold().focus();
    await page.keyboard.down(' ');
    await host.until(() => host.heardOf('jog').length >= 2);
    await page.keyboard.up(' ');
    await expectReleased('released');
  });

  it('goes one step and no further', async () => {
    await openInControl();
    await page.getByLabel('Way').selectOption('medium');
    await holdPointer();
    await host.until(() => host.heardOf('release').length === 1);
    await page.waitForTimeout(QUIET_MS);
    expect(host.heard.at(-1)?.command.type).not.toBe('jog');
    await page.getByText('stopped: step done').waitFor();
    await page.mouse.up();
  });

  it('is refused without the lease, and says why', async () => {
    await open();
    await hold().scrollIntoViewIfNeeded();
    await hold().hover();
    await page.mouse.down();
    await page.getByText('Jogging is refused: take control first').waitFor();
    await page.mouse.up();
    expect(host.heardOf('jog')).toEqual([]);
  });
});

describe('Stop', () => {
  const status = () => page.locator('#stop-status');

  it('is there before any script, and bound before the rest of the page has come', async () => {
    await page.route('**/main.js', () => undefined);
    await page.goto(host.link(), { waitUntil: 'commit' });
    await page.locator('#stop[data-bound="true"]').waitFor();
    expect(await page.getByRole('button', { name: 'Stop', exact: true }).isVisible()).toBe(true);
  });

  it('goes out when it is pressed, not when it is let go, and is followed to standstill', async () => {
    await open();
    await page.getByText('Stop is connected').waitFor();
    await named('Stop').hover();
    await page.mouse.down();
    await host.until(() => host.stops.length === 1);
    await page.mouse.up();
    await status().getByText('standstill, 4 mm').waitFor();
    const marks = await page.evaluate(() => performance.getEntriesByType('mark').map(({ name }) => name));
    expect(marks).toEqual(['stop-handled', 'stop-taken', 'stop-stopping', 'stop-standstill']);
    expect(host.stops.map(({ by }) => by)).toEqual(['socket']);
    await page.getByRole('alert', { name: 'Safety state' }).getByText('protective stop').waitFor();
  });

  it.each(['Escape', 'Pause'])(
    'is pressed by %s from a text field, with every panel open, as a viewer',
    async (key) => {
      host.role = 'viewer';
      await open();
      await openAllPanels();
      await page.getByLabel('Note').focus();
      await page.keyboard.press(key);
      await host.until(() => host.stops.length === 1);
      await status().getByText('standstill').waitFor();
    },
  );

  it('is not pressed by Space, but by Enter when it has the focus', async () => {
    await open();
    await page.locator('body').press(' ');
    await named('Stop').focus();
    expect(host.stops).toEqual([]);
    await page.keyboard.press('Enter');
    await host.until(() => host.stops.length === 1);
  });

  it('that nobody takes goes out by request too, and says NOT CONFIRMED', async () => {
    await open();
    await page.getByText('Stop is connected').waitFor();
    host.answersStops = false;
    await named('Stop').click();
    await status().getByText('NOT CONFIRMED: use the button on the robot').waitFor();
    await host.until(() => host.stops.some(({ by }) => by === 'request'));
    expect(new Set(host.stops.map(({ id }) => id)).size).toBe(1);
  });

  it('without a connection says so before and after it is pressed', async () => {
    await page.goto(host.url);
    await page.getByText('Stop is not connected').waitFor();
    await named('Stop').click();
    await status().getByText('NOT CONFIRMED').waitFor();
  });

  it('is left by Reset, which lists the causes and moves nothing', async () => {
    await openInControl();
    await page.keyboard.press('Escape');
    await page.getByRole('alert', { name: 'Safety state' }).getByText('protective stop').waitFor();
    await named('Reset').click();
    await page.getByText('fixed: operator pressed Stop').waitFor();
    await page.getByRole('status', { name: 'Safety state' }).getByText('reduced speed').waitFor();
    expect(host.heardOf('jog')).toEqual([]);
  });

  it.each([
    [360, 640],
    [640, 450],
    [320, 256],
    [768, 1024],
    [1280, 720],
  ])('is at least 72 pixels and in view at %i x %i, wherever the page is scrolled to', async (width, height) => {
    await page.setViewportSize({ width, height });
    await open();
    for (const y of [0, 1e6]) {
      await page.evaluate((top) => window.scrollTo(0, top), y);
      const box = await named('Stop').boundingBox();
      if (box === null) throw new Error('Stop is not shown');
      expect(Math.min(box.width, box.height)).toBeGreaterThanOrEqual(72);
      expect([box.x >= 0, box.y >= 0, box.x + box.width <= width, box.y + box.height <= height]).not.toContain(false);
      const [x, middle] = [box.x + box.width / 2, box.y + box.height / 2];
      expect(await page.evaluate(([left, top]) => document.elementFromPoint(left, top)?.id, [x, middle])).toBe('stop');
    }
    expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBeLessThanOrEqual(width);
  });
});

describe('work', () => {
  it('is picked by choosing an object and pressing Pick once its way is shown', async () => {
    await openInControl();
    expect(await named('Pick').getAttribute('aria-disabled')).toBe('true');
    await page
      .getByRole('list', { name: 'Objects seen' })
      .getByRole('button', { name: /red box/ })
      .click();
    await page.getByText('Ready to pick the red box').waitFor();
    await named('Pick').click();
    await page.getByText('Automatic pick: Approach').waitFor();
    expect(host.heardOf('pick')).toHaveLength(1);
    expect(host.heardOf('pick')[0]).toMatchObject({ place: 'bin', object: { class: 'box', colour: 'red' } });
  });

  it('is done by keyboard alone: control taken, an object chosen and picked', async () => {
    await open();
    const tabTo = async (name: RegExp) => {
      for (let i = 0; i < 80; i++) {
        await page.keyboard.press('Tab');
        const focused = await page.evaluate(() => document.activeElement?.textContent ?? '');
        if (name.test(focused)) return;
      }
      throw new Error(`${name} cannot be reached by Tab`);
    };
    await tabTo(/^Take control$/);
    await page.keyboard.press('Enter');
    await page.getByText('You are in control').waitFor();
    await tabTo(/^red box · /);
    await page.keyboard.press('Enter');
    await page.getByText('Ready to pick').waitFor();
    await tabTo(/^Pick$/);
    await page.keyboard.press('Enter');
    await host.until(() => host.heardOf('pick').length === 1);
  });

  it('asks its questions on cards that never move under the pointer', async () => {
    await open();
    const cards = page.locator('.card');
    host.broadcast({ type: 'escalations', open: ['a', 'b', 'c'].map((id) => host.question(id)) });
    await cards.nth(2).waitFor();
    const second = cards.filter({ hasText: '(b)' });
    await second.getByRole('button', { name: 'Skip' }).hover();
    const before = await second.boundingBox();
    host.broadcast({ type: 'escalations', open: ['d', 'b', 'c'].map((id) => host.question(id)) });
    await cards.filter({ hasText: '(d)' }).waitFor();
    expect(await second.boundingBox()).toEqual(before);
    await page.mouse.click((before?.x ?? 0) + 5, (before?.y ?? 0) + 5);
    await second.getByRole('button', { name: 'Skip' }).click();
    expect(host.heardOf('answer').map(({ escalation, answer }) => [escalation, answer])).toEqual([['b', 'skip']]);
    await page.mouse.move(5, 300);
    await page.locator('body').click({ position: { x: 8, y: 300 } });
    await host.until(async () => (await cards.count()) === 2);
  });

  it('is asked for by another, who can be refused', async () => {
    await openInControl();
    host.lease = { ...host.lease, request: { user: 'ann', session: 's-ann', until_ms: performance.now() + 5000 } };
    await page.getByText('ann asks for control').waitFor();
    await named('Keep control').click();
    await host.until(() => host.heardOf('lease').some(({ want }) => want === 'refuse'));
  });

  it('may not be commanded by a viewer', async () => {
    host.role = 'viewer';
    await open();
    for (const name of ['Take control', 'Pick', 'Home', 'Mark this moment']) {
      expect(await named(name).getAttribute('aria-disabled'), name).toBe('true');
      await named(name).dispatchEvent('click');
    }
    await page.waitForTimeout(100);
    expect(host.heard.filter(({ command }) => command.type !== 'ping' && command.type !== 'alive')).toEqual([]);
  });
});

describe.each(['light', 'dark'] as const)('in %s, axe finds nothing serious', (colorScheme) => {
  const check = async () => {
    await page.evaluate(AXE);
    const { violations } = (await page.evaluate('axe.run()')) as AxeResults;
    const found = violations
      .filter(({ impact }) => impact === 'serious' || impact === 'critical')
      .flatMap(({ id, nodes }) => nodes.map(({ target, failureSummary }) => `${id}: ${target} ${failureSummary}`));
    expect(found).toEqual([]);
  };
  beforeEach(() => page.emulateMedia({ colorScheme }));

  it('before somebody has logged in', async () => {
    await page.goto(host.url);
    await page.getByLabel('Password').waitFor();
    await check();
  });

  it('in control with a plan, questions, alarms and every panel open', async () => {
    await openInControl();
    await page
      .getByRole('list', { name: 'Objects seen' })
      .getByRole('button', { name: /red box/ })
      .click();
    await page.getByText('Ready to pick').waitFor();
    await openAllPanels();
    host.broadcast({ type: 'escalations', open: [host.question('a')] });
    host.broadcast({ type: 'alarms', alarms: [host.alarm('high'), host.alarm('medium'), host.alarm('low')] });
    await page.getByRole('button', { name: 'Acknowledge high alarm' }).waitFor();
    await check();
  });

  it('in a stop that was not confirmed, without new pictures, at 360 pixels', async () => {
    await page.setViewportSize({ width: 360, height: 740 });
    await open();
    host.answersStops = false;
    host.pictures = false;
    host.mode = 'fault';
    await page.keyboard.press('Escape');
    await page.getByText('NOT CONFIRMED').waitFor();
    await page.getByRole('alert', { name: 'Safety state' }).getByText('fault').waitFor();
    await check();
  });
});
