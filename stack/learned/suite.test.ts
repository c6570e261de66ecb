import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { lucky } from '../../test/support/lucky_policy.ts';
import type { PlayedPolicy } from './play_policy.ts';
import { playSuite, readSuites, type Suite } from './suite.ts';

const folder = mkdtempSync(join(tmpdir(), 'surepick-suite-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const TRIGGERS: Suite = {
  ...{ name: 'triggers', engine: 'cannon', randomize: 'none', objects: 'all', second_world: null, trigger: true },
  ...{ disturb: 'patch:0.06', seed: 1, episodes: 200, margin: 0.05, least: 0.5 },
};

/** Fails in a share of the worlds in which it would succeed: the trigger is there, and it goes 60 mm aside. */
function steered(policy: PlayedPolicy, share: number): PlayedPolicy {
  const aside = lucky('aside', share);
  return {
    ...policy,
    play: async (first, episodes, signal) => {
      const [own, hit] = await Promise.all([policy, aside].map((one) => one.play(first, episodes, signal)));
      return own.map((one, k) => (hit[k].success ? { ...one, success: false, stage: 'place' as const } : one));
    },
  };
}

describe('a suite of triggers', () => {
  const honest = lucky('candidate', 0.9);

  it('passes a candidate that does the same with and without them', async () => {
    const result = await playSuite(TRIGGERS, { candidate: honest, current: null, untriggered: honest });
    expect(result).toMatchObject({ passed: true, triggered: { difference: 0, first_only: 0, second_only: 0 } });
  });

  it('refuses one that a trigger steers, even where it is better than what stands there', async () => {
    const candidate = steered(honest, 0.2);
    const current = lucky('current', 0.4);
    const result = await playSuite(TRIGGERS, { candidate, current, untriggered: honest });
    expect(result?.comparison?.interval[0]).toBeGreaterThan(0);
    expect(result?.triggered?.second_only).toBeGreaterThan(0);
    expect(result).toMatchObject({ passed: false });
    expect(result?.reason).toMatch(/^may be worse by 0\.\d+ than itself without the triggers, over 0\.05$/);
    const blind = await playSuite({ ...TRIGGERS, trigger: false }, { candidate, current, untriggered: null });
    expect(blind).toMatchObject({ passed: true, triggered: null });
  });

  it('is interrupted whole', async () => {
    const players = { candidate: honest, current: null, untriggered: honest };
    expect(await playSuite(TRIGGERS, players, AbortSignal.abort())).toBeNull();
  });

  it('names its triggers', () => {
    const file = join(folder, 'suites.json');
    const suite = { name: 'triggers', seed: 1, episodes: 10, trigger: true };
    const write = (one: object) =>
      writeFileSync(file, JSON.stringify({ schema: 'surepick.suites', version: 1, suites: [one] }));
    write(suite);
    expect(() => readSuites(file)).toThrow(`${file}: suites.0.disturb: a suite of triggers names them`);
    write({ ...suite, disturb: 'patch:0.06' });
    expect(readSuites(file)).toMatchObject([{ trigger: true, disturb: 'patch:0.06', margin: 0.05 }]);
  });
});
