import { InputError } from '../contracts/index.ts';
import type { Drill, DrillBus } from './drill.ts';
import { external_silent } from './faults/external_silent.ts';

/** Every drill, in the order in which they run. */
export const DRILLS: readonly Drill[] = [external_silent];

/** Those that can run on a bus. */
export function drillsOn(bus: DrillBus): Drill[] {
  return DRILLS.filter((drill) => drill[bus] !== undefined);
}

/** The drill of a name, or all that can run on the bus. Throws InputError. */
export function drillsNamed(name: string, bus: DrillBus): Drill[] {
  const possible = drillsOn(bus);
  if (name === 'all') return possible;
  const found = possible.find((drill) => drill.name === name);
  if (found !== undefined) return [found];
  const names = possible.map((drill) => drill.name).join(', ');
  throw new InputError(`drill ${name} on the bus ${bus}`, `all, or one of ${names}`);
}
