import { expect, test } from 'vitest';
import { createRng } from '../../contracts/index.ts';
import { loadRobot } from '../../robots/index.ts';
import { requirePeer } from '../../test/support/peer.ts';
import { timeWithToppra, timingEnvironment } from '../../test/support/toppra.ts';
import { blendWithin, packPolyline } from './blend.ts';
import { densePoints } from './corners.ts';
import { fastestLaw } from './time_path.ts';

const N = 7;
const PATHS = 400;

test('without jerk limits as long as TOPP-RA by its authors, 400 paths of one to five corners', async (ctx) => {
  const environment = await timingEnvironment();
  const missing = 'missing' in environment ? environment.missing : '';
  requirePeer(ctx, 'toppra', missing, missing === '');
  if (!('python' in environment)) return;
  const { limits } = loadRobot('panda');
  const seed = 1 + Math.floor(Math.random() * 1e9);
  const curves = Array.from({ length: PATHS }, (_, i) => {
    const rng = createRng(seed, `${i}`);
    const corners = Array.from({ length: 2 + (i % 6) }, () => Float64Array.from({ length: N }, () => rng.range(-1, 1)));
    return blendWithin(packPolyline(corners, N), N, 0.2);
  });
  const theirs = await timeWithToppra(
    environment.python,
    limits,
    curves.map((curve) => densePoints(curve, 1e-6, 0.02)),
  );
  const ratios = curves.map((curve, i) => {
    const law = fastestLaw(curve, limits, { smoothing_rad: Number.POSITIVE_INFINITY, intervals: 1000 });
    const their_s = theirs[i].duration_s;
    if (law === null || their_s === null) throw new Error(`seed ${seed}, path ${i}: no law`);
    return law.duration_s / their_s;
  });
  ratios.sort((a, b) => a - b);
  process.stdout.write(`seed ${seed}: ratio ${ratios[0]} to ${ratios[PATHS - 1]}, median ${ratios[PATHS / 2]}\n`);
  expect(Math.abs(ratios[PATHS / 2] - 1)).toBeLessThan(6e-3);
  expect(ratios[0]).toBeGreaterThan(0.98);
  expect(ratios[PATHS - 1]).toBeLessThan(1.005);
}, 300_000);
