import { DEFAULT_REACTIONS, FAULTS, type Fault, REASONS, type ReasonName } from '../../safety/index.ts';
import type { Condition } from './condition.ts';

type Words = readonly [text: string, remedy: string];

/** What each reason of the safety gate means and asks for. */
export const REASON_WORDS: Readonly<Record<ReasonName, Words>> = {
  position: ['A joint is at the end of its range', 'Jog that joint back, or send the arm home.'],
  velocity: ['A joint is held to its greatest speed', 'Nothing; a lower speed override avoids it.'],
  acceleration: ['A joint is held to its greatest acceleration', 'Nothing; a lower speed override avoids it.'],
  jerk: ['A motion was too abrupt and was smoothed', 'Nothing; a lower speed override avoids it.'],
  workspace: ['The tool is at the edge of its workspace', 'Jog the tool back inside, or retreat.'],
  tool_speed: ['The tool is held to its greatest speed', 'Nothing; a lower speed override avoids it.'],
  self_collision: ['The arm is about to touch itself', 'Jog the other way, or send the arm home.'],
  obstacle: ['The arm is about to touch an obstacle or a keep-out volume', 'Jog away from it, or retreat.'],
  separation: ['Somebody is near: the arm goes slower', 'Keep away from the arm, or wait until it has passed.'],
  torque: [
    'A joint is held to its greatest torque',
    'Look whether something heavy is held or something is in the way.',
  ],
  torque_rate: ['A joint torque was to change too fast', 'Nothing; a lower speed override avoids it.'],
  stale_command: [
    'Commands to the arm came too late',
    "Let go and press anew. If it comes back, look at the computer's load.",
  ],
  bodies_stale: [
    'Nobody tells any more where people are',
    'Look at the sensors that watch for people; motion comes back with them.',
  ],
  not_enabled: ['The arm is asked to move and no control is held', 'Press and hold a control to move the arm.'],
  interface_changed: ['The kind of command changed in motion', 'Wait until the arm rests, then start anew.'],
  non_finite: ['A command was not a number', 'Reset. If it comes back, stop the program that commands the arm.'],
  wrong_length: [
    'A command was for another number of joints',
    'Reset. If it comes back, stop the program that commands the arm.',
  ],
  lease_lost: ['The supervisor no longer allows motion', 'See what else is listed, put it right, then reset.'],
  stop_requested_0: [
    'A stop that cuts the power of the drives was asked for',
    'Make sure that the cell is clear, then reset.',
  ],
  stop_requested_1: ['A protective stop was asked for', 'Make sure that the cell is clear, then reset.'],
  stop_requested_2: ['A stop with the drives on was asked for', 'Make sure that the cell is clear, then reset.'],
  overload: ['The arm carries or presses more than it may', 'Free the arm of what loads it, then reset.'],
  late_cycle: ['The control loop was late', 'Reset. If it comes back, end other programs on the computer.'],
  body_out_of_bounds: ['A tracked body is where none can be', 'Look at the sensors that watch for people, then reset.'],
  pace_exceeded: ['The arm was faster than it was allowed to be', 'Reset. If it comes back, call for service.'],
  clock: ['The clock of the control loop does not run as it should', 'Reset. If it comes back, restart the cell.'],
  start_outside_envelope: [
    'The arm stands outside its allowed range',
    'Bring the arm back by hand as its maker says, then reset.',
  ],
  envelope_tightened: [
    'The arm stands outside its new, narrower range',
    'Bring the arm back inside, or load the former range, then reset.',
  ],
  tracking_error: [
    'The arm is not where it was sent: something pushes it',
    'Free the arm, look for damage, then reset.',
  ],
  state_not_finite: ['The arm reports a position that is not a number', 'Restart the driver of the arm, then reset.'],
  emergency_stop: [
    'The emergency stop of the arm is pressed',
    'Find out why, make the cell safe, release the button, then reset.',
  ],
};

