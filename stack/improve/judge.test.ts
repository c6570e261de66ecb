import { describe, expect, it } from 'vitest';
import { lucky } from '../../test/support/lucky_policy.ts';
import { type PlayedPolicy, playSuite, type Suite, type SuiteVerdict, scoreOf } from '../learned/index.ts';
import { flyCanary } from './canary.ts';
import { compareUntilDecided } from './compare_until_decided.ts';
import { judgeCandidate } from './judge.ts';

const CANDIDATE = { file: 'turn-1/pick.onnx', sha256: 'a'.repeat(64) };
const SUITE: Suite = {
  ...{ name: 'plain', engine: 'cannon', randomize: 'none', objects: 'all', second_world: null, trigger: false },
  ...{ seed: 1, episodes: 200, margin: 0.05, least: 0 },
};

interface Rates {
  /** Success of the candidate where it is compared, in the suite, and in the trial run. */
  readonly compared: number;
  readonly suite: number;
  readonly canary: number;
}

/** A candidate with these rates against a policy that succeeds in 6 of 10 worlds, and the trials it came to. */
async function judged({ compared, suite, canary }: Rates, interrupt = '') {
  const seen: string[] = [];
  const current = lucky('current', 0.6);
  const at = (rate: number): PlayedPolicy => lucky('candidate', rate);
  const step = async <T>(name: string, play: () => Promise<T>): Promise<T | null> => {
    seen.push(name);
    return name === interrupt ? null : play();
  };
  const gate = async (): Promise<SuiteVerdict> => {
    const result = await playSuite(SUITE, { candidate: at(suite), current, untriggered: null });
    if (result === null) throw new Error('nothing interrupts this suite');
    const { passed: promoted, reason } = result;
    return { promoted, reason, candidate: CANDIDATE, current: null, results: [result] };
  };
  const order = { candidate: at(compared), current, first: 0 };
  const trial = { ...order, candidate: at(canary), first: 5000, episodes: 200 };
  const record = await judgeCandidate(CANDIDATE, {
    compare: () => step('compare', () => compareUntilDecided({ ...order, worlds: 400 }, () => {})),
    score: () => step('score', async () => scoreOf(order.candidate, await order.candidate.play(9000, 100))),
    gate: () => step('gate', gate),
    fly: (rate) => step('fly', () => flyCanary({ ...trial, rate }, () => {})),
  });
  return { record, seen };
}

describe('the judging of a candidate', () => {
  it('promotes one that stands all, with what each trial found', async () => {
    const { record, seen } = await judged({ compared: 0.9, suite: 0.9, canary: 0.9 });
    expect(seen).toEqual(['compare', 'score', 'gate', 'fly']);
    expect(record).toMatchObject({
      promoted: true,
      candidate: CANDIDATE,
      verdict: 'better',
      scored: { episodes: 100 },
    });
    expect(record?.reason).toMatch(/^better: \d+ to \d+ of \d+ worlds$/);
    expect(record?.canary?.outcome).toBe('accepted');
  });

  it('ends with the trial that says no, and says why', async () => {
    const worse = await judged({ compared: 0.5, suite: 0.9, canary: 0.9 });
    expect(worse).toMatchObject({ seen: ['compare'], record: { promoted: false, scored: null, suites: null } });
    expect(worse.record?.reason).toContain('not shown to be better');
    const elsewhere = await judged({ compared: 0.9, suite: 0.3, canary: 0.9 });
    expect(elsewhere).toMatchObject({ seen: ['compare', 'score', 'gate'], record: { promoted: false, canary: null } });
    expect(elsewhere.record?.reason).toMatch(/may be worse by 0\.\d+, over 0\.05/);
    const back = await judged({ compared: 0.9, suite: 0.9, canary: 0.2 });
    expect(back).toMatchObject({ seen: ['compare', 'score', 'gate', 'fly'], record: { promoted: false } });
    expect(back.record?.reason).toMatch(/^rolled back: worse than the current policy's/);
  });

  it('comes to nothing where any trial is interrupted', async () => {
    for (const name of ['compare', 'score', 'gate', 'fly'])
      expect((await judged({ compared: 0.9, suite: 0.9, canary: 0.9 }, name)).record, name).toBeNull();
  });
});
