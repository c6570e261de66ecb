import { describe, expect, it } from 'vitest';
import { createRng, type Pose } from '../../contracts/index.ts';
import { composePoses, invertPose, matrixFromAxisAngle, quaternionFromMatrix } from '../../dynamics/index.ts';
import { loadRobot } from '../../robots/index.ts';
import type { HandEyePair } from '../hand_eye.ts';
import { DEFAULT_SETTINGS } from '../settings.ts';
import { handEyeTargets, judgeHandEye, ToolPose } from './hand_eye.ts';

const PANDA = loadRobot('panda', { visualMeshes: false });
const CAMERA = DEFAULT_SETTINGS.camera_frame;
const place = new ToolPose(PANDA);
const DESCRIBED = place.inTool(CAMERA);

/** What a camera at X on the hand sees of a target on the table in the poses of the stage; noise of a good tag. */
function look(X: Pose, noise_m = 2e-4, turns = handEyeTargets(PANDA, PANDA.home_q.slice(0, 7))): HandEyePair[] {
  const rng = createRng(9, 'hand_eye_stage');
  const target: Pose = { position: [0.5, 0.05, 0], orientation: [0, 0, 0, 1] };
  return turns.map((q) => {
    const T_base_tool = place.of(q);
    const seen = composePoses(invertPose(composePoses(T_base_tool, X)), target);
    const [x, y, z] = seen.position.map((p) => p + noise_m * rng.normal());
    return { T_base_tool, T_camera_target: { ...seen, position: [x, y, z] } };
  });
}

const judge = (pairs: HandEyePair[]) => judgeHandEye(pairs, { robot: PANDA, settings: DEFAULT_SETTINGS });
const words = (pairs: HandEyePair[]) => judge(pairs).findings.map(({ what }) => what);

describe('hand-eye stage', () => {
  it('turns the wrist enough to know the camera within millimetres', () => {
    if (DESCRIBED === null) throw new Error(`no frame ${CAMERA}`);
    const outcome = judge(look(DESCRIBED));
    expect(outcome.verdict).toBe('passed');
    expect(outcome.findings.map(({ severity }) => severity)).toEqual(['note']);
    const { T_tool_camera } = outcome.measurements;
    expect(T_tool_camera).toMatchObject({ position: DESCRIBED.position.map((p) => expect.closeTo(p, 2)) });
  });

  it('says when the camera is not where the description has it', () => {
    if (DESCRIBED === null) throw new Error(`no frame ${CAMERA}`);
    const orientation = quaternionFromMatrix(matrixFromAxisAngle([0, 1, 0], 0.1));
    const bumped = composePoses(DESCRIBED, { position: [0.02, 0, 0], orientation });
    expect(words(look(bumped)).join()).toMatch(/camera is (19|20|21)\.\d mm and 0\.(09|10)\d rad from where/);
  });

  it('fails where camera and tool disagree, where the target is rarely seen, and where nothing turned', () => {
    if (DESCRIBED === null) throw new Error(`no frame ${CAMERA}`);
    expect(words(look(DESCRIBED, 0.02)).join()).toMatch(/tool and camera disagree by/);
    expect(words(look(DESCRIBED).slice(0, 3)).join()).toMatch(/seen in 3 poses, fewer than 5/);
    const still = Array.from({ length: 6 }, () => PANDA.home_q.slice(0, 7));
    expect(words(look(DESCRIBED, 1e-4, still)).join()).toMatch(/turned about two axes/);
  });
});
