import { fileURLToPath } from 'node:url';
import { MessageChannel, type TransferListItem, Worker } from 'node:worker_threads';
import { InputError } from '../../contracts/index.ts';
import type { ArmLink } from '../../runtime/index.ts';
import type { CameraSetup, FromCameras } from './camera_worker.ts';
import type { HostEvents, SimulationHost } from './host.ts';
import type { FromSimulation, LiveSetup, ToSimulation } from './live_worker.ts';
import type { LiveCellOptions } from './options.ts';
import type { Request, Response, ServiceName } from './services.ts';

interface Waiting {
  readonly resolve: (response: never) => void;
  readonly reject: (error: Error) => void;
}

/** A simulation in a thread of its own that keeps real time, with its cameras in another. */
export class LiveThread implements SimulationHost {
  private readonly physics: Worker;
  private readonly cameras: Worker | null;
  private readonly events: HostEvents;
  private readonly waiting = new Map<number, Waiting>();
  private readonly ended: Promise<void>;
  private calls = 0;
  private closing = false;
  private failure: Error | null = null;

  private constructor(physics: Worker, cameras: Worker | null, events: HostEvents) {
    this.physics = physics;
    this.cameras = cameras;
    this.events = events;
    this.ended = new Promise((resolve) => physics.once('exit', () => resolve()));
    physics.on('message', (message: FromSimulation) => this.take(message));
    cameras?.on('message', (message: FromCameras) => {
      if (message.kind === 'picture') events.picture(message.picture);
    });
    for (const worker of [physics, cameras]) worker?.on('error', (error) => this.fail(error));
    physics.on('exit', () => {
      if (!this.closing) this.fail(new Error('the simulation ended by itself'));
    });
  }

  /** Resolves once the arm reports and cameras could take pictures; time stands still until it is told to pass. */
  static async start(options: LiveCellOptions, link: ArmLink, events: HostEvents): Promise<LiveThread> {
    const { port1, port2 } = new MessageChannel();
    const setup: LiveSetup = { options, ...link, cameras: options.cameras ? port1 : null };
    const cameraSetup: CameraSetup = { options, exposures: port2 };
    const physics = startWorker('./live_worker.js', setup, options.cameras ? [port1] : []);
    const cameras = options.cameras ? startWorker('./camera_worker.js', cameraSetup, [port2]) : null;
    try {
      await Promise.all([physics, cameras].map((worker) => firstWord(worker)));
    } catch (error) {
      await Promise.all([physics.terminate(), cameras?.terminate()]);
      throw error;
    }
    return new LiveThread(physics, cameras, events);
  }

  call<K extends ServiceName>(name: K, request: Request<K>): Promise<Response<K>> {
    return new Promise((resolve, reject) => {
      if (this.failure !== null) {
        reject(this.failure);
        return;
      }
      const id = ++this.calls;
      this.waiting.set(id, { resolve, reject });
      this.send({ kind: 'call', id, name, request });
    });
  }

  async close(): Promise<void> {
    if (this.closing) return;
    this.closing = true;
    this.send({ kind: 'close' });
    await this.ended;
    await this.cameras?.terminate();
    this.refuseAll(new Error('the simulation was closed'));
  }

  private send(message: ToSimulation): void {
    this.physics.postMessage(message);
  }

  private take(message: FromSimulation): void {
    switch (message.kind) {
      case 'ready':
        return;
      case 'report':
        this.events.report(message.report, message.timing);
        return;
      case 'quit':
        this.events.quit();
        return;
      case 'answer': {
        const waiting = this.waiting.get(message.id);
        this.waiting.delete(message.id);
        if (message.error !== '') waiting?.reject(InputError.restore(message.error));
        else waiting?.resolve(message.response as never);
      }
    }
  }

  private fail(error: unknown): void {
    if (this.failure !== null || this.closing) return;
    this.failure = error instanceof Error ? error : new Error(String(error));
    this.refuseAll(this.failure);
    this.events.failed(this.failure);
  }

  private refuseAll(error: Error): void {
    for (const { reject } of this.waiting.values()) reject(error);
    this.waiting.clear();
  }
}

function startWorker(script: string, workerData: object, transferList: TransferListItem[]): Worker {
  return new Worker(fileURLToPath(new URL(script, import.meta.url)), { workerData, transferList });
}

function firstWord(worker: Worker | null): Promise<void> {
  return new Promise((resolve, reject) => {
    if (worker === null) {
      resolve();
      return;
    }
    worker.once('message', () => resolve());
    worker.once('error', reject);
    worker.once('exit', (code) => reject(new Error(`a thread of the simulation ended with code ${code}`)));
  });
}
