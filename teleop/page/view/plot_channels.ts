import type { StateFrame } from '../../protocol/messages.ts';

/** What of a state can be plotted. */
export type PlotSource = Pick<StateFrame, 'q' | 'v' | 'effort' | 'gripper_width_m' | 'tool' | 'wrench'>;

export interface PlotKind {
  readonly title: string;
  readonly unit: string;
  readonly decimals: number;
  /** The first channel, and what each from there on is called. */
  readonly first: number;
  readonly names: readonly string[];
}

const WRENCH = 6;
/** Gripper, tool speed, wrench. */
const OTHERS = 2 + WRENCH;

export const plotChannels = (joints: number): number => 3 * joints + OTHERS;

export function plotKinds(joint_names: readonly string[]): readonly PlotKind[] {
  const n = joint_names.length;
  const joint = { decimals: 3, names: joint_names };
  return [
    { title: 'Joint position', unit: 'rad', first: 0, ...joint },
    { title: 'Joint velocity', unit: 'rad/s', first: n, ...joint },
    { title: 'Joint effort', unit: 'Nm', first: 2 * n, ...joint },
    { title: 'Gripper width', unit: 'mm', decimals: 1, first: 3 * n, names: ['width'] },
    { title: 'Tool speed', unit: 'mm/s', decimals: 1, first: 3 * n + 1, names: ['speed'] },
    { title: 'Force', unit: 'N', decimals: 1, first: 3 * n + 2, names: ['x', 'y', 'z'] },
    { title: 'Torque', unit: 'Nm', decimals: 2, first: 3 * n + 5, names: ['x', 'y', 'z'] },
  ];
}

/** One sample of all channels into `out`, NaN for what is not known; widths and speeds in mm and mm/s. */
export function writePlotSample({ q, v, effort, ...state }: PlotSource, joints: number, out: Float64Array): void {
  for (let i = 0; i < joints; i++) {
    out[i] = q[i] ?? NaN;
    out[joints + i] = v[i] ?? NaN;
    out[2 * joints + i] = effort[i] ?? NaN;
  }
  const after = 3 * joints;
  out[after] = state.gripper_width_m === null ? NaN : state.gripper_width_m * 1000;
  out[after + 1] = state.tool === null ? NaN : state.tool.speed_m_s * 1000;
  for (let i = 0; i < WRENCH; i++) out[after + 2 + i] = state.wrench?.[i] ?? NaN;
}
