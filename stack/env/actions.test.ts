import { expect, test } from 'vitest';
import { frameIndex, framePose, placeBodies, RobotData } from '../../dynamics/index.ts';
import { loadRobot } from '../../robots/index.ts';
import { ACTION_SPEEDS, createActionMap } from './actions.ts';

const PANDA = loadRobot('panda');
const HOME = PANDA.home_q.slice(0, PANDA.arm_joints);
const PERIOD_S = 0.04;
const STEP_M = ACTION_SPEEDS.tool_m_s * PERIOD_S;

function toolHeight(q: Float64Array): number {
  const { model } = PANDA;
  const data = new RobotData(model);
  const full = PANDA.home_q.slice();
  full.set(q);
  placeBodies(model, data, full, model.nb);
  const pose = new Float64Array(12);
  framePose(model, data, frameIndex(model, PANDA.tcp_frame), pose);
  return pose[11];
}

test('actions of the tool move the target on from where it was', () => {
  const actions = createActionMap('ee_delta', PANDA, PERIOD_S);
  const target = HOME.slice();
  actions.reset(target);
  for (let k = 0; k < 3; k++) actions.apply([0, 0, -1, 0, 1], 0, HOME, target);
  expect(toolHeight(target)).toBeCloseTo(toolHeight(HOME) - 3 * STEP_M, 4);
});

test('and on from where it gave way to, where something holds the arm', () => {
  const actions = createActionMap('ee_delta', PANDA, PERIOD_S);
  const target = HOME.slice();
  actions.reset(target);
  for (let k = 0; k < 3; k++) actions.apply([0, 0, -1, 0, 1], 0, HOME, target);
  target.set(HOME);
  actions.apply([0, 0, -1, 0, 1], 0, HOME, target);
  expect(toolHeight(target)).toBeCloseTo(toolHeight(HOME) - STEP_M, 4);
});
