import { describe, expect, it } from 'vitest';
import { TestClock } from '../../test/support/access_clock.ts';
import { LoginThrottle, networkOf } from './login_throttle.ts';

const setup = () => {
  const clock = new TestClock();
  return { clock, throttle: new LoginThrottle(clock.now) };
};

describe('waits between attempts to log in', () => {
  it('are none at first, then grow twofold to the longest', () => {
    const { clock, throttle } = setup();
    const waits: number[] = [];
    for (let i = 0; i < 20; i++) {
      const wait_ms = throttle.begin('10.0.0.1', `user ${i}`);
      waits.push(wait_ms);
      clock.pass(wait_ms);
      if (wait_ms > 0) throttle.begin('10.0.0.1', `user ${i}`);
    }
    expect(waits.slice(0, 5)).toEqual([0, 0, 0, 0, 0]);
    for (let i = 6; i < 20; i++) expect(waits[i], String(waits)).toBe(Math.min(600_000, 2 * waits[i - 1]));
    expect(waits[5]).toBe(1000);
  });

  it('bound how many passwords can be tried in a day, from one address and for one user from anywhere', () => {
    const tries = (address: (i: number) => string, user: (i: number) => string) => {
      const { clock, throttle } = setup();
      let made = 0;
      for (const end_ms = clock.now_ms + 86_400_000; clock.now_ms < end_ms; clock.pass(1000))
        if (throttle.begin(address(made), user(made)) === 0) made++;
      return made;
    };
    expect(
      tries(
        () => '10.0.0.1',
        (i) => `user ${i}`,
      ),
    ).toBeLessThan(200);
    expect(
      tries(
        (i) => `10.0.${i >> 8}.${i & 255}`,
        () => 'ada',
      ),
    ).toBeLessThan(3000);
  });

  it('end with a success', () => {
    const { throttle } = setup();
    for (let i = 0; i < 4; i++) throttle.begin('10.0.0.1', 'ada');
    expect(throttle.begin('10.0.0.1', 'ada')).toBe(0);
    throttle.succeeded('10.0.0.1', 'ada');
    expect(throttle.begin('10.0.0.1', 'ada')).toBe(0);
  });

  it('of others do not keep a user out where it has logged in from before', () => {
    const { throttle } = setup();
    throttle.begin('10.0.0.1', 'ada');
    throttle.succeeded('10.0.0.1', 'ada');
    for (let i = 0; i < 100; i++) throttle.begin(`10.0.1.${i}`, 'ada');
    expect(throttle.begin('10.0.2.1', 'ada')).toBeGreaterThan(0);
    expect(throttle.begin('10.0.0.1', 'ada')).toBe(0);
  });

  it('are kept for so many, and forgotten after an hour', () => {
    const { clock, throttle } = setup();
    for (let i = 0; i < 9; i++) throttle.begin('10.0.0.1', 'ada');
    expect(throttle.begin('10.0.0.1', 'ada')).toBeGreaterThan(0);
    clock.pass(3_700_000);
    for (let i = 0; i < 4; i++) expect(throttle.begin('10.0.0.1', 'ada')).toBe(0);
  });
});

describe('the network of an address', () => {
  it.each([
    ['10.0.0.1', '10.0.0.1'],
    ['::ffff:10.0.0.1', '10.0.0.1'],
    ['2001:db8:0:1::7', '2001:db8:0:1'],
    ['2001:0DB8:0000:0001:ffff:eeee:1:2', '2001:db8:0:1'],
    ['fe80::1%eth0', 'fe80:0:0:0'],
    ['::1', '0:0:0:0'],
  ])('of %s is %s', (address, network) => {
    expect(networkOf(address)).toBe(network);
  });
});
