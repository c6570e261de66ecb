import { InvalidArgumentError } from 'commander';

/** Version of the JSON objects that verbs print; raised when a field changes its meaning. */
export const JSON_VERSION = 1;

/** Prints the one JSON object of a verb as the last line of stdout. */
export function emitJson(verb: string, fields: object): void {
  process.stdout.write(`${JSON.stringify({ schema: `surepick/${verb}`, version: JSON_VERSION, ...fields })}\n`);
}

/** A line for people; stdout belongs to results. */
export function say(line: string): void {
  process.stderr.write(`${line}\n`);
}

/** commander parser: an integer of at least `low`. */
export function integerFrom(low: number, high = Number.MAX_SAFE_INTEGER): (text: string) => number {
  return (text) => {
    const value = Number(text);
    if (!/^[+-]?\d+$/.test(text) || value < low || value > high) {
      throw new InvalidArgumentError(`Allowed: a whole number from ${low} to ${high}.`);
    }
    return value;
  };
}

/** commander parser: a finite number within [low, high]. */
export function numberWithin(low: number, high: number): (text: string) => number {
  return (text) => {
    const value = Number(text);
    if (text.trim() === '' || !Number.isFinite(value) || value < low || value > high) {
      throw new InvalidArgumentError(`Allowed: a number from ${low} to ${high}.`);
    }
    return value;
  };
}
