import { ACTIONS, type Bus, type PickPlaceGoal, type PreviewPickResult } from '../../contracts/index.ts';
import type { Preview } from '../protocol/index.ts';

/** A plan takes seconds at most, ms. */
const PATIENCE_MS = 15_000;

const NONE: Preview = { ok: false, reason: '', joint_names: [], path: [], tool: null, width_m: 0 };

/** The way that a pick would take now. A robot that cannot tell is a reason, not an error. */
export function previewPick(bus: Bus, goal: PickPlaceGoal): Promise<Preview> {
  return new Promise((resolve) => {
    const timer = setTimeout(() => resolve({ ...NONE, reason: 'the planner does not answer' }), PATIENCE_MS);
    try {
      bus.sendGoal(ACTIONS.preview_pick, goal, {
        onResult: (_, result) => {
          clearTimeout(timer);
          resolve(previewOf(result));
        },
      });
    } catch (error) {
      clearTimeout(timer);
      resolve({ ...NONE, reason: error instanceof Error ? error.message : String(error) });
    }
  });
}

function previewOf({ ok, reason, joint_names, positions, T_world_tool, width_m }: PreviewPickResult): Preview {
  if (!ok) return { ...NONE, reason };
  const n = joint_names.length;
  const rows = n === 0 ? 0 : Math.floor(positions.length / n);
  const path = Array.from({ length: rows }, (_, k) => [...positions.subarray(k * n, (k + 1) * n)]);
  return { ok, reason, joint_names, path, tool: T_world_tool, width_m };
}
