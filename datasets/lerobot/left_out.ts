import type { Signal, SignalRole } from '../dataset/schema.ts';

/** What of an episode is not in its rows, and why. */
export interface LeftOut {
  readonly topic: string;
  readonly messages: number;
  readonly why: string;
}

const WHY: Readonly<Record<SignalRole, string>> = {
  joint_state: 'only the first topic of joint states is a feature',
  joint_command: 'only the first topic of commands is a feature',
  tool_command: 'not at the rows’ rate; the action is what the arm was told of it',
  gripper_state: 'only joint states of the arm are a feature; they have the fingers where its driver joins them',
  gripper_command: 'not at the rows’ rate; the action has the fingers',
  wrench: 'only the first topic of wrenches is a feature',
  colour: 'of a camera that was not asked for, or none of its pictures can be held',
  depth: 'not asked for: --depth adds it',
  camera_info: 'LeRobot has no place for calibration',
  detections: 'LeRobot has no place for detections',
  safety: 'LeRobot has no place for the state of safety',
  notes: 'LeRobot has no place for stages and notes, only for one text of the task',
  other: 'no column of a fixed size',
};

/** Topics that are in no column. @param used  topics whose values are */
export function leftOut(signals: readonly Signal[], used: ReadonlySet<string>): readonly LeftOut[] {
  return signals
    .filter(({ topic }) => !used.has(topic))
    .map(({ topic, role, messages }) => ({ topic, messages, why: WHY[role] }));
}

/** The same of several episodes, counted together. */
export function joinLeftOut(all: readonly LeftOut[]): readonly (LeftOut & { readonly episodes: number })[] {
  const joined = new Map<string, LeftOut & { episodes: number }>();
  for (const { topic, why, messages } of all) {
    const key = `${topic}\n${why}`;
    const known = joined.get(key) ?? { topic, why, messages: 0, episodes: 0 };
    joined.set(key, { topic, why, messages: known.messages + messages, episodes: known.episodes + 1 });
  }
  return [...joined.values()].sort((a, b) => (a.topic < b.topic ? -1 : a.topic > b.topic ? 1 : a.why < b.why ? -1 : 1));
}
