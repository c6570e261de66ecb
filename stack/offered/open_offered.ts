import { createHash } from 'node:crypto';
import { InputError, type OfferedPolicy } from '../../contracts/index.ts';
import type { Robot } from '../../robots/index.ts';
import { canonicalJson, type Envelope, envelopeForRobot } from '../../safety/index.ts';
import { PolicyNetwork } from '../learned/policy_network.ts';
import { type FittingPolicy, fitTaskPolicy, readTaskPolicy } from '../policies/task_policy_file.ts';

/** A learned policy that people may start in a cell, its network loaded. */
export interface OpenPolicy {
  readonly offered: OfferedPolicy;
  readonly policy: FittingPolicy;
  readonly network: PolicyNetwork;
}

/**
 * Opens policies for a cell whose gate has this envelope. InputError for one that does not fit robot or envelope, does
 * another task than bringing one object to a place, or is there twice.
 */
export async function openOffered(
  files: readonly string[],
  robot: Robot,
  envelope: Envelope,
): Promise<readonly OpenPolicy[]> {
  const policies = files.map((file) => checked(fitTaskPolicy(readTaskPolicy(file), robot), envelope));
  const hashes = policies.map(({ manifest }) => manifest.sha256);
  const twice = policies.find(({ manifest }, i) => hashes.indexOf(manifest.sha256) !== i);
  if (twice !== undefined) throw new InputError(`${twice.where}: a policy that is offered already`, 'each once');
  return Promise.all(policies.map(opened));
}

/**
 * Opens policies for a robot that tells no more than its sensors and cameras do. InputError as above, for one that is told
 * what only a simulator knows, and, where the robot is real, for one that was trained under no safety envelope.
 */
export async function openOnRobot(
  files: readonly string[],
  robot: Robot,
  real: boolean,
): Promise<readonly OpenPolicy[]> {
  const envelope = envelopeForRobot(robot);
  for (const file of files) {
    const { features, manifest, where } = fitTaskPolicy(readTaskPolicy(file), robot);
    const untold = features.filter(({ told }) => told === 'state').map(({ name }) => name);
    if (untold.length > 0) {
      throw new InputError(
        `${where}: ${untold.join(', ')} of observation`,
        'what a robot tells of itself; only a simulated cell of its own (without --bus ros) knows the true state of objects',
      );
    }
    if (manifest.images === undefined) {
      throw new InputError(`${where}: no images`, 'pictures of cameras, without which it knows of no object here');
    }
    if (real && manifest.envelope_sha256 === null) {
      throw new InputError(
        `${where}: envelope_sha256 null`,
        `${hashOf(envelope)} on a real arm: train the policy under its safety envelope`,
      );
    }
  }
  return openOffered(files, robot, envelope);
}

function hashOf(envelope: Envelope): string {
  return createHash('sha256').update(canonicalJson(envelope)).digest('hex');
}

function checked(policy: FittingPolicy, envelope: Envelope): FittingPolicy {
  const { manifest, where, environment } = policy;
  if (environment.task !== 'pick-place') {
    throw new InputError(
      `${where}: task ${manifest.task}`,
      'must be pick-place: a person says which object, and where to',
    );
  }
  const own = hashOf(envelope);
  if (manifest.envelope_sha256 !== null && manifest.envelope_sha256 !== own) {
    throw new InputError(
      `${where}: trained under safety envelope ${manifest.envelope_sha256}`,
      `the cell has ${own}; leave its envelope as it comes, or train under this one`,
    );
  }
  return policy;
}

async function opened(policy: FittingPolicy): Promise<OpenPolicy> {
  const { name, version_of_policy, sha256, task, rate_hz, confidence } = policy.manifest;
  const network = await PolicyNetwork.open(policy);
  // The first run takes longer than the others.
  await network.run();
  const offered: OfferedPolicy = {
    ...{ name, version: version_of_policy, model_sha256: sha256, task, rate_hz },
    told: policy.features.some(({ told }) => told === 'state') ? 'state' : 'robot',
    ask_below: confidence?.ask_below ?? 0,
  };
  return { offered, policy, network };
}
