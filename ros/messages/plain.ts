import { z } from 'zod';
import type { ClockMessage } from '../../contracts/index.ts';
import type { RosFields } from '../mapping.ts';
import { parseFields, stamp, toRosTime } from './fields.ts';

const clock = z.object({ clock: stamp });

/** rosgraph_msgs/msg/Clock. */
export const clockToRos = ({ stamp_ns }: ClockMessage): object => ({ clock: toRosTime(stamp_ns) });

export function clockFromRos(fields: RosFields): ClockMessage {
  return { stamp_ns: parseFields(clock, fields, 'rosgraph_msgs/msg/Clock').clock };
}

const string = z.object({ data: z.string() });

/** std_msgs/msg/String. */
export const stringToRos = ({ data }: { readonly data: string }): object => ({ data });

export function stringFromRos(fields: RosFields): { data: string } {
  return parseFields(string, fields, 'std_msgs/msg/String');
}
