export type { RenderTarget } from './fixed_layer.ts';
export * from './pinhole.ts';
export * from './rasteriser.ts';
export * from './scene_view.ts';
export * from './shapes.ts';
export { findWebGpu, requireWebGpu, WEBGPU_PACKAGE, type WebGpuState } from './webgpu/adapter.ts';
export { WebGpuRenderer } from './webgpu/renderer.ts';
