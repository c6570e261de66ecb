export { BLOCK_CYCLES, blockBytes, JournalBlock } from './block.ts';
export { packBlock, unpackBlock } from './codec.ts';
export { JournalledGate } from './journalled_gate.ts';
export { JournalNode } from './node.ts';
export { type JournalledCycle, JournalReplay, type ReplayDifference, type ReplayResult } from './replay.ts';
export { type BlockSink, JournalWriter } from './writer.ts';
