import { ACTIONS, type Bus, type SentGoal } from '../contracts/index.ts';
import type { Grip, TaskEvent, TaskRequest } from './requests.ts';

/** Requests that become a goal of an action server. */
export type ActionRequest = Extract<TaskRequest, { kind: 'move' | 'grip' | 'detect_inside' | 'inspect' }>;

/** An action's end, as it is told to the task. */
export type Ended =
  | { readonly ok: true; readonly event: TaskEvent }
  /** What was asked for could not be done at all: the task ends. */
  | { readonly ok: false; readonly reason: string };

/**
 * Sends the goal that a request stands for.
 * @param time_s  time since the start of the task, read when the action ends
 * @param blame  why a motion ended early, and whether the safety gate stopped it
 * @throws InputError without a server for the action
 */
export function sendRequest(
  bus: Bus,
  request: ActionRequest,
  time_s: () => number,
  blame: (ok: boolean, reason: string) => { readonly stopped_by_safety: boolean; readonly reason: string },
  onEnd: (ended: Ended) => void,
): SentGoal {
  switch (request.kind) {
    case 'move': {
      const { label, trajectory, grip } = request;
      const move = (onMoved: (ok: boolean, reason: string) => void): SentGoal =>
        bus.sendGoal(
          ACTIONS.follow_joint_trajectory,
          { label, trajectory },
          { onResult: (_status, { ok, reason }) => onMoved(ok, reason) },
        );
      const moved = (ok: boolean, reason: string, width_m?: number): void => {
        const event = { kind: 'moved', time_s: time_s(), ok, ...blame(ok, reason) } as const;
        onEnd({ ok: true, event: width_m === undefined ? event : { ...event, width_m } });
      };
      return grip === undefined ? move(moved) : together(bus, grip, move, moved);
    }
    case 'grip': {
      const { width_m, force_N } = request;
      return bus.sendGoal(
        ACTIONS.gripper,
        { width_m, force_N },
        {
          onResult: (_status, result) =>
            onEnd({ ok: true, event: { kind: 'gripped', time_s: time_s(), width_m: result.width_m } }),
        },
      );
    }
    case 'detect_inside':
      return bus.sendGoal(
        ACTIONS.detect_inside,
        { container: request.container },
        {
          onResult: (_status, { ok, reason, detections }) =>
            onEnd(ok ? { ok, event: { kind: 'detections', time_s: time_s(), detections } } : { ok, reason }),
        },
      );
    case 'inspect':
      return bus.sendGoal(ACTIONS.inspect_surface, request.held, {
        onResult: (_status, result) =>
          onEnd(
            result.ok
              ? { ok: true, event: { kind: 'inspected', time_s: time_s(), result } }
              : { ok: false, reason: result.reason },
          ),
      });
  }
}

/** Moves arm and fingers at the same time; ended when both are. Cancelling cancels what is still under way. */
function together(
  bus: Bus,
  grip: Grip,
  move: (onMoved: (ok: boolean, reason: string) => void) => SentGoal,
  onEnd: (ok: boolean, reason: string, width_m: number) => void,
): SentGoal {
  let arm: { readonly ok: boolean; readonly reason: string } | null = null;
  let width_m: number | null = null;
  const settle = (): void => {
    if (arm !== null && width_m !== null) onEnd(arm.ok, arm.reason, width_m);
  };
  const fingers = bus.sendGoal(ACTIONS.gripper, grip, {
    onResult: (_status, result) => {
      width_m = result.width_m;
      settle();
    },
  });
  const motion = move((ok, reason) => {
    arm = { ok, reason };
    settle();
  });
  return {
    id: motion.id,
    cancel: () => {
      if (width_m === null) fingers.cancel();
      if (arm === null) motion.cancel();
    },
  };
}
