export { drawEffects } from './draw_effects.ts';
export { type Effects, FACTORS as SECOND_WORLD_FACTORS, type Factor as SecondWorldFactor } from './effects.ts';
export { sealedText } from './sealed.ts';
export { openSecondWorld, SecondWorld, SHIPPED_SECOND_WORLD, secondWorldName } from './second_world.ts';
export { ToldEngine } from './told_engine.ts';
