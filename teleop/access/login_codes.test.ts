import { describe, expect, it } from 'vitest';
import { createRng, type Rng } from '../../contracts/index.ts';
import { countedRandom, TestClock } from '../../test/support/access_clock.ts';
import { LOCAL_GRANT, LoginCodes } from './login_codes.ts';
import { systemRandom } from './secret_bytes.ts';

const setup = () => {
  const clock = new TestClock();
  return { clock, codes: new LoginCodes({ now: clock.now, random: countedRandom() }) };
};

describe('login codes', () => {
  it('have at least 128 bits, all of which are drawn', () => {
    const asked: number[] = [];
    const random = (count: number) => {
      asked.push(count * 8);
      return systemRandom(count);
    };
    const codes = new LoginCodes({ now: () => 0, random });
    const made = new Set(Array.from({ length: 1000 }, () => codes.issue(LOCAL_GRANT)));
    expect(made.size).toBe(1000);
    expect(Math.min(...asked)).toBeGreaterThanOrEqual(128);
    for (const code of made) expect(code).toMatch(/^[A-Za-z0-9_-]{27}$/);
  });

  it('open for whom they were made, once', () => {
    const { codes } = setup();
    const grant = { user: 'ada', role: 'operator', serial: 'x' } as const;
    const code = codes.issue(grant);
    expect(codes.redeem(code)).toEqual(grant);
    expect(codes.redeem(code)).toBeNull();
  });

  it('let one win of two uses in the same turn', async () => {
    const { codes } = setup();
    const code = codes.issue(LOCAL_GRANT);
    const uses = await Promise.all(Array.from({ length: 50 }, async () => codes.redeem(code)));
    expect(uses.filter((grant) => grant !== null)).toEqual([LOCAL_GRANT]);
  });

  it('end after ten minutes, to the millisecond', () => {
    const { clock, codes } = setup();
    const first = codes.issue(LOCAL_GRANT);
    const second = codes.issue(LOCAL_GRANT);
    clock.pass(599_999);
    expect(codes.redeem(first)).toEqual(LOCAL_GRANT);
    clock.pass(1);
    expect(codes.redeem(second)).toBeNull();
    expect(codes.count).toBe(0);
  });

  it('give up the oldest for one beyond those that may wait', () => {
    const { codes } = setup();
    const made = Array.from({ length: 17 }, () => codes.issue(LOCAL_GRANT));
    expect(codes.count).toBe(16);
    expect(codes.redeem(made[0])).toBeNull();
    expect(codes.redeem(made[1])).toEqual(LOCAL_GRANT);
  });

  it('open for none of 10,000 that are nearly right, and are still good after', () => {
    const { codes } = setup();
    const code = codes.issue(LOCAL_GRANT);
    const rng = createRng(7);
    for (let i = 0; i < 10_000; i++) {
      const wrong = mutated(code, rng);
      if (wrong !== code) expect(codes.redeem(wrong), `${i}: ${JSON.stringify(wrong)}`).toBeNull();
    }
    expect(codes.redeem(code)).toEqual(LOCAL_GRANT);
  });
});

function mutated(code: string, rng: Rng): string {
  const at = rng.int(code.length);
  const kinds = [
    () => code.slice(0, at),
    () => code + code.slice(at),
    () => code.slice(0, at) + String.fromCharCode(rng.int(512)) + code.slice(at + 1),
    () => code.toUpperCase(),
    () => ` ${code}`,
    () => `${code}\n`,
    () => [...code].reverse().join(''),
    () => `${code.slice(0, at)}\0${code.slice(at)}`,
  ];
  return kinds[rng.int(kinds.length)]();
}
