export { AlarmList } from './alarm_list.ts';
export type { Condition } from './condition.ts';
export * from './robot_conditions.ts';
export { safetyCondition } from './safety_conditions.ts';
