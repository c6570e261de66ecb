import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { cacheFolder } from '../contracts/index.ts';
import { launchBrowser, WEBGL_FLAGS } from '../test/support/browser.ts';
import { TeleopProcess } from '../test/support/teleop_process.ts';

let teleop: TeleopProcess;
const browsers: Browser[] = [];
beforeAll(async () => {
  teleop = await TeleopProcess.start();
});
afterAll(async () => {
  for (const browser of browsers) await browser.close();
  expect(await teleop?.stop()).toBe(130);
});

/** The page as somebody opens it; whatever it complains of fails the test. */
async function opened(url: string, flags: readonly string[]): Promise<{ page: Page; problems: string[] }> {
  const browser = await launchBrowser(flags);
  browsers.push(browser);
  const page = await (await browser.newContext({ viewport: { width: 1440, height: 900 } })).newPage();
  const problems: string[] = [];
  page.on('pageerror', (error) => problems.push(String(error)));
  page.on('console', (message) => {
    if (message.type() === 'error') problems.push(message.text());
  });
  page.on('request', (request) => {
    if (!request.url().startsWith(new URL(url).origin) && !request.url().startsWith('blob:'))
      problems.push(`asked for ${request.url()}`);
  });
  await page.goto(url);
  return { page, problems };
}

/** Clicks from the opened page to the first pick, as nobody had to explain. */
async function firstPick(page: Page, place: string): Promise<string> {
  await page.getByRole('button', { name: 'Take control' }).click();
  const object = page
    .getByRole('button', { name: /(box|cylinder) · \d+ %$/ })
    .filter({ hasNotText: 'look_again' })
    .first();
  const name = (await object.textContent()) ?? '';
  await object.click({ timeout: 30_000 });
  await page.getByRole('combobox', { name: /^Place/ }).selectOption(place);
  await page.getByRole('button', { name: 'Pick', exact: true }).click({ timeout: 30_000 });
  return name;
}

const task = (page: Page) => page.getByRole('region', { name: 'Task' });

it('from the address to a first pick by clicking alone, and the title says which world it is', async () => {
  const { page, problems } = await opened(teleop.url, WEBGL_FLAGS);
  await expect.poll(() => page.title(), { timeout: 20_000 }).toMatch(/^SIMULATION/);
  expect(new URL(page.url()).hash).toBe('');
  await firstPick(page, 'target');
  await expect.poll(() => task(page).innerText(), { timeout: 20_000 }).toMatch(/approach|grasp|lift/i);
  const folder = cacheFolder('screenshots');
  mkdirSync(folder, { recursive: true });
  await page.screenshot({ path: join(folder, 'teleop_pick.png') });
  await expect.poll(() => task(page).innerText(), { timeout: 60_000 }).toMatch(/nothing runs/i);
  await page.getByText('Counters').click();
  await expect.poll(() => page.locator('main').innerText(), { timeout: 10_000 }).toMatch(/picks\D*1/i);
  expect(problems).toEqual([]);
  await page.close();
});

it('without WebGL it shows the cameras’ pictures and is as operable', async () => {
  const { page, problems } = await opened(await teleop.anotherUrl(), ['--disable-gpu', '--disable-3d-apis']);
  await page
    .getByRole('img', { name: /^Camera/ })
    .first()
    .waitFor({ timeout: 20_000 });
  await firstPick(page, 'left');
  await expect.poll(() => task(page).innerText(), { timeout: 30_000 }).toMatch(/approach|grasp|lift/i);
  await page.keyboard.press('Escape');
  await expect
    .poll(() => page.getByRole('alert').allInnerTexts().then(String), { timeout: 10_000 })
    .toMatch(/protective stop/i);
  await page.getByRole('button', { name: 'Reset', exact: true }).click();
  await expect.poll(() => page.locator('body').innerText(), { timeout: 10_000 }).toMatch(/reduced/i);
  expect(problems).toEqual([]);
});
