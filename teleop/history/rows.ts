import type { HistoryFrame, StateFrame } from '../protocol/index.ts';

/** What a row holds after the joints' positions, velocities, efforts and commanded positions; NaN for what is not known. */
const AFTER = { gripper: 0, tool: 1, tool_speed: 8, wrench: 9, separation: 15, protective: 16, speed: 17 } as const;
const AFTER_JOINTS = 18;
/** Five decimals: 0.01 mrad, 0.01 mm. */
const DECIMALS = 1e5;

/** Numbers of moments as rows of one array, `rowWidth(joints)` each. */
export interface HistoryRows {
  readonly joints: number;
  /** Rising. */
  readonly at_ms: Float64Array;
  readonly numbers: Float32Array;
  /** Of each row, into a list of statuses. */
  readonly status: Uint32Array;
}

export const rowWidth = (joints: number): number => 4 * joints + AFTER_JOINTS;

/** A row's numbers, as far as they are known. */
export type RowValues = Pick<
  StateFrame,
  'q' | 'v' | 'effort' | 'commanded' | 'gripper_width_m' | 'tool' | 'wrench' | 'speed'
> &
  Pick<HistoryFrame, 'separation_m' | 'protective_distance_m'>;

/** Writes a row; what is beyond the joints is left out. */
export function writeRow(out: Float32Array, at: number, joints: number, values: RowValues): void {
  const { q, v, effort, commanded, tool, wrench } = values;
  for (let i = 0; i < joints; i++) {
    out[at + i] = q[i] ?? Number.NaN;
    out[at + joints + i] = v[i] ?? Number.NaN;
    out[at + 2 * joints + i] = effort[i] ?? Number.NaN;
    out[at + 3 * joints + i] = commanded[i] ?? Number.NaN;
  }
  const after = at + 4 * joints;
  out[after + AFTER.gripper] = values.gripper_width_m ?? Number.NaN;
  for (let i = 0; i < 3; i++) out[after + AFTER.tool + i] = tool?.pose.position[i] ?? Number.NaN;
  for (let i = 0; i < 4; i++) out[after + AFTER.tool + 3 + i] = tool?.pose.orientation[i] ?? Number.NaN;
  out[after + AFTER.tool_speed] = tool?.speed_m_s ?? Number.NaN;
  for (let i = 0; i < 6; i++) out[after + AFTER.wrench + i] = wrench?.[i] ?? Number.NaN;
  out[after + AFTER.separation] = values.separation_m ?? Number.NaN;
  out[after + AFTER.protective] = values.protective_distance_m ?? Number.NaN;
  out[after + AFTER.speed] = values.speed;
}

/** One row as a frame of the protocol. */
export function frameOf({ joints, at_ms, numbers, status }: HistoryRows, row: number): HistoryFrame {
  const at = row * rowWidth(joints);
  const after = at + 4 * joints;
  const list = (from: number, count: number): number[] => {
    if (Number.isNaN(numbers[from])) return [];
    return Array.from({ length: count }, (_, i) => rounded(numbers[from + i]));
  };
  const one = (from: number): number | null => (Number.isNaN(numbers[from]) ? null : rounded(numbers[from]));
  const [x, y, z, qx, qy, qz, qw] = list(after + AFTER.tool, 7);
  const wrench = list(after + AFTER.wrench, 6);
  return {
    at_ms: Math.round(at_ms[row]),
    ...{ q: list(at, joints), v: list(at + joints, joints), effort: list(at + 2 * joints, joints) },
    commanded: list(at + 3 * joints, joints),
    gripper_width_m: one(after + AFTER.gripper),
    tool:
      x === undefined
        ? null
        : {
            pose: { position: [x, y, z], orientation: [qx, qy, qz, qw] },
            speed_m_s: one(after + AFTER.tool_speed) ?? 0,
          },
    wrench: wrench.length === 0 ? null : wrench,
    separation_m: one(after + AFTER.separation),
    protective_distance_m: one(after + AFTER.protective),
    speed: one(after + AFTER.speed) ?? 1,
    status: status[row],
  };
}

const rounded = (value: number): number => (Number.isNaN(value) ? 0 : Math.round(value * DECIMALS) / DECIMALS);
