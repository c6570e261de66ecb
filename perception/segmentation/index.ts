export type { GroupPlanes } from './cell_groups.ts';
export { type Instance, Segmenter } from './segmenter.ts';
