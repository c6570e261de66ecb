import { InputError, type Pose } from '../contracts/index.ts';
import { matrixFromQuaternion } from '../dynamics/index.ts';
import { type Payload, withPayload } from './payload.ts';
import type { Robot } from './robot.ts';

/** Frame of a tool that was changed; its parent is the tool frame the robot came with. */
export const CHANGED_TOOL_FRAME = 'tool_tcp';

/** What hangs on the robot's own tool frame: where its tip is in that frame (m), and what it weighs there. */
export interface ToolChange {
  readonly T_tool_tcp: Pose;
  /** Null for what weighs nothing. */
  readonly payload: Payload | null;
}

/**
 * The robot with another tool tip, `tool_tcp`, and the tool's mass on the body that carries it. Throws InputError for a
 * payload that no body has and for a robot whose tool was changed already.
 */
export function withTool(robot: Robot, { T_tool_tcp, payload }: ToolChange): Robot {
  const own = robot.model.frames.find(({ name }) => name === robot.tcp_frame);
  if (own === undefined || robot.tcp_frame === CHANGED_TOOL_FRAME) {
    throw new InputError(`tool of ${robot.name}`, 'can be changed once, on the frame that the robot came with');
  }
  const turn = matrixFromQuaternion(T_tool_tcp.orientation);
  const { R, p } = own;
  const row = (i: number, of: (k: number) => number) => [0, 1, 2].reduce((sum, k) => sum + R[3 * i + k] * of(k), 0);
  const frame = {
    name: CHANGED_TOOL_FRAME,
    body: own.body,
    R: Array.from({ length: 9 }, (_, j) => row(Math.floor(j / 3), (k) => turn[3 * k + (j % 3)])),
    p: [0, 1, 2].map((i) => p[i] + row(i, (k) => T_tool_tcp.position[k])),
  };
  const loaded = payload === null ? robot : withPayload(robot, payload);
  return {
    ...loaded,
    model: { ...loaded.model, frames: [...loaded.model.frames, frame] },
    tcp_frame: CHANGED_TOOL_FRAME,
  };
}
