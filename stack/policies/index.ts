import type { Rng } from '../../contracts/index.ts';
import {
  type CalibrationFile,
  calibratedUncertainties,
  type Detector,
  EscalationNode,
  openCameraFrames,
  openDetector,
  PerceptionNode,
  PerceptionRequestsNode,
} from '../../perception/index.ts';
import { PlanningNode } from '../../planning/index.ts';
import type { Robot } from '../../robots/index.ts';
import type { PhysicsEngine, SceneModel } from '../../sim/index.ts';
import { modelSources } from '../models/index.ts';
import type { EpisodeOptions } from '../options.ts';
import { plannedPolicy } from './planned.ts';
import type { Policy } from './policy.ts';
import { RandomPolicyNode } from './random.ts';
import { StateDetectionsNode } from './state_detections.ts';

export type { Policy } from './policy.ts';

/** What a policy may be built from. Only policies that are told the state use scene and engine. */
export interface PolicyWorld {
  readonly scene: SceneModel;
  readonly engine: PhysicsEngine;
  readonly rng: Rng;
  /** How long people have to answer (s); by default as long as the node gives them. */
  readonly answer_within_s?: number;
}

/** Makes the policy of each episode; keeps what is loaded once. */
export interface PolicyFactory {
  readonly model_sha256: string | null;
  /** Why the classical detector stands in for the network; empty when it does not. */
  readonly degraded_reason: string;
  create(world: PolicyWorld): Policy;
  close(): Promise<void>;
}

const nothing = async () => {};
const stopwatch = () => performance.now() / 1000;

/** What stands between a policy and what it is made of: faults of drills and tests. */
export interface PolicyChanges {
  /** What looks in place of the detector that was opened. */
  readonly detector?: (detector: Detector) => Detector;
}

/**
 * @param calibration  of the cameras whose infos the cell corrects by it; null where they are as put up
 * @throws InputError when a model that was named cannot be used
 */
export async function createPolicyFactory(
  options: EpisodeOptions,
  robot: Robot,
  { detector: change = (detector) => detector }: PolicyChanges = {},
  calibration: CalibrationFile | null = null,
): Promise<PolicyFactory> {
  switch (options.policy) {
    case 'stack': {
      const cameras = calibratedUncertainties(calibration);
      const detector = change(await openDetector(options.model, { stopwatch, cameras, ...modelSources(process.env) }));
      const openFrames = await openCameraFrames();
      return {
        model_sha256: detector.model_sha256,
        degraded_reason: detector.degraded_reason,
        create: ({ rng, answer_within_s }) => {
          const frames = openFrames();
          return plannedPolicy([
            new PerceptionNode({ detector, frames: frames.overview, only_when_subscribed: true }),
            new PerceptionRequestsNode({ detector, frames, cameras }),
            new EscalationNode({
              ...(answer_within_s === undefined ? {} : { answer_within_s }),
              hashOf: (model) => (model === detector.model ? (detector.model_sha256 ?? '') : ''),
            }),
            new PlanningNode({ robot, rng, stopwatch }),
          ]);
        },
        close: () => detector.close(),
      };
    }
    case 'expert':
      return {
        model_sha256: null,
        degraded_reason: '',
        create: ({ scene, engine, rng }) =>
          plannedPolicy([new StateDetectionsNode(scene, engine), new PlanningNode({ robot, rng, stopwatch })]),
        close: nothing,
      };
    case 'random':
      return {
        model_sha256: null,
        degraded_reason: '',
        create: ({ rng }) => plannedPolicy([new RandomPolicyNode({ robot, rng })]),
        close: nothing,
      };
  }
}
