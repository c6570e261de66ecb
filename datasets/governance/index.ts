export * from './licence.ts';
export type { Masked, PictureMask } from './mask.ts';
export * from './may_use.ts';
export * from './purge/index.ts';
export * from './tags.ts';
