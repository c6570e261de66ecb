export type { Masked, PictureMask } from './mask.ts';
