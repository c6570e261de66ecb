import type { EpisodeSeries, JointSeries } from '../recording/series.ts';
import { inOrderOf } from './action_order.ts';
import type { NumberFeature, NumberType } from './feature.ts';
import type { SourceRecord } from './kept_feature.ts';
import { POSE_NAMES, type ToolKinematics, toolKinematics } from './tool_pose.ts';

/** A feature of numbers at its own stamps. */
export interface NumberColumn {
  readonly feature: NumberFeature;
  readonly time_s: Float64Array;
  /** Row by row, as wide as the feature. */
  readonly values: Float64Array;
  /** Rows end where this one does. */
  readonly lasting: boolean;
}

export interface ColumnOptions {
  /** Of the recording; null where it has none. */
  readonly urdf: string | null;
  /** What an imported set called its features. */
  readonly told: SourceRecord['told'];
  /** Features that stand in topics of their own, and are not made again. */
  readonly taken: ReadonlySet<string>;
  readonly float64: boolean;
}

const WRENCH_NAMES = ['force_x_N', 'force_y_N', 'force_z_N', 'torque_x_Nm', 'torque_y_Nm', 'torque_z_Nm'];
const WRENCH_UNITS = ['N', 'N', 'N', 'Nm', 'Nm', 'Nm'];
const POSE_UNITS = ['m', 'm', 'm', '', '', '', ''];
const SLIDES = /finger|gripper|slide|lift|prismatic/i;

/**
 * The features of numbers of an episode: `observation.state` (positions), `observation.velocity` and `observation.effort`
 * where measured, `observation.wrench`, `action` (what the arm was told at the same instant, by the order of the state's
 * joints unless an imported set had its own), and tool poses in the root frame where the robot's kinematics are known.
 */
export function numberColumns(series: EpisodeSeries, options: ColumnOptions): readonly NumberColumn[] {
  const { joints, wrench } = series;
  const in_own_order = joints === null || series.command === null || options.told.action !== undefined;
  const command = in_own_order ? series.command : inOrderOf(series.command, joints.names);
  const kinematics = toolKinematics(joints?.names ?? command?.names ?? [], options.urdf);
  const column = columnMaker(options);
  const columns: (NumberColumn | null)[] = [];
  if (joints !== null) {
    const { names, time_s, position, velocity, effort } = joints;
    const positions = units(names, kinematics, 'rad', 'm');
    columns.push(
      column('observation.state', suffixed(names, 'pos'), positions, time_s, position, true),
      column(
        'observation.velocity',
        suffixed(names, 'vel'),
        units(names, kinematics, 'rad/s', 'm/s'),
        time_s,
        velocity,
      ),
      column('observation.effort', suffixed(names, 'effort'), units(names, kinematics, 'Nm', 'N'), time_s, effort),
    );
  }
  if (wrench !== null)
    columns.push(column('observation.wrench', WRENCH_NAMES, WRENCH_UNITS, wrench.time_s, wrench.values));
  const measured = poses(joints, kinematics);
  columns.push(poseColumn(column, 'observation.tool_pose', joints, measured));
  if (command !== null) {
    const { names, time_s, position } = command;
    columns.push(
      column('action', suffixed(names, 'pos'), units(names, kinematics, 'rad', 'm'), time_s, position, true),
      poseColumn(column, 'action.tool_pose', command, poses(command, kinematics, measured?.subarray(3, 7))),
    );
  }
  return columns.filter((each) => each !== null);
}

type MakeColumn = (
  key: string,
  names: readonly string[],
  units: readonly string[],
  time_s: Float64Array,
  values: Float64Array,
  lasting?: boolean,
) => NumberColumn | null;

function columnMaker({ told, taken, float64 }: ColumnOptions): MakeColumn {
  return (key, own_names, own_units, time_s, values, lasting = false) => {
    if (taken.has(key) || values.every((value) => Number.isNaN(value))) return null;
    const source = told[key];
    const dtype: NumberType = source?.dtype ?? (float64 ? 'float64' : 'float32');
    const names = source === undefined ? own_names : source.names;
    const shape = [own_names.length];
    // Nobody told the units of a foreign set.
    const feature = { key, dtype, shape, names, units: source === undefined ? own_units : [] };
    return { feature, time_s, values, lasting };
  };
}

function poses(series: JointSeries | null, kinematics: ToolKinematics | null, near?: Float64Array) {
  if (series === null || kinematics === null) return null;
  const known = [...kinematics.moving].every((joint) => series.names.includes(joint));
  return known ? kinematics.poses(series, series.position, near) : null;
}

function poseColumn(column: MakeColumn, key: string, series: JointSeries | null, values: Float64Array | null) {
  return series === null || values === null ? null : column(key, POSE_NAMES, POSE_UNITS, series.time_s, values);
}

const suffixed = (names: readonly string[], suffix: string) => names.map((name) => `${name}.${suffix}`);

function units(names: readonly string[], kinematics: ToolKinematics | null, turns: string, slides: string) {
  return names.map((name) => ((kinematics?.sliding.has(name) ?? SLIDES.test(name)) ? slides : turns));
}
