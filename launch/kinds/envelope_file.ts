import { readFileSync } from 'node:fs';
import { InputError } from '../../contracts/index.ts';
import type { Robot } from '../../robots/index.ts';
import { type Envelope, envelopeForRobot, parseEnvelope } from '../../safety/index.ts';

/** The JSON of a file that a parameter names; InputError with the parameter's words where it cannot be read. */
export function readJsonFile(file: string, what: string, remedy: string): unknown {
  try {
    return JSON.parse(readFileSync(file, 'utf8'));
  } catch (cause) {
    throw new InputError(`${what} ${file}`, `must be a JSON file; ${remedy}`, { cause });
  }
}

/** The envelope of a file, or the robot's own where none is named. */
export function envelopeOf(file: string, robot: Robot): Envelope {
  if (file === '') return envelopeForRobot(robot);
  return parseEnvelope(readJsonFile(file, 'envelope', 'surepick safety default-envelope prints one'), file);
}
