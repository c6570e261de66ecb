export * from './channels.ts';
export * from './codec.ts';
export * from './definitions.ts';
export * from './to_ros.ts';
