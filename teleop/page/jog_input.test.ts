import { beforeEach, describe, expect, it } from 'vitest';
import { TeleopPageRig } from '../../test/support/teleop_page_rig.ts';
import type { Release } from '../protocol/index.ts';

/** For how long nothing may come after a release. */
const QUIET_MS = 160;

const rig = TeleopPageRig.create();

const hold = () => rig.named('X +');

/** As a page does that a gamepad is plugged into. */
beforeEach(() =>
  rig.context.addInitScript(() => {
    const pads: unknown[] = [];
    Object.assign(window, { pads });
    navigator.getGamepads = () => pads as Gamepad[];
  }),
);

async function holdPointer(): Promise<void> {
  await hold().scrollIntoViewIfNeeded();
  await hold().hover();
  await rig.page.mouse.down();
  await rig.host.until(() => rig.host.heardOf('jog').length >= 3);
}

/** Nothing that moves comes after the release of this cause, although what was held is still held. */
async function expectReleased(cause: Release, when = ''): Promise<void> {
  await rig.host.until(() => rig.host.heardOf('release').length > 0);
  const heard = rig.host.heard.length;
  await rig.page.waitForTimeout(QUIET_MS);
  expect(
    rig.host.heardOf('release').map((one) => one.cause),
    when,
  ).toEqual([cause]);
  expect(
    rig.host.heard.slice(heard).filter(({ command }) => command.type.startsWith('jog')),
    when,
  ).toEqual([]);
}

/** As at the start, but for the page. */
async function letGo(): Promise<void> {
  await rig.page.mouse.up();
  await rig.page.getByText('Jogging is refused').waitFor({ state: 'hidden' });
  rig.host.heard.length = 0;
}

describe('a held control', () => {
  it('tells what was drawn last, by the lease, in order, and ends when it is let go', async () => {
    await rig.openInControl();
    await holdPointer();
    await rig.page.mouse.up();
    await expectReleased('released');
    const jogs = rig.host.heardOf('jog');
    for (const [i, jog] of jogs.entries()) {
      expect(jog).toMatchObject({ epoch: rig.host.lease.epoch, frame: 'base', linear: [1, 0, 0], angular: [0, 0, 0] });
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
  it('is released by what happens in the page, each time, and moves again only when it is pressed anew', async () => {
    await rig.openInControl();
    for (const [what, cause, act] of inPage) {
      await holdPointer();
      await rig.page.evaluate(act);
      await expectReleased(cause, what);
      await rig.page.evaluate(() => Reflect.deleteProperty(document, 'hidden'));
      await letGo();
    }
  });

  it.each([
    ['pictures no longer come', 'picture_old', () => rig.host.change({ pictures: false })],
    ['states no longer come', 'picture_old', () => rig.host.change({ states: false })],
    ['control is lost', 'lease_lost', () => rig.host.change({ lease: { ...rig.host.lease, yours: false } })],
    [
      'control came back under another epoch',
      'lease_lost',
      () => rig.host.change({ lease: { ...rig.host.lease, epoch: 99 } }),
    ],
    ['the robot stops', 'released', () => rig.host.change({ mode: 'protective_stop' })],
  ] as const)('is released when %s', async (_, cause, act) => {
    rig.host.limits = { picture_ms: 700, tick_ms: 700, session_ms: 5000 };
    await rig.openInControl();
    await holdPointer();
    act();
    await expectReleased(cause);
    if (cause === 'picture_old') await rig.page.getByText('Jogging is refused').waitFor();
  });

  it('sends nothing that waited once a lost connection is back, until it is pressed anew', async () => {
    await rig.openInControl();
    await holdPointer();
    rig.host.drop();
    const heard = rig.host.heard.length;
    await rig.host.until(() => rig.host.connections === 2);
    await rig.page.waitForTimeout(QUIET_MS);
    const later = rig.host.heard.slice(heard).map(({ command }) => command.type);
    expect(later.filter((type) => type !== 'alive' && type !== 'ping')).toEqual([]);
    await rig.page.mouse.up();
    await holdPointer();
    await rig.page.mouse.up();
  });

  it('of a gamepad moves only after a rest, with its shoulder button, and ends when it is gone', async () => {
    await rig.openInControl();
    await rig.page.getByLabel('Gamepad moves the robot').check();
    const pad = (pressed: boolean, forward: number) =>
      rig.page.evaluate(
        ([enabled, y]) => {
          const buttons = Array.from({ length: 16 }, (_, i) => ({ pressed: enabled && i === 4 }));
          (window as unknown as { pads: object[] }).pads[0] = { connected: true, axes: [0, y, 0, 0], buttons };
        },
        [pressed, forward] as const,
      );
    await pad(true, -1);
    await rig.page.waitForTimeout(QUIET_MS);
    expect(rig.host.heardOf('jog')).toEqual([]);
    await pad(false, 0);
    await rig.page.waitForTimeout(100);
    await pad(true, -1);
    await rig.host.until(() => rig.host.heardOf('jog').length >= 2);
    await rig.page.evaluate(() => void (window as unknown as { pads: object[] }).pads.splice(0));
    await expectReleased('gamepad_gone');
  });

  it('by key is off until it is switched on, holds, and never acts while a text field has the focus', async () => {
    await rig.openInControl();
    const keepDown = async (ms = QUIET_MS) => {
      await rig.page.keyboard.down('w');
      await rig.page.waitForTimeout(ms);
    };
    await keepDown();
    await rig.page.keyboard.up('w');
    await rig.page.getByLabel('Held keys move the robot').check();
    await rig.page.getByLabel('Note').focus();
    await keepDown();
    await rig.page.keyboard.up('w');
    expect(rig.host.heardOf('jog')).toEqual([]);
    await rig.page.getByLabel('Held keys move the robot').focus();
    await keepDown(0);
    await rig.host.until(() => rig.host.heardOf('jog').length >= 2);
    await rig.page.getByLabel('Note').focus();
    await expectReleased('blur');
  });

  it('is held by Space on its button as by a pointer', async () => {
    await rig.openInControl();
    await hold().focus();
    await rig.page.keyboard.down(' ');
    await rig.host.until(() => rig.host.heardOf('jog').length >= 2);
    await rig.page.keyboard.up(' ');
    await expectReleased('released');
  });

  it('goes one step and no further', async () => {
    await rig.openInControl();
    await rig.page.getByLabel('Way').selectOption('medium');
    await holdPointer();
    await rig.host.until(() => rig.host.heardOf('release').length === 1);
    await rig.page.waitForTimeout(QUIET_MS);
    expect(rig.host.heard.at(-1)?.command.type).not.toBe('jog');
    await rig.page.getByText('stopped: step done').waitFor();
    await rig.page.mouse.up();
  });

  it('is refused without the lease, and says why', async () => {
    await rig.open();
    await hold().scrollIntoViewIfNeeded();
    await hold().hover();
    await rig.page.mouse.down();
    await rig.page.getByText('Jogging is refused: take control first').waitFor();
    await rig.page.mouse.up();
    expect(rig.host.heardOf('jog')).toEqual([]);
  });
});
