export type { GroupPlanes } from './cell_groups.ts';
export { type Instance, type MaskStatistics, Segmenter } from './segmenter.ts';
