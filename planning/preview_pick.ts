import { type PickPlaceResult, PREVIEW_ROWS, type PreviewPickResult, StageError } from '../contracts/index.ts';
import { poseFrom12 } from '../dynamics/index.ts';
import type { MotionPlanner } from './motion_planner.ts';
import type { Steps, TaskRequest } from './requests.ts';

type StageRequest = Extract<TaskRequest, { kind: 'stage' }>;

const ORIGIN = { position: [0, 0, 0], orientation: [0, 0, 0, 1] } as const;

/**
 * The steps of a pick up to where it has its plan, which becomes the preview: looks and reads as the pick would, and moves
 * nothing. What the pick would do first instead (look from elsewhere, ask a person) is the reason that there is no preview.
 */
export function* previewPick(pick: Steps<PickPlaceResult>, motion: MotionPlanner): Steps<PreviewPickResult> {
  let next = pick.next();
  let said = '';
  while (!next.done) {
    const request = next.value;
    switch (request.kind) {
      case 'stage':
        if (request.taking !== undefined) return previewOf(request, motion);
        said = request.reason || said;
        next = pick.next({ kind: 'noted', time_s: 0 });
        break;
      case 'detect':
      case 'state':
        next = pick.next(yield request);
        break;
      case 'ask':
        throw new StageError('perceive', `a person would be asked first: ${said}`);
      case 'move':
      case 'grip':
      case 'detect_inside':
      case 'inspect':
        throw new StageError('perceive', `the arm would move for another look first: ${said}`);
    }
  }
  return noPreview(next.value.reason);
}

export function noPreview(reason: string): PreviewPickResult {
  return { ok: false, reason, joint_names: [], positions: new Float64Array(0), T_world_tool: ORIGIN, width_m: 0 };
}

/** The way to the grasp out of the motions that lie ahead. */
function previewOf({ ahead = [], taking }: StageRequest, motion: MotionPlanner): PreviewPickResult {
  const there = ahead.filter(({ label }) => label === 'approach' || label === 'descend');
  if (taking === undefined || there.length === 0) throw new Error('a pick takes nothing on its way');
  const { joint_names } = there[0].trajectory;
  const rows = there.flatMap(({ trajectory: { position } }) => [...position]);
  return {
    ok: true,
    reason: '',
    joint_names,
    positions: thinned(rows, joint_names.length),
    T_world_tool: poseFrom12(motion.toolPose(Float64Array.from(rows.slice(-joint_names.length)))),
    width_m: taking.width_m,
  };
}

/** Rows of n numbers, evenly thinned to what a preview may have; the first and the last stay. */
export function thinned(rows: readonly number[], n: number): Float64Array<ArrayBuffer> {
  const count = rows.length / n;
  const kept = Math.min(count, PREVIEW_ROWS);
  const out = new Float64Array(kept * n);
  for (let k = 0; k < kept; k++) {
    const row = kept === 1 ? 0 : Math.round((k * (count - 1)) / (kept - 1));
    for (let j = 0; j < n; j++) out[k * n + j] = rows[row * n + j];
  }
  return out;
}
