import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { InputError } from '../../contracts/index.ts';
import { parseSlo, readSlo, SLO_FILE } from './slo_file.ts';

const text = readFileSync(SLO_FILE, 'utf8');

describe('service level objectives', () => {
  it('are shipped, and are those that perception is built for', () => {
    const slo = readSlo();
    expect(slo.latency_ms.p50).toBe(3);
    expect(slo.latency_ms.p99).toBeLessThanOrEqual(3 * slo.latency_ms.p50);
    expect(slo.cold_start_ms).toBe(400);
    for (const { long_s, short_s } of slo.burn_rates) expect(long_s).toBeGreaterThan(short_s);
  });

  it.each([
    ['no YAML', '{', /slo\.yaml:\d+:\d+.*not YAML/],
    ['of another kind', text.replace('surepick/slo', 'surepick/masks'), /slo\.yaml:\d+:9 at schema/],
    ['with quantiles that fall', text.replace('p95: 6', 'p95: 2'), /at latency_ms.*must not fall/],
    ['with a share over one', text.replace('0.999', '99.9'), /slo\.yaml:\d+:15 at availability/],
    ['with a window of a year', text.replace('28800', '31536000'), /at budget_window_s/],
    [
      'with windows the wrong way round',
      text.replace('short_s: 300', 'short_s: 7200'),
      /burn_rates\.0.*less than long_s/,
    ],
    ['with a field that nobody knows', `${text}\nlatency_s: 1\n`, /latency_s/],
    ['with NaN for a limit', text.replace('p99: 9', 'p99: .nan'), /latency_ms\.p99/],
    ['with a bomb of aliases', `a: &a [1,1,1,1,1,1,1,1,1]\nb: [*a,*a,*a,*a,*a,*a,*a,*a,*a,*a,*a,*a]\n`, /slo\.yaml/],
  ])('are refused when they are %s', (_, content, says) => {
    const parse = () => parseSlo(content, 'slo.yaml');
    expect(parse).toThrow(InputError);
    expect(parse).toThrow(says);
  });

  it('are refused when there is no such file', () => {
    expect(() => readSlo('/nowhere/slo.yaml')).toThrow(/\/nowhere\/slo\.yaml.*cannot be read/);
  });
});
