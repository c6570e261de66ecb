import type { PhysicsEngine } from '../engine.ts';
import { toldFrame } from '../second_world/hand_eye.ts';
import { ToldEngine } from '../second_world/told_engine.ts';
import { cameraSpec } from '../sensors/index.ts';
import type { Disturbance } from './record.ts';

/** The world as those are told it who are told of objects: as the overview camera sees them that a record has misplaced. */
export function toldThrough(disturbance: Disturbance | undefined, engine: PhysicsEngine): PhysicsEngine {
  const { mount } = cameraSpec('overview');
  if (disturbance?.told_by === undefined || typeof mount === 'string') return engine;
  return new ToldEngine(engine, toldFrame(mount, disturbance.told_by));
}
