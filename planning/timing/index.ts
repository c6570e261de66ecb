export * from './double_s.ts';
export * from './limits.ts';
export * from './path_timing.ts';
export * from './sample.ts';
export * from './spline.ts';
