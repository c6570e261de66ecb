import { execFileSync } from 'node:child_process';
import { describe, expect, it } from 'vitest';
import { createRng, InputError } from '../../contracts/index.ts';
import { requirePeer } from '../../test/support/peer.ts';
import { pythonEnvironment } from '../../test/support/python.ts';
import { conformalQuantile, conformalSet, coverageInterval95, logBetaBinomial } from './conformal.ts';
import { softmax } from './temperature.ts';

/** A classifier that is wrong in ways of its own; labels are drawn, so that samples are exchangeable. */
function samples(n: number, seed: number, name: string) {
  const rng = createRng(seed, name);
  return Array.from({ length: n }, () => {
    const logits = [1.5 * rng.normal(), 1.5 * rng.normal(), 1.5 * rng.normal() - 1];
    const truth = softmax(logits, 0.5 + 1.5 * rng.uniform());
    let u = rng.uniform();
    const label = truth.findIndex((share) => {
      u -= share;
      return u < 0;
    });
    return { p: softmax(logits), label: Math.max(0, label) };
  });
}

describe('conformal sets', () => {
  it('cover as often as they say, whatever the classifier: exchangeable samples', () => {
    const levels = [0.8, 0.9, 0.97];
    for (const level of levels) {
      let [inside, sum] = [0, 0];
      const rounds = 200;
      for (let seed = 1; seed <= rounds; seed++) {
        const known = samples(199, seed, 'known');
        const q = conformalQuantile(
          known.map(({ p, label }) => 1 - p[label]),
          level,
        );
        const fresh = samples(300, seed, 'fresh');
        const share = fresh.filter(({ p, label }) => conformalSet(p, [q]).includes(label)).length / fresh.length;
        const [low, high] = coverageInterval95(known.length, level, fresh.length);
        if (share >= low && share <= high) inside++;
        sum += share;
      }
      // Mean coverage is (k / (n + 1)); its standard error over the rounds is below 0.003.
      expect(Math.abs(sum / rounds - Math.ceil(200 * level) / 200), `level ${level}`).toBeLessThan(0.01);
      expect(inside / rounds, `level ${level}`).toBeGreaterThanOrEqual(0.91);
    }
  });

  it('cover each class as often as they say where each has its own quantile', () => {
    const known = samples(6000, 5, 'known');
    const fresh = samples(6000, 5, 'fresh');
    const quantiles = [0, 1, 2].map((k) =>
      conformalQuantile(
        known.filter(({ label }) => label === k).map(({ p }) => 1 - p[k]),
        0.9,
      ),
    );
    for (const k of [0, 1, 2]) {
      const n = known.filter(({ label }) => label === k).length;
      const of = fresh.filter(({ label }) => label === k);
      const share = of.filter(({ p }) => conformalSet(p, quantiles).includes(k)).length / of.length;
      const [low, high] = coverageInterval95(n, 0.9, of.length);
      expect(share, `class ${k}`).toBeGreaterThan(low - 0.01);
      expect(share, `class ${k}`).toBeLessThan(high + 0.01);
    }
  });

  it('grow with the level, and order classes by their probability', () => {
    const known = samples(500, 6, 'known');
    const scores = known.map(({ p, label }) => 1 - p[label]);
    for (const { p } of samples(200, 7, 'fresh')) {
      let before: number[] = [];
      for (const level of [0.5, 0.7, 0.9, 0.99]) {
        const set = conformalSet(p, [conformalQuantile(scores, level)]);
        expect(set.slice(0, before.length)).toEqual(before);
        before = set;
      }
      expect(before.map((k) => p[k])).toEqual(before.map((k) => p[k]).sort((a, b) => b - a));
    }
  });

  it('are whole where there are too few samples for the level', () => {
    expect(conformalQuantile([0.1, 0.2], 0.9)).toBe(1);
    expect(conformalSet([0.9, 0.1, 0], [1])).toEqual([0, 1, 2]);
    expect(coverageInterval95(5, 0.95, 10)).toEqual([1, 1]);
    for (const level of [0, 1, Number.NaN]) expect(() => conformalQuantile([0.1], level)).toThrow(InputError);
  });

  it('have the interval that scipy gives', async (ctx) => {
    const environment = await pythonEnvironment('statistics', ['numpy==2.2.6', 'scipy==1.15.3']);
    const missing = 'missing' in environment ? environment.missing : '';
    requirePeer(ctx, 'scipy', missing, missing === '');
    if (!('python' in environment)) return;
    const rng = createRng(44, 'beta-binomial');
    const cases = Array.from({ length: 60 }, () => {
      const m = 20 + rng.int(4000);
      return { x: rng.int(m + 1), m, a: 1 + rng.int(5000), b: 1 + rng.int(80) };
    });
    const program = `import json,sys
from scipy.stats import betabinom
cases = json.load(sys.stdin)
rows = [[betabinom.logpmf(c['x'], c['m'], c['a'], c['b']), betabinom.ppf(0.025, c['m'], c['a'], c['b']), betabinom.ppf(0.975, c['m'], c['a'], c['b'])] for c in cases]
print(json.dumps([[float(v) for v in row] for row in rows]))`;
    const out = execFileSync(environment.python, ['-c', program], { input: JSON.stringify(cases), encoding: 'utf8' });
    const rows: unknown = JSON.parse(out);
    expect(Array.isArray(rows) && rows.length).toBe(cases.length);
    if (!Array.isArray(rows)) return;
    cases.forEach(({ x, m, a, b }, i) => {
      const [logpmf, low, high] = rows[i];
      const say = JSON.stringify(cases[i]);
      expect(Math.abs(logBetaBinomial(x, m, a, b) - logpmf), say).toBeLessThan(1e-6 * (1 + Math.abs(logpmf)));
      // A level and n with this k and n + 1 − k.
      const n = a + b - 1;
      const [l, h] = coverageInterval95(n, a / (n + 1), m);
      expect([Math.round(l * m), Math.round(h * m)], say).toEqual([low, high]);
    });
  }, 600_000);
});
