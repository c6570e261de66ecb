import { parentPort, workerData } from 'node:worker_threads';
import { createRng, InputError } from '../../contracts/index.ts';
import { type Demonstration, eyeCameras } from '../../learning/index.ts';
import { loadRobot } from '../../robots/index.ts';
import { checkFeatures, Environment, featureCatalogue } from '../env/index.ts';
import { DemonstrationPlayer } from './player.ts';
import type { EpisodeOrder, FromPlayer, PlayerSetup, ToPlayer } from './thread_messages.ts';
import { NetworkPolicy } from './trained_policy.ts';
import { framesOf } from './vision_frames.ts';
import { Seeing } from './vision_seeing.ts';

const ROBOT = 'panda';

/** Body of a thread that plays episodes for a training, one after the other. */
async function main({ environment: options, features, eye }: PlayerSetup): Promise<void> {
  const port = parentPort;
  if (port === null) throw new Error('player_worker.ts runs in a worker thread only');
  const send = (message: FromPlayer, transfer: readonly ArrayBuffer[] = []) => port.postMessage(message, [...transfer]);
  const robot = loadRobot(ROBOT);
  const catalogue = featureCatalogue(robot, options);
  const environment = new Environment(options, robot);
  const known = checkFeatures(features, catalogue, 'the policy in training');
  const seeing = eye === undefined ? null : await Seeing.open(eye);
  const player = new DemonstrationPlayer(environment, known, seeing);
  let policy: NetworkPolicy | null = null;

  const play = async (order: EpisodeOrder): Promise<Demonstration> => {
    const { driver, seed, episode } = order;
    if (order.driver === 'retrace') return player.retraced(seed, episode, order.handover);
    if (order.driver === 'repeat') return player.repeated(seed, episode, order.actions);
    if (driver === 'expert') return player.expert(seed, episode);
    if (policy === null) throw new Error(`episode ${episode} for a ${driver} driver before there is a policy`);
    if (driver === 'policy') return player.policy(seed, episode, policy);
    if (order.driver === 'explore')
      return player.explored(seed, episode, policy, order.deviation, createRng(seed).stream(`noise/${episode}`));
    return player.mixed(seed, episode, policy, createRng(seed).stream(`turns/${episode}`));
  };

  const handle = async (message: ToPlayer): Promise<void> => {
    switch (message.kind) {
      case 'end':
        await policy?.close();
        await seeing?.close();
        port.close();
        return;
      case 'policy':
        await policy?.close();
        policy = await NetworkPolicy.open(message.policy);
        send({ kind: 'ready' });
        return;
      case 'pictures': {
        const { order } = message;
        const cameras = eyeCameras(robot, { width: options.image_width, height: options.image_height });
        const told = known.filter(({ name }) => name === 'tool_rotation' || name === 'tool_position');
        const rng = createRng(order.seed).stream(`pictures/${order.episode}`);
        const frames = framesOf(environment, told, cameras, order, rng);
        send({ kind: 'pictured', frames }, [frames.rgb, frames.heights, frames.labels].map(bufferOf));
        return;
      }
      case 'play': {
        const demonstration = await play(message.order);
        const { observations, actions, followed } = demonstration;
        send({ kind: 'played', demonstration }, [observations, actions, followed].map(bufferOf));
      }
    }
  };

  port.on('message', (message: ToPlayer) => {
    handle(message).catch((error: unknown) => {
      const input = error instanceof InputError;
      const text = error instanceof Error ? (input ? error.message : (error.stack ?? error.message)) : String(error);
      send({ kind: 'failed', input, message: text });
    });
  });
  send({ kind: 'ready' });
}

function bufferOf({ buffer }: Float32Array | Uint8Array): ArrayBuffer {
  if (!(buffer instanceof ArrayBuffer)) throw new Error('demonstrations lie in memory of their own');
  return buffer;
}

void main(workerData);
