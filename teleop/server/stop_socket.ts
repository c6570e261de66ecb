import { stopMessage } from '../protocol/index.ts';
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
        this.stops.press(stop.id, (progress) => page.send(JSON.stringify(progress)));
        this.onPress(page);
      },
      closed: () => {},
    };
  }
}

function parsed(text: string) {
  try {
    return stopMessage.safeParse(JSON.parse(text)).data ?? null;
  } catch {
    return null;
  }
}
