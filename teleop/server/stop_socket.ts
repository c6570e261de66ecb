import type { Session } from '../access/index.ts';
import { type StopMessage, type StopProgress, stopMessage } from '../protocol/index.ts';
import type { PageSocket, SocketHandler } from './sockets.ts';
import type { StopChannel } from './stop_channel.ts';

/** /ws/stop: a press stops the arm whoever holds the lease; anything else closes the socket. */
export class StopSocketHandler implements SocketHandler {
  private readonly stops: StopChannel;
  private readonly onPress: (page: PageSocket) => void;

  constructor(stops: StopChannel, onPress: (page: PageSocket) => void) {
    this.stops = stops;
    this.onPress = onPress;
  }

  open(page: PageSocket) {
    return {
      message: (text: string) => {
        const stop = parsed(text);
        if (stop === null) {
          page.close('only a stop');
          return;
        }
        const tell = (progress: StopProgress) => page.send(JSON.stringify(progress));
        if (this.stops.press(stop.id, tell, keyOf(page.session, stop))) this.onPress(page);
      },
      closed: () => {},
    };
  }
}

/** The same for every copy of a press of Stop, whichever way it comes. */
export function keyOf({ id: session }: Pick<Session, 'id'>, { id, pressed_ms }: StopMessage): string {
  return `${session} ${id} ${pressed_ms}`;
}

function parsed(text: string) {
  try {
    return stopMessage.safeParse(JSON.parse(text)).data ?? null;
  } catch {
    return null;
  }
}
