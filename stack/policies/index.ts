import { InputError, type Rng } from '../../contracts/index.ts';
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
import type { PhysicsEngine, Randomization, SceneModel, SecondWorld, TaskInstance } from '../../sim/index.ts';
import type { SimCell } from '../cell.ts';
import { PolicyNetwork } from '../learned/policy_network.ts';
import { modelSources } from '../models/index.ts';
import { type EpisodeOptions, policyFileOf } from '../options.ts';
import { plannedPolicy } from './planned.ts';
import type { Policy } from './policy.ts';
import { RandomPolicyNode } from './random.ts';
import { StateDetectionsNode } from './state_detections.ts';
import { TaskPolicy } from './task_policy.ts';
import { type FittingPolicy, fitTaskPolicy, readTaskPolicy } from './task_policy_file.ts';

export type { Policy } from './policy.ts';

/** What a policy may be built from. Only policies that are told the state use scene and engine. */
export interface PolicyWorld {
  readonly scene: SceneModel;
  readonly engine: PhysicsEngine;
  readonly rng: Rng;
  /** How long people have to answer (s); by default as long as the node gives them. */
  readonly answer_within_s?: number;
  /** What policies drive that command the arm themselves; absent where nothing but the bus does. */
  readonly driven?: PolicyCell;
}

/** A cell in lock-step with its policy. */
export interface PolicyCell {
  readonly cell: SimCell;
  readonly instance: TaskInstance;
  readonly randomization: Randomization;
  /** The episode's own stream. */
  readonly episode_rng: Rng;
  readonly second_world: SecondWorld | null;
}

/** Makes the policy of each episode; keeps what is loaded once. */
export interface PolicyFactory {
  readonly model_sha256: string | null;
  /** Decisions each second, where it drives the cell itself; else it decides by pictures. */
  readonly policy_hz?: number;
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
  const file = policyFileOf(options.policy);
  if (file !== null) return learnedPolicies(file, options, robot);
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
    default:
      throw new InputError(`policy ${options.policy}`, 'stack, expert, random or onnx:FILE');
  }
}

/** A policy from a file, which its pin holds to the one that was meant. */
async function learnedPolicies(
  file: string,
  { policy_sha256: pinned, task, observation }: EpisodeOptions,
  robot: Robot,
): Promise<PolicyFactory> {
  const policy = fitTaskPolicy(readTaskPolicy(file), robot);
  const { sha256 } = policy.manifest;
  if (pinned !== undefined && pinned !== sha256)
    throw new InputError(`policy ${file} of SHA-256 ${sha256}`, `the episode is of ${pinned}; bring that file`);
  checkSetting(policy, task, observation);
  const network = await PolicyNetwork.open(policy);
  return {
    model_sha256: sha256,
    policy_hz: policy.environment.policy_hz,
    degraded_reason: '',
    create: ({ driven }) => {
      if (driven === undefined) throw new InputError(`policy onnx:${file}`, 'stack or expert here');
      return new TaskPolicy(policy, network, robot, driven);
    },
    close: () => network.close(),
  };
}

function checkSetting(
  { where, environment }: FittingPolicy,
  task: EpisodeOptions['task'],
  observation: EpisodeOptions['observation'],
): void {
  if (environment.task !== task) throw new InputError(`--task ${task}`, `${where} does ${environment.task}`);
  if (environment.observation === 'rgbd' && observation === 'state')
    throw new InputError('--observation state', `${where} sees with cameras; use --observation rgbd`);
}
