import { type Node, type NodeContext, stampToSeconds, TOPICS } from '../contracts/index.ts';
import { BodySources } from '../safety/index.ts';
import { BodyChannelWriter } from './body_channel.ts';
import type { Channel } from './channel.ts';
import { MACHINE_CLOCK } from './monotonic_clock.ts';

/**
 * Passes tracked bodies on to the gate in the control thread. When they were sensed is told on the machine's monotonic clock,
 * which that thread has too: their age by the bus's clock when they come, before now.
 */
export class BodyTracksNode implements Node {
  readonly name = 'body_tracks';
  private readonly sources: BodySources;
  private context: NodeContext | null = null;
  private undo: () => void = () => {};

  /** @param frame  name of the arm's root link */
  constructor(frame: string, channel: Channel) {
    this.sources = new BodySources(frame, new BodyChannelWriter(channel));
  }

  async configure(context: NodeContext): Promise<void> {
    this.context = context;
  }

  activate(): void {
    if (this.context === null) throw new Error('the node of tracked bodies is not configured');
    const { bus, clock, log } = this.context;
    const subscription = bus.subscribe(TOPICS.bodies, this.name, (tracks) => {
      const age_s = stampToSeconds(clock.now_ns()) - stampToSeconds(tracks.stamp_ns);
      const refusal = this.sources.hear(tracks, MACHINE_CLOCK.now_s() - age_s);
      if (refusal !== '') log.warn({ refusal }, 'tracked bodies refused');
    });
    this.undo = () => subscription.unsubscribe();
  }

  deactivate(): void {
    this.undo();
    this.undo = () => {};
  }

  async cleanup(): Promise<void> {
    this.context = null;
  }
}
