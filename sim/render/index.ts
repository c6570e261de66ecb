export type { RenderTarget } from './fixed_layer.ts';
export * from './pinhole.ts';
export * from './rasteriser.ts';
export * from './scene_view.ts';
export * from './shapes.ts';
