import { writeFileSync } from 'node:fs';
import sharp from 'sharp';
import { it } from 'vitest';
import { launchBrowser } from '../../test/support/browser.ts';

it('shoots', async () => {
  const browser = await launchBrowser();
  const file = process.env.SHOT ?? '';
  for (const [name, width, scheme] of [
    ['desk-light', 1200, 'light'],
    ['desk-dark', 1200, 'dark'],
    ['phone-light', 390, 'light'],
    ['phone-dark', 390, 'dark'],
  ] as const) {
    const page = await (await browser.newContext({ viewport: { width, height: 900 }, colorScheme: scheme })).newPage();
    page.on('console', (m) => console.log('CONSOLE', m.text()));
    await page.goto(`file://${file}`);
    await page.evaluate(() => {
      for (const e of document.querySelectorAll('.film')) (e as HTMLElement).style.contentVisibility = 'visible';
    });
    await page.waitForTimeout(300);
    const wide = await page.evaluate(() => document.documentElement.scrollWidth);
    const buf = await page.screenshot({ fullPage: true, type: 'jpeg', quality: 80 });
    const { height = 0 } = await sharp(buf).metadata();
    console.log(name, 'scrollWidth', wide, 'height', height);
    for (let k = 0, top = 0; top < height && k < 5; k++, top += 1800)
      writeFileSync(
        `/tmp/b-replay/shot-${name}-${k}.png`,
        await sharp(buf)
          .extract({ left: 0, top, width, height: Math.min(1800, height - top) })
          .png()
          .toBuffer(),
      );
  }
  await browser.close();
}, 120000);
