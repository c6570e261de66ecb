import type { SafetyGate } from '../../gate.ts';

const bits = new Float64Array(1);
const words = new Int32Array(bits.buffer);
/** Numbers on their way into a hash: as arguments they would be boxed. */
const scalars = new Float64Array(4);

/** MurmurHash3 (A. Appleby), one step of its 32-bit form. */
function mixedWord(hash: number, word: number): number {
  let k = Math.imul(word, 0xcc9e2d51);
  k = Math.imul((k << 15) | (k >>> 17), 0x1b873593);
  const h = hash ^ k;
  return (Math.imul((h << 13) | (h >>> 19), 5) + 0xe6546b64) | 0;
}

/** Mixes doubles into a hash; −0 counts as 0. */
function mixedAll(hash: number, values: Float64Array): number {
  let h = hash;
  for (let i = 0; i < values.length; i++) {
    bits[0] = values[i] + 0;
    h = mixedWord(mixedWord(h, words[0]), words[1]);
  }
  return h;
}

/** Hash of the motion that the gate sent last: positions, velocities, accelerations and torques; 32 bits. */
export function motionHash({ lastCommand: sent }: SafetyGate): number {
  let h = mixedAll(1, sent.position);
  h = mixedAll(h, sent.velocity);
  h = mixedAll(h, sent.acceleration);
  return mixedAll(h, sent.effort);
}

/** Hash of all else that it decided: the stop it verified, gripper, drives, pace and whether the lease is valid. */
export function restHash(gate: SafetyGate): number {
  const { lastCommand: sent } = gate;
  let h = mixedAll(2, sent.stop_acceleration);
  h = mixedAll(h, sent.stop_jerk);
  scalars[0] = sent.gripper_width_m;
  scalars[1] = sent.gripper_force_N;
  scalars[2] = sent.stop_time_s;
  scalars[3] = gate.pace;
  h = mixedAll(h, scalars);
  const flags =
    (sent.torque_interface ? 1 : 0) | (sent.drives_on ? 2 : 0) | (gate.leaseValid ? 4 : 0) | (gate.atRest ? 8 : 0);
  return mixedWord(h, flags);
}
