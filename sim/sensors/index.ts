export * from './camera.ts';
export { addColourNoise, addDepthNoise, type CameraNoise, RGBD_NOISE } from './noise.ts';
