export * from './dataset/index.ts';
export * from './governance/index.ts';
export * from './provenance/index.ts';
export * from './recording/index.ts';
export * from './report/index.ts';
export * from './run/index.ts';
export * from './selection/index.ts';
