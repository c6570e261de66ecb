import { loadGraph, parametersOfKind, sim } from '../launch/index.ts';
import { loadRobot } from '../robots/index.ts';
import { drawUnrecordedWorld } from '../stack/index.ts';
import type { Place } from './protocol/index.ts';

/** Free parts of the usual table, for a robot whose cell tells none. */
export const TABLE_PLACES: readonly Place[] = [
  { name: 'left', position: [0.45, 0.32, 0], size: [0.3, 0.2] },
  { name: 'right', position: [0.45, -0.32, 0], size: [0.3, 0.2] },
];

/** Where things may be put in the simulated cell of a graph file: the zones that are painted on its table, then its sides. */
export function placesOf(graph: string): readonly Place[] {
  const [cell] = loadGraph(graph, {}).cells;
  const { episode, ...world } = parametersOfKind(cell, sim);
  const { scene } = drawUnrecordedWorld(world, episode, loadRobot(cell.robot)).instance;
  const zones = scene.zones.map((zone, i): Place => {
    const across_m = 2 * (zone.radius_m ?? 0);
    const size = zone.size_m ?? ([across_m, across_m] as const);
    return { name: scene.zones.length === 1 ? 'target' : `zone ${i + 1}`, position: zone.position, size };
  });
  return [...zones, ...TABLE_PLACES];
}
