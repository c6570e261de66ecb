import type { Node, NodeContext } from '../contracts/index.ts';
import { type StoppedThing, StopSocket } from './stop_socket.ts';

/** Keeps a stop socket open while it is active. Where none can be opened the other ways to stop are left, and it says so. */
export class StopSocketNode implements Node {
  readonly name = 'stop_socket';
  private readonly thing: StoppedThing;
  private context: NodeContext | null = null;
  private opening: Promise<StopSocket | null> = Promise.resolve(null);
  private state = 'closed';

  constructor(thing: StoppedThing) {
    this.thing = thing;
  }

  async configure(context: NodeContext): Promise<void> {
    this.context = context;
  }

  activate(): void {
    const { context } = this;
    this.opening = StopSocket.open(this.thing).then(
      (socket) => {
        this.state = socket.path;
        return socket;
      },
      (error: unknown) => {
        this.state = error instanceof Error ? error.message : String(error);
        context?.log.error({ error: this.state }, 'surepick safety stop reaches this arm over ROS only');
        return null;
      },
    );
  }

  deactivate(): void {
    const { opening } = this;
    this.state = 'closed';
    this.opening = opening.then(async (socket) => {
      await socket?.close();
      return null;
    });
  }

  async cleanup(): Promise<void> {
    await this.opening;
    this.context = null;
  }

  diagnostics(): Readonly<Record<string, string | number>> {
    return { stop_socket: this.state };
  }
}
