import type { Browser, BrowserContext, Locator, Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, beforeEach, expect } from 'vitest';
import { sharedBrowser } from './browser.ts';
import { TeleopPageHost } from './teleop_page_host.ts';

/** The operator's page in a browser without WebGL, and the host that it talks to; both anew for each test of a file. */
export class TeleopPageRig {
  readonly host = new TeleopPageHost();
  browser!: Browser;
  context!: BrowserContext;
  page!: Page;
  private problems: string[] = [];

  private constructor() {}

  /** To be called once at the top of a test file. Anything that the page complains of fails the test. */
  static create(): TeleopPageRig {
    const rig = new TeleopPageRig();
    beforeAll(async () => {
      [rig.browser] = await Promise.all([sharedBrowser(), rig.host.start()]);
    });
    afterAll(async () => {
      await rig.host.stop();
    });
    beforeEach(() => rig.begin());
    afterEach(async () => {
      await rig.context.close();
      expect(rig.problems).toEqual([]);
    });
    return rig;
  }

  /** A button by its whole name. */
  named(name: string): Locator {
    return this.page.getByRole('button', { name, exact: true });
  }

  async open(): Promise<void> {
    await this.page.goto(this.host.link());
    await this.page.getByText('ready, reduced speed').waitFor();
  }

  async openInControl(): Promise<void> {
    await this.open();
    await this.named('Take control').click();
    await this.page.getByText('You are in control').waitFor();
    await this.page.locator('#jog-status').getByText('ready').waitFor();
  }

  async openAllPanels(): Promise<void> {
    const closed = this.page.locator('details:not([open]) > summary');
    while ((await closed.count()) > 0) await closed.first().click();
  }

  private async begin(): Promise<void> {
    this.host.reset();
    // A machine that does two things at once still draws in time.
    this.host.limits = { picture_ms: 2000, tick_ms: 2000, session_ms: 5000 };
    this.context = await this.browser.newContext({ viewport: { width: 1280, height: 900 }, hasTouch: true });
    this.page = await this.context.newPage();
    const problems: string[] = [];
    this.problems = problems;
    this.page.on('pageerror', (error) => problems.push(String(error)));
    this.page.on('console', (message) => {
      if (/Content Security|TrustedHTML|Trusted Type/i.test(message.text())) problems.push(message.text());
    });
  }
}
