import type { SceneModel } from '../sim/index.ts';
import { CameraThread, type CameraThreadEvents, type LiveCellOptions } from '../stack/index.ts';
import type { MortalNode } from './revived_node.ts';

export interface CameraNodeOptions {
  readonly live: LiveCellOptions;
  readonly scene: SceneModel;
  readonly onPicture: CameraThreadEvents['picture'];
  /** The thread has ended without being told to. */
  readonly onLost: (error: Error) => void;
  /** The compiled camera_worker.js. */
  readonly script?: string;
}

/** The cameras of a simulated cell in a thread of their own; without it nothing is seen, and nothing else waits for it. */
export class CameraNode implements MortalNode {
  readonly name = 'cameras';
  private readonly options: CameraNodeOptions;
  private thread: CameraThread | null = null;

  constructor(options: CameraNodeOptions) {
    this.options = options;
  }

  /** Resolves once pictures can be taken. */
  async configure(): Promise<void> {
    const { live, scene, onPicture, onLost, script } = this.options;
    const failed = (error: Error) => onLost(new Error(`the cameras are gone: ${error.message}`));
    this.thread = await CameraThread.start(live, scene, { picture: onPicture, failed }, script);
  }

  activate(): void {}
  deactivate(): void {}
  async changed(): Promise<void> {}
  tell(): void {}

  async cleanup(): Promise<void> {
    const { thread } = this;
    this.thread = null;
    await thread?.close();
  }

  async kill(): Promise<void> {
    await this.thread?.kill();
  }

  /** Takes a picture of what is exposed; where the thread is gone there is none. */
  expose(exposure: Parameters<CameraThread['expose']>[0]): void {
    this.thread?.expose(exposure);
  }
}
