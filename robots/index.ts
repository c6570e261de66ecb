export * from './robot.ts';
