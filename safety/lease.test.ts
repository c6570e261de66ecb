import { describe, expect, it } from 'vitest';
import { createRng } from '../contracts/index.ts';
import { Lease } from './lease.ts';
import { GRANT_PERIOD_S, Supervisor } from './supervisor.ts';

describe('lease', () => {
  it('lasts from the time its nonce was issued, not from the grant', () => {
    const lease = new Lease(0.04);
    lease.issue(1);
    const { nonce } = lease;
    for (let k = 1; k < 10; k++) lease.issue(1 + 0.002 * k);
    expect(lease.validAt(1)).toBe(false);
    expect(lease.grant(nonce)).toBe(true);
    expect(lease.validAt(1.04)).toBe(true);
    expect(lease.validAt(1.0401)).toBe(false);
  });

  it('is not valid before a grant, at any time', () => {
    const lease = new Lease(0.04);
    for (const t_s of [Number.NEGATIVE_INFINITY, -1, 0, 1, Number.NaN]) expect(lease.validAt(t_s)).toBe(false);
    lease.extend(1);
    expect(lease.validAt(0.5)).toBe(true);
    lease.revoke();
    for (const t_s of [Number.NEGATIVE_INFINITY, 0, 1]) expect(lease.validAt(t_s)).toBe(false);
  });

  it('gives nothing for a replay', () => {
    const lease = new Lease(0.04);
    lease.issue(1);
    const { nonce } = lease;
    expect(lease.grant(nonce)).toBe(true);
    for (let k = 0; k < 100; k++) {
      lease.issue(1 + 0.002 * (k + 1));
      expect(lease.grant(nonce)).toBe(false);
    }
    expect(lease.validAt(1.05)).toBe(false);
    expect(lease.refused).toBe(100);
  });

  it('is not shortened by an older nonce granted late', () => {
    const lease = new Lease(0.04);
    lease.issue(1);
    const old = lease.nonce;
    lease.issue(1.01);
    expect(lease.grant(lease.nonce)).toBe(true);
    expect(lease.grant(old)).toBe(true);
    expect(lease.validAt(1.05)).toBe(true);
  });

  it('refuses guesses, zero, old nonces, another gate’s nonces and all after a revocation', () => {
    const rng = createRng(3);
    const lease = new Lease(0.04, 1);
    const other = new Lease(0.04, 2);
    const seen = new Set<number>();
    for (let k = 0; k < 5000; k++) {
      lease.issue(0.002 * k);
      other.issue(0.002 * k);
      seen.add(lease.nonce);
      expect(lease.grant(0)).toBe(false);
      expect(lease.grant(Number.NaN)).toBe(false);
      if (k % 7 === 0) expect(lease.grant(other.nonce)).toBe(false);
      if (k % 11 === 0) expect(lease.grant(rng.int(2 ** 31))).toBe(false);
    }
    expect(seen.size).toBe(5000);
    const first = [...seen][0];
    expect(lease.grant(first)).toBe(false);
    const { nonce } = lease;
    lease.revoke();
    expect(lease.grant(nonce)).toBe(false);
  });
});

describe('supervisor', () => {
  it('grants every 10 ms at any cycle time, without drift from rounding', () => {
    for (const hz of [500, 1000, 250]) {
      const supervisor = new Supervisor();
      for (let k = 0; k < 10 * hz; k++) supervisor.step(k / hz, { mode: 'automatic', nonce: 5 });
      const period = Math.ceil(GRANT_PERIOD_S * hz) / hz;
      expect(supervisor.grants).toBe(Math.ceil(10 / period));
    }
  });

  it('grants nothing after a stop until it is cleared, in a fault, or without a nonce', () => {
    const supervisor = new Supervisor();
    expect(supervisor.step(0, { mode: 'automatic', nonce: 0 })).toBe(0);
    expect(supervisor.step(1, { mode: 'fault', nonce: 9 })).toBe(0);
    expect(supervisor.step(2, { mode: 'automatic', nonce: 9 })).toBe(9);
    supervisor.requestStop();
    expect(supervisor.stopRequested).toBe(true);
    expect(supervisor.step(3, { mode: 'automatic', nonce: 9 })).toBe(0);
    supervisor.clearStop();
    expect(supervisor.step(4, { mode: 'initialising', nonce: 9 })).toBe(9);
  });
});
