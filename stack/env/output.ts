/** Numbers of one environment's observation and action. */
export interface OutputSizes {
  readonly vector: number;
  /** Of all cameras together; 0 without. */
  readonly pixels: number;
  readonly action: number;
}

/** What an environment writes after every step. */
export interface EnvironmentOutput {
  readonly vector: Float32Array;
  /** Depth along the optical axis, metres, camera after camera; and colour, 3 bytes for each pixel. */
  readonly depth: Float32Array;
  readonly rgb: Uint8Array;
  readonly expert_action: Float32Array;
}

export function createOutput(sizes: OutputSizes, count = 1): EnvironmentOutput {
  return {
    vector: new Float32Array(count * sizes.vector),
    depth: new Float32Array(count * sizes.pixels),
    rgb: new Uint8Array(count * 3 * sizes.pixels),
    expert_action: new Float32Array(count * sizes.action),
  };
}

/** The part of the output of several environments that belongs to the i-th; the same memory. */
export function outputOf(
  all: EnvironmentOutput,
  { vector, pixels, action }: OutputSizes,
  i: number,
): EnvironmentOutput {
  return {
    vector: all.vector.subarray(i * vector, (i + 1) * vector),
    depth: all.depth.subarray(i * pixels, (i + 1) * pixels),
    rgb: all.rgb.subarray(3 * i * pixels, 3 * (i + 1) * pixels),
    expert_action: all.expert_action.subarray(i * action, (i + 1) * action),
  };
}

export function copyOutput(from: EnvironmentOutput, to: EnvironmentOutput): void {
  to.vector.set(from.vector);
  to.depth.set(from.depth);
  to.rgb.set(from.rgb);
  to.expert_action.set(from.expert_action);
}
