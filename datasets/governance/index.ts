export * from './licence.ts';
export type { CameraPicture, PeopleDetector, PersonArea, PictureMask } from './mask.ts';
export { BLOCK_PX, MaskBlocks } from './mask_blocks.ts';
export { type MaskRules, maskRules, readMaskRules } from './mask_rules.ts';
export { MaskedBus } from './masked_bus.ts';
export * from './may_use.ts';
export { PictureMasker } from './picture_masker.ts';
export * from './purge/index.ts';
export * from './tags.ts';
