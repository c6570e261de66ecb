export { frameHash } from './frame_hash.ts';
export { FrameStore } from './frame_store.ts';
export { EscalationNode, type EscalationNodeOptions } from './node.ts';
export { pngOf } from './question.ts';
export { refusalOf } from './refusal.ts';
