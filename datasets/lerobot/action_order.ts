import type { JointSeries } from '../recording/series.ts';
import type { NumberFeature } from './feature.ts';

/** How the columns of `action` stand to those of `observation.state`. */
export interface ActionOrder {
  /** Column by column the same joints. */
  readonly as_state: boolean;
  /** In words. */
  readonly how: string;
}

/**
 * A command in the order of other joints: a controller may order them otherwise than the driver that measures. Joints that
 * are not among `names` come last, in their own order.
 */
export function inOrderOf(command: JointSeries, names: readonly string[]): JointSeries {
  const own = command.names;
  const order = [
    ...[...new Set(names)].filter((name) => own.includes(name)),
    ...own.filter((name) => !names.includes(name)),
  ];
  if (order.length !== own.length || order.every((name, j) => name === own[j])) return command;
  const from = order.map((name) => own.indexOf(name));
  const reordered = (values: Float64Array) =>
    values.map((_, k) => values[k - (k % from.length) + from[k % from.length]]);
  return {
    ...command,
    names: order,
    position: reordered(command.position),
    velocity: reordered(command.velocity),
    effort: reordered(command.effort),
  };
}

/** Tells it of the features of a set. */
export function actionOrder(features: readonly Pick<NumberFeature, 'key' | 'names'>[]): ActionOrder {
  const of = (key: string) => features.find((feature) => feature.key === key);
  const [state, action] = [of('observation.state'), of('action')];
  if (state === undefined || action === undefined)
    return { as_state: false, how: `there is no ${action === undefined ? 'action' : 'observation.state'}` };
  if (state.names === null || action.names === null)
    return { as_state: false, how: 'of its own: the set that it came from names no joints' };
  const [measured, told] = [state.names, action.names];
  const lacking = measured.filter((name) => !told.includes(name));
  const more = told.filter((name) => !measured.includes(name));
  if (lacking.length + more.length === 0)
    return measured.every((name, j) => name === told[j])
      ? { as_state: true, how: 'that of observation.state' }
      : { as_state: false, how: 'of the set that it came from, another than that of observation.state' };
  const parts = [
    ...(lacking.length === 0 ? [] : [`without ${lacking.join(', ')}, which no command names`]),
    ...(more.length === 0 ? [] : [`with ${more.join(', ')}, which observation.state lacks`]),
  ];
  return { as_state: false, how: `not column by column that of observation.state: ${parts.join('; ')}` };
}
