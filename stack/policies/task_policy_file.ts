import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { InputError } from '../../contracts/index.ts';
import { parseTaskPolicyManifest, type TaskPolicyManifest } from '../../control/index.ts';
import type { Robot } from '../../robots/index.ts';
import { canonicalJson, envelopeForRobot } from '../../safety/index.ts';
import { TASK_NAMES } from '../../sim/index.ts';
import { actionNames } from '../env/actions.ts';
import { checkFeatures, type Feature, featureCatalogue } from '../env/features.ts';
import type { EnvironmentOptions } from '../env/options.ts';
import { CONTROL_HZ } from '../rates.ts';

/** A policy for a task as it lies in memory: its network, what its manifest says, and its name in errors. */
export interface TaskPolicyModel {
  readonly bytes: Uint8Array;
  readonly manifest: TaskPolicyManifest;
  readonly where: string;
}

/** A policy that fits a robot, with what has to be known to play it. */
export interface FittingPolicy extends TaskPolicyModel {
  readonly features: readonly Feature[];
  /** What an environment for it has to be, beside the world. */
  readonly environment: Pick<
    EnvironmentOptions,
    'task' | 'observation' | 'action' | 'policy_hz' | 'image_width' | 'image_height'
  >;
}

/** The manifest's file beside a network's. */
export function manifestFileOf(file: string): string {
  return join(dirname(file), `${basename(file, '.onnx')}.manifest.json`);
}

/** Reads `NAME.onnx` by the `NAME.manifest.json` beside it. InputError if one cannot be read or they are not of each other. */
export function readTaskPolicy(file: string): TaskPolicyModel {
  const manifest_file = manifestFileOf(file);
  const manifest = parseTaskPolicyManifest(parseJson(read(manifest_file), manifest_file), manifest_file);
  const bytes = read(file);
  const found = createHash('sha256').update(bytes).digest('hex');
  if (found !== manifest.sha256) {
    throw new InputError(
      `${file}: SHA-256 ${found}`,
      `the manifest is of ${manifest.sha256}; bring both from one source`,
    );
  }
  return { bytes, manifest, where: file };
}

/** SHA-256 of the safety envelope that episodes of a robot are played under, as canonical JSON. */
export function envelopeSha256(robot: Robot): string {
  return createHash('sha256')
    .update(canonicalJson(envelopeForRobot(robot)))
    .digest('hex');
}

/** Holds a policy to the robot and to what there is to be told. InputError names what does not fit. */
export function fitTaskPolicy(model: TaskPolicyModel, robot: Robot): FittingPolicy {
  const { manifest, where } = model;
  const { action, rate_hz, images } = manifest;
  if (manifest.robot !== robot.name) throw new InputError(`${where}: robot ${manifest.robot}`, `is ${robot.name}`);
  const task = TASK_NAMES.find((name) => name === manifest.task);
  if (task === undefined) throw new InputError(`${where}: task ${manifest.task}`, TASK_NAMES.join(', '));
  if (CONTROL_HZ % rate_hz !== 0 || rate_hz < 5) {
    throw new InputError(`${where}: rate_hz ${rate_hz}`, `must be 5 to 100 and divide ${CONTROL_HZ}`);
  }
  const names = actionNames(action.kind, robot);
  if (names.join() !== action.names.join()) {
    throw new InputError(`${where}: action.names ${action.names.join(', ')}`, `must be ${names.join(', ')}`);
  }
  const envelope = envelopeSha256(robot);
  if (manifest.envelope_sha256 !== null && manifest.envelope_sha256 !== envelope) {
    throw new InputError(
      `${where}: trained under safety envelope ${manifest.envelope_sha256}`,
      `the robot has ${envelope}; train it under this one`,
    );
  }
  const features = checkFeatures(manifest.observation, featureCatalogue(robot, { task, action: action.kind }), where);
  const privileged = features.find(({ told }) => told === 'state');
  if (images !== undefined && privileged !== undefined) {
    throw new InputError(`${where}: ${privileged.name} beside pictures`, 'what the robot itself knows');
  }
  return {
    ...model,
    features,
    environment: {
      task,
      observation: images === undefined ? 'state' : 'rgbd',
      action: action.kind,
      policy_hz: rate_hz,
      image_width: images?.width ?? 84,
      image_height: images?.height ?? 84,
    },
  };
}

function read(file: string): Buffer {
  try {
    return readFileSync(file);
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw new InputError(`file of the policy ${file}`, `cannot be read: ${reason}`, { cause });
  }
}

function parseJson(bytes: Buffer, file: string): unknown {
  try {
    return JSON.parse(bytes.toString('utf8'));
  } catch (cause) {
    throw new InputError(file, `is not JSON: ${cause instanceof Error ? cause.message : String(cause)}`, { cause });
  }
}
