import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { afterAll, describe, expect, it } from 'vitest';
import { z } from 'zod';
import { lastJson, type Running, runJson, startCli } from './support/cli.ts';
import { messagesOf, readableMessages } from './support/mcap.ts';
import { LONG } from './support/sweep.ts';

const scratch = mkdtempSync(join(tmpdir(), 'surepick-interrupt-'));
afterAll(() => rmSync(scratch, { recursive: true, force: true }));

/** Both take one way through the code; each has its turn in the long tests. */
const SIGNALS: readonly NodeJS.Signals[] = LONG ? ['SIGINT', 'SIGTERM'] : ['SIGTERM'];

/** The quick policy; in the long tests runs with cameras are killed as well. */
const EXPERT = ['--policy', 'expert', '--observation', 'state'];

const manifestSchema = z.looseObject({ run_id: z.string() });
const list = (folder: string) => (existsSync(folder) ? readdirSync(folder) : []);
const whole = (folder: string) => list(folder).filter((name) => name.endsWith('.mcap'));
const partial = (folder: string) => list(folder).filter((name) => name.endsWith('.mcap.part'));

/** A long recorded run in a folder of its own, left alone until one episode is whole and the next is under way. */
async function underWay(
  name: string,
  ...more: readonly string[]
): Promise<{ run: Running; out: string; episodes: string }> {
  const out = join(scratch, name);
  const episodes = join(out, 'episodes');
  const run = startCli(['run', '--episodes', '200', '--json', '--out', out, ...more], scratch);
  let over = false;
  void run.ended.then(() => {
    over = true;
  });
  while (whole(episodes).length === 0 || partial(episodes).length === 0) {
    if (over) throw new Error(`the run ended early: ${(await run.ended).stderr}`);
    await wait(50);
  }
  await wait(200);
  return { run, out, episodes };
}

/** Every recording under its final name can be read by its index; the first, which ran to its end, has it all. */
async function expectWhole(episodes: string): Promise<void> {
  const [first, ...others] = whole(episodes).sort();
  expect((await messagesOf(join(episodes, first))).get('/joint_states')).toBeGreaterThan(100);
  for (const name of others) await messagesOf(join(episodes, name));
}

describe('a run that is interrupted', () => {
  it.each(SIGNALS)('by %s ends with 130 and keeps what it has', async (signal) => {
    const { run, out, episodes } = await underWay(signal, ...EXPERT);
    run.signal(signal);
    const ended = await run.ended;
    expect({ code: ended.code, stderr: ended.stderr }).toMatchObject({ code: 130 });
    expect(existsSync(join(out, 'report.html'))).toBe(true);
    expect(manifestSchema.parse(JSON.parse(readFileSync(join(out, 'manifest.json'), 'utf8')))).toMatchObject({
      interrupted: true,
    });
    const { episodes: counted } = lastJson(ended, runJson);
    expect(counted).toBeGreaterThanOrEqual(1);
    expect(whole(episodes).length).toBeGreaterThanOrEqual(counted);
    await expectWhole(episodes);
  });

  it('by SIGKILL leaves every finished episode whole and the one under way readable', async () => {
    const { run, out, episodes } = await underWay('SIGKILL', ...(LONG ? [] : EXPERT));
    await wait(400);
    run.signal('SIGKILL');
    await run.ended;
    expect(manifestSchema.parse(JSON.parse(readFileSync(join(out, 'manifest.json'), 'utf8'))).run_id).not.toBe('');
    await expectWhole(episodes);
    for (const name of partial(episodes))
      expect(await readableMessages(join(episodes, name))).toBeGreaterThanOrEqual(0);
  });
});