/** What each fault that monitors find means and asks for; the runbook of the same name says more. */
export const FAULT_WORDS: Readonly<Record<Fault, Words>> = {
  joint_states_late: [
    'The position of the arm comes too late',
    'Look at the driver of the arm and its network, then reset.',
  ],
  state_jump: ['A joint seems to have jumped', 'Look for a second driver or a lost encoder, then reset.'],
  state_implausible: ['The reported position of the arm cannot be true', 'Restart the driver of the arm, then reset.'],
  wrench_excess: ['Too much force at the hand', 'Free the hand, look for damage, then reset.'],
  wrench_frozen: ['The force sensor does not change', 'Restart the force sensor; the arm is slower until then.'],
  temperature: ['A joint is warm', 'Let the arm cool down; it is slower until then.'],
  perception_lost: ['Nothing is seen', 'Look at the cameras and their cables; the arm waits.'],
  perception_uncertain: ['What is seen is not sure', 'Look at the pictures: clean the lens, mend the light.'],
  camera_frozen: ['A camera repeats one picture', 'Restart the driver of the camera; the arm waits.'],
  planner_silent: ['The planner does not answer', 'Wait for its restart, or restart it; the arm waits.'],
  policy_diverging: ['A learned policy fights the limits of the arm', 'Choose another policy or jog, then reset.'],
  policy_unknown_input: ['A learned policy sees what it does not know', 'Clear the scene, or pick without the policy.'],
  bodies_lost: ['Nobody tells any more where people are', 'Look at the sensors that watch for people, then reset.'],
  body_implausible: ['What is told of people cannot be true', 'Look at the sensors that watch for people, then reset.'],
  partition: ['All other computers vanished at once', 'Look at the network, then reset.'],
  clock_jump: ['A clock has jumped', 'Look at time synchronisation, then reset.'],
  disk_full: ['A log cannot be written', 'Make room on the disk; the arm waits.'],
};

/** What has not started by then is missing, ms. */
const AWAITED_MS = 5000;
const STOPPED_BY: Words = ['Something outside stops the robot', 'Put right what it names, then reset.'];
const EFFECT_PRIORITY = {
  pass: 'low',
  limit: 'low',
  stop: 'medium',
  latched_stop: 'high',
  fault: 'critical',
  emergency_stop: 'critical',
} as const;

/** What only slows or shortens a motion asks nobody for anything. */
export function isLimit(reason: string): boolean {
  return REASONS.some(({ name, effect }) => name === reason && effect === 'limit');
}

/** What a reason of /safety/state means: a reason of the gate, `FAULT: detail` of a monitor, or words from outside. */
export function safetyCondition(reason: string): Condition {
  const own = REASONS.find(({ name }) => name === reason);
  if (own !== undefined) {
    const [text, remedy] = REASON_WORDS[own.name];
    return { key: `safety/${own.name}`, priority: EFFECT_PRIORITY[own.effect], text, remedy };
  }
  const [name, detail] = split(reason);
  const fault = FAULTS.find((one) => one === name);
  if (fault !== undefined) {
    const [text, remedy] = FAULT_WORDS[fault];
    const stops = DEFAULT_REACTIONS[fault].degradation === 'stop';
    return {
      key: `safety/${fault}`,
      priority: stops ? 'high' : 'medium',
      text: `${text}: ${detail}`,
      remedy: `${remedy} See docs/runbooks/${fault}.md.`,
    };
  }
  const [text, remedy] = STOPPED_BY;
  // What is only waited for, as when a cell starts, asks nobody for anything yet.
  const waits = reason.endsWith(' has not started') ? { after_ms: AWAITED_MS } : {};
  return { key: `safety/outside/${reason}`, priority: 'high', text: `${text}: ${reason}`, remedy, ...waits };
}

function split(reason: string): readonly [string, string] {
  const at = reason.indexOf(': ');
  return at < 0 ? ['', reason] : [reason.slice(0, at), reason.slice(at + 2)];
}
