import type { MainModule, MjData, MjModel } from '@mujoco/mujoco';

export type { MainModule, MjData, MjModel } from '@mujoco/mujoco';

let loaded: MainModule | undefined;
let loading: Promise<MainModule> | undefined;

/** Compiles MuJoCo's WebAssembly, from the installed package, once a thread. */
export async function prepareMujoco(): Promise<void> {
  loading ??= import('@mujoco/mujoco').then(({ default: load }) => load());
  loaded = await loading;
}

/** MuJoCo of this thread. Throws if `prepareMujoco` has not been awaited. */
export function mujoco(): MainModule {
  if (loaded === undefined) throw new Error('MuJoCo is not loaded: await prepareEngine before createEngine');
  return loaded;
}

/** Arrays of a model and its data as they lie in WebAssembly memory. */
export interface Views {
  readonly qpos: Float64Array;
  readonly qvel: Float64Array;
  readonly qacc: Float64Array;
  readonly qacc_warmstart: Float64Array;
  readonly qfrc_applied: Float64Array;
  readonly xfrc_applied: Float64Array;
  readonly xpos: Float64Array;
  readonly xmat: Float64Array;
  readonly xipos: Float64Array;
  readonly cfrc_ext: Float64Array;
  readonly subtree_com: Float64Array;
  readonly dof_damping: Float64Array;
  readonly dof_frictionloss: Float64Array;
  readonly pair_friction: Float64Array;
  readonly geom_xpos: Float64Array;
  readonly geom_xmat: Float64Array;
  readonly geom_surfacevel: Float64Array;
}

/** Fresh views; those from before a growth of the memory are empty. */
export function viewsOf(model: MjModel, data: MjData): Views {
  return {
    qpos: floats(data.qpos),
    qvel: floats(data.qvel),
    qacc: floats(data.qacc),
    qacc_warmstart: floats(data.qacc_warmstart),
    qfrc_applied: floats(data.qfrc_applied),
    xfrc_applied: floats(data.xfrc_applied),
    xpos: floats(data.xpos),
    xmat: floats(data.xmat),
    xipos: floats(data.xipos),
    cfrc_ext: floats(data.cfrc_ext),
    subtree_com: floats(data.subtree_com),
    dof_damping: floats(model.dof_damping),
    dof_frictionloss: floats(model.dof_frictionloss),
    pair_friction: floats(model.pair_friction),
    geom_xpos: floats(data.geom_xpos),
    geom_xmat: floats(data.geom_xmat),
    geom_surfacevel: floats(model.geom_surfacevel),
  };
}

/** The package types arrays as `any`. */
export function floats(value: unknown): Float64Array {
  if (value instanceof Float64Array) return value;
  throw new TypeError('MuJoCo gave no array of doubles');
}

export function integers(value: unknown): Int32Array {
  if (value instanceof Int32Array) return value;
  throw new TypeError('MuJoCo gave no array of integers');
}
