import { getPriority, platform, setPriority } from 'node:os';
import { type MessagePort, parentPort, workerData } from 'node:worker_threads';
import { loadRobot } from '../../robots/index.ts';
import { drawUnrecordedWorld } from '../world_record.ts';
import { CameraRig, type Picture } from './exposure.ts';
import type { ToCameras } from './live_worker.ts';
import type { LiveCellOptions } from './options.ts';

/** Handed to the cameras' thread once; what they see comes over `exposures`. */
export interface CameraSetup {
  readonly options: LiveCellOptions;
  readonly exposures: MessagePort;
}

export type FromCameras = { readonly kind: 'ready' } | { readonly kind: 'picture'; readonly picture: Picture };

/** Body of the thread in which pictures are drawn, so that they never hold the physics up. */
function main({ options, exposures }: CameraSetup): void {
  // On Linux niceness is the thread's own: pictures can wait, whatever goes first in this process.
  if (platform() === 'linux' && getPriority() < 0) setPriority(0, 0);
  const robot = loadRobot(options.robot);
  const { randomization, rng } = drawUnrecordedWorld(options, options.episode, robot);
  const rig = new CameraRig(robot.model, randomization, rng);
  exposures.on('message', (message: ToCameras) => {
    if (message.kind === 'scene') {
      rig.setScene(message.scene);
      return;
    }
    const picture = rig.take(message.exposure);
    exposures.postMessage(message.exposure.camera);
    if (picture === null) return;
    const { colour, depth } = picture.frame;
    const sent: FromCameras = { kind: 'picture', picture };
    const buffers = [colour.data.buffer, depth.data.buffer].filter((buffer) => buffer instanceof ArrayBuffer);
    parentPort?.postMessage(sent, buffers);
  });
  const ready: FromCameras = { kind: 'ready' };
  parentPort?.postMessage(ready);
}

main(workerData);
