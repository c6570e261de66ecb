export * from './camera.ts';
export { type CameraNoise, RGBD_NOISE } from './noise.ts';
