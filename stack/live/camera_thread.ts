import { fileURLToPath } from 'node:url';
import { MessageChannel, type MessagePort, Worker } from 'node:worker_threads';
import type { CameraName } from '../../contracts/index.ts';
import type { SceneModel } from '../../sim/index.ts';
import type { CameraSetup, FromCameras } from './camera_worker.ts';
import type { Exposure, Picture } from './exposure.ts';
import type { ToCameras } from './live_worker.ts';
import type { LiveCellOptions } from './options.ts';

export interface CameraThreadEvents {
  readonly picture: (picture: Picture) => void;
  /** There are no pictures any more. */
  readonly failed: (error: Error) => void;
}

/** Pictures of one camera that may wait for the thread. */
const MOST_PENDING = 2;

/** The cameras of a cell, which draw in a thread of their own, so that pictures never hold the cell's loop up. */
export class CameraThread {
  /** Pictures that were not taken because the thread was behind. */
  skipped = 0;
  private readonly worker: Worker;
  private readonly exposures: MessagePort;
  private readonly pending = new Map<CameraName, number>();
  private closing = false;

  private readonly loaded: Promise<void>;

  private constructor(worker: Worker, exposures: MessagePort, { picture, failed }: CameraThreadEvents) {
    this.worker = worker;
    this.exposures = exposures;
    exposures.on('message', (camera: CameraName) => this.pending.set(camera, (this.pending.get(camera) ?? 1) - 1));
    let fault: Error | null = null;
    worker.on('error', (error) => {
      fault = error;
    });
    this.loaded = new Promise((resolve, reject) => {
      worker.on('message', (message: FromCameras) => {
        if (message.kind === 'ready') resolve();
        else if (!this.closing) picture(message.picture);
      });
      worker.once('exit', (code) => {
        exposures.close();
        const error = fault ?? new Error(`the cameras' thread ended with code ${code}`);
        reject(error);
        if (!this.closing) failed(error);
      });
    });
  }

  /**
   * Resolves once pictures can be taken.
   * @param script  the compiled camera_worker.js
   */
  static async start(
    options: LiveCellOptions,
    scene: SceneModel,
    events: CameraThreadEvents,
    script: string = fileURLToPath(new URL('./camera_worker.js', import.meta.url)),
  ): Promise<CameraThread> {
    const { port1, port2 } = new MessageChannel();
    const workerData: CameraSetup = { options, exposures: port2 };
    const thread = new CameraThread(new Worker(script, { workerData, transferList: [port2] }), port1, events);
    await thread.loaded;
    thread.send({ kind: 'scene', scene });
    return thread;
  }

  /** Takes a picture of what is exposed, or skips it where too many wait. */
  expose(exposure: Exposure): void {
    const waiting = this.pending.get(exposure.camera) ?? 0;
    if (waiting >= MOST_PENDING) {
      this.skipped++;
      return;
    }
    this.pending.set(exposure.camera, waiting + 1);
    this.send({ kind: 'expose', exposure });
  }

  async close(): Promise<void> {
    this.closing = true;
    await this.worker.terminate();
  }

  /** Ends it at once, as a fault would. */
  async kill(): Promise<void> {
    await this.worker.terminate();
  }

  private send(message: ToCameras): void {
    this.exposures.postMessage(message);
  }
}
