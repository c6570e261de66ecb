import type { PictureStream } from './picture_stream.ts';
import type { PageSocket, SocketHandler } from './sockets.ts';

/** /ws/pictures: pictures go out, and nothing comes in. */
export class PictureSocket implements SocketHandler {
  private readonly stream: PictureStream;

  constructor(stream: PictureStream) {
    this.stream = stream;
  }

  open(page: PageSocket) {
    this.stream.add(page);
    return {
      message: () => page.close('nothing is asked for here'),
      closed: () => this.stream.remove(page),
    };
  }
}
