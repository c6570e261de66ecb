import { z } from 'zod';
import type { Obstacle } from '../obstacle.ts';
import { OPERATING_MODES } from '../state_machine.ts';
import { parseLenientJson } from './lenient_json.ts';
import { readObstacle } from './obstacle_line.ts';

/** A number that may be NaN or infinite; null is what JavaScript writes for NaN. */
const anyNumber = z
  .custom<number | null>((value) => typeof value === 'number' || value === null)
  .transform((value) => value ?? Number.NaN);
const numbers = z.array(anyNumber);

const channels = z.object({
  t: z.number(),
  position: numbers.optional(),
  velocity: numbers.optional(),
  torque: numbers.optional(),
  lease: z.object({ nonce: z.union([z.number(), z.string()]), valid_s: z.number().nonnegative() }).optional(),
  state: z
    .object({
      position: numbers,
      velocity: numbers.optional(),
      torque: numbers.optional(),
      emergency_stop: z.boolean().optional(),
    })
    .optional(),
  obstacles: z.array(z.unknown()).optional(),
  stop: z.union([z.literal(0), z.literal(1), z.literal(2)]).optional(),
  reset: z.literal(true).optional(),
  mode: z.enum(OPERATING_MODES).optional(),
  enable: z.boolean().optional(),
});
type Channels = z.infer<typeof channels>;

export interface CommandLine {
  readonly kind: 'position' | 'velocity' | 'torque';
  readonly values: readonly number[];
}

/** What one line of a stream says; at least one of the channels is there. `t` in seconds. */
export interface StreamLine extends Omit<Channels, 'position' | 'velocity' | 'torque' | 'obstacles'> {
  readonly command: CommandLine | null;
  readonly obstacles: readonly Obstacle[] | null;
}

/** Reads a line; null if it is not one: no object, no finite time, no channel, two commands, or a channel not as said. */
export function readLine(text: string): StreamLine | null {
  let value: unknown;
  try {
    value = parseLenientJson(text);
  } catch {
    return null;
  }
  const parsed = channels.safeParse(value);
  if (!parsed.success) return null;
  const { position, velocity, torque, obstacles, ...rest } = parsed.data;
  const commands: CommandLine[] = [];
  if (position !== undefined) commands.push({ kind: 'position', values: position });
  if (velocity !== undefined) commands.push({ kind: 'velocity', values: velocity });
  if (torque !== undefined) commands.push({ kind: 'torque', values: torque });
  if (commands.length > 1 || Object.keys(rest).length + commands.length + Number(obstacles !== undefined) < 2) {
    return null;
  }
  const read = obstacles?.map(readObstacle) ?? null;
  const known = read?.filter((obstacle) => obstacle !== null) ?? null;
  if (read !== null && known?.length !== read.length) return null;
  return { ...rest, command: commands[0] ?? null, obstacles: known };
}

const startLine = z.object({
  start: z.object({ position: z.array(z.number()), velocity: z.array(z.number()).optional() }),
});
export type StartState = z.infer<typeof startLine>['start'];

/** Reads the first line's start state; null if the line has none; throws Error for one that is not as said. */
export function readStart(text: string): StartState | null {
  let value: unknown;
  try {
    value = parseLenientJson(text);
  } catch {
    return null;
  }
  if (typeof value !== 'object' || value === null || !('start' in value)) return null;
  const parsed = startLine.safeParse(value);
  if (!parsed.success) {
    const { path, message } = parsed.error.issues[0];
    throw new Error(`${path.join('.')}: ${message}`);
  }
  return parsed.data.start;
}
