import { describe, expect, it } from 'vitest';
import { TeleopPageRig } from '../../test/support/teleop_page_rig.ts';

const rig = TeleopPageRig.create();

describe('Stop', () => {
  const status = () => rig.page.locator('#stop-status');

  it('is there before any script, and bound before the rest of the page has come', async () => {
    await rig.page.route('**/main.js', () => undefined);
    await rig.page.goto(rig.host.link(), { waitUntil: 'commit' });
    await rig.page.locator('#stop[data-bound="true"]').waitFor();
    expect(await rig.page.getByRole('button', { name: 'Stop', exact: true }).isVisible()).toBe(true);
  });

  it('goes out when it is pressed, not when it is let go, and is followed to standstill', async () => {
    await rig.open();
    await rig.page.getByText('Stop is connected').waitFor();
    await rig.named('Stop').hover();
    await rig.page.mouse.down();
    await rig.host.until(() => rig.host.stops.length === 1);
    await rig.page.mouse.up();
    await status().getByText('standstill, 4 mm').waitFor();
    const marks = await rig.page.evaluate(() => performance.getEntriesByType('mark').map(({ name }) => name));
    expect(marks).toEqual(['stop-handled', 'stop-taken', 'stop-stopping', 'stop-standstill']);
    expect(rig.host.stops.map(({ by }) => by)).toEqual(['socket']);
    await rig.page.getByRole('alert', { name: 'Safety state' }).getByText('protective stop').waitFor();
  });

  it('is pressed by Escape and by Pause from a text field, with every panel open, as a viewer', async () => {
    rig.host.role = 'viewer';
    await rig.open();
    await rig.openAllPanels();
    for (const [k, key] of ['Escape', 'Pause'].entries()) {
      await rig.page.getByLabel('Note').focus();
      await rig.page.keyboard.press(key);
      await rig.host.until(() => rig.host.stops.length === k + 1);
      await status().getByText('standstill').waitFor();
    }
  });

  it('is not pressed by Space, but by Enter when it has the focus', async () => {
    await rig.open();
    await rig.page.locator('body').press(' ');
    await rig.named('Stop').focus();
    expect(rig.host.stops).toEqual([]);
    await rig.page.keyboard.press('Enter');
    await rig.host.until(() => rig.host.stops.length === 1);
  });

  it('that nobody takes goes out by request too, and says NOT CONFIRMED', async () => {
    await rig.open();
    await rig.page.getByText('Stop is connected').waitFor();
    rig.host.answersStops = false;
    await rig.named('Stop').click();
    await status().getByText('NOT CONFIRMED: use the button on the robot').waitFor();
    await rig.host.until(() => rig.host.stops.some(({ by }) => by === 'request'));
    expect(new Set(rig.host.stops.map(({ id }) => id)).size).toBe(1);
  });

  it('without a connection says so before and after it is pressed', async () => {
    await rig.page.goto(rig.host.url);
    await rig.page.getByText('Stop is not connected').waitFor();
    await rig.named('Stop').click();
    await status().getByText('NOT CONFIRMED').waitFor();
  });

  it('is left by Reset, which lists the causes and moves nothing', async () => {
    await rig.openInControl();
    await rig.page.keyboard.press('Escape');
    await rig.page.getByRole('alert', { name: 'Safety state' }).getByText('protective stop').waitFor();
    await rig.named('Reset').click();
    await rig.page.getByText('fixed: operator pressed Stop').waitFor();
    await rig.page.getByRole('status', { name: 'Safety state' }).getByText('reduced speed').waitFor();
    expect(rig.host.heardOf('jog')).toEqual([]);
  });

  it('is at least 72 pixels and in view at any size, wherever the page is scrolled to', async () => {
    await rig.open();
    const sizes = [
      [360, 640],
      [640, 450],
      [320, 256],
      [768, 1024],
      [1280, 720],
    ];
    for (const [width, height] of sizes) {
      const at = `${width} x ${height}`;
      await rig.page.setViewportSize({ width, height });
      for (const y of [0, 1e6]) {
        await rig.page.evaluate((top) => window.scrollTo(0, top), y);
        const box = await rig.named('Stop').boundingBox();
        if (box === null) throw new Error(`Stop is not shown at ${at}`);
        const { x, y: top } = box;
        expect(Math.min(box.width, box.height), at).toBeGreaterThanOrEqual(72);
        expect([x >= 0, top >= 0, x + box.width <= width, top + box.height <= height], at).not.toContain(false);
        const middle = [x + box.width / 2, top + box.height / 2];
        expect(await rig.page.evaluate(([x, y]) => document.elementFromPoint(x, y)?.id, middle), at).toBe('stop');
      }
      expect(await rig.page.evaluate(() => document.documentElement.scrollWidth), at).toBeLessThanOrEqual(width);
    }
  });
});
