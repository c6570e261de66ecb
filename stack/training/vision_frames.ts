import { COLOURS, type Rng } from '../../contracts/index.ts';
import { type EyeCamera, type EyeFrames, heightsSeen } from '../../learning/index.ts';
import { LABEL } from '../../sim/index.ts';
import type { Environment, Feature } from '../env/index.ts';

/** Steps of an episode from which pictures are taken; most end soon after. */
const STEPS = 110;

/**
 * Pictures of an episode in which the expert drives, with what every pixel shows: from its first step and from others that
 * are drawn. Deterministic in the world and the stream.
 *
 * @param features  tool_rotation and tool_position
 */
export function framesOf(
  environment: Environment,
  features: readonly Feature[],
  cameras: readonly EyeCamera[],
  { seed, episode, steps }: { readonly seed: number; readonly episode: number; readonly steps: number },
  rng: Rng,
): EyeFrames {
  const { image_width: width, image_height: height } = environment.options;
  const pixels = width * height;
  const wanted = new Set([0, ...Array.from({ length: steps - 1 }, () => 1 + rng.int(STEPS - 1))]);
  const rgb: Uint8Array[] = [];
  const heights: Float32Array[] = [];
  const labels: Uint8Array[] = [];
  environment.reset(seed, episode);
  const told = environment.features(features);
  const axes = new Float32Array(told.size);
  const shown = new Uint16Array(environment.sizes.pixels);
  for (let step = 0; !environment.status.terminated && !environment.status.truncated; step++) {
    if (wanted.has(step)) {
      const { output } = environment;
      told.write(output.vector, axes, 0);
      const tool = poseOf(axes);
      const objects = environment.labels(shown);
      const named = objects.map(({ colour }) => 1 + COLOURS.indexOf(colour));
      rgb.push(output.rgb.slice());
      labels.push(Uint8Array.from(shown, (label) => named[label - LABEL.object0] ?? 0));
      cameras.forEach((camera, i) => {
        const seen = new Float32Array(pixels);
        heightsSeen(camera, output.depth.subarray(i * pixels, (i + 1) * pixels), tool, seen);
        heights.push(seen);
      });
    }
    environment.step(environment.output.expert_action);
  }
  return {
    ...{ width, height, count: heights.length },
    ...{ rgb: joined(rgb, Uint8Array), heights: joined(heights, Float32Array), labels: joined(labels, Uint8Array) },
  };
}

/** Frames of several episodes in one set. */
export function joinFrames(
  sets: readonly EyeFrames[],
  size: { readonly width: number; readonly height: number },
): EyeFrames {
  return {
    ...{ ...size, count: sets.reduce((sum, { count }) => sum + count, 0) },
    rgb: joined(
      sets.map(({ rgb }) => rgb),
      Uint8Array,
    ),
    heights: joined(
      sets.map(({ heights }) => heights),
      Float32Array,
    ),
    labels: joined(
      sets.map(({ labels }) => labels),
      Uint8Array,
    ),
  };
}

/** Rotation row-major 9 and position 3 from x axis, y axis and position. */
function poseOf(v: Float32Array): Float64Array {
  const z = [v[1] * v[5] - v[2] * v[4], v[2] * v[3] - v[0] * v[5], v[0] * v[4] - v[1] * v[3]];
  return Float64Array.of(v[0], v[3], z[0], v[1], v[4], z[1], v[2], v[5], z[2], v[6], v[7], v[8]);
}

function joined<T extends Uint8Array | Float32Array>(parts: readonly T[], Kind: new (size: number) => T): T {
  const out = new Kind(parts.reduce((sum, { length }) => sum + length, 0));
  let at = 0;
  for (const part of parts) {
    out.set(part, at);
    at += part.length;
  }
  return out;
}
