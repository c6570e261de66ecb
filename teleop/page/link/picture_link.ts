import type { AuthMessage } from '../../protocol/commands.ts';
import { PICTURE_HEADER_BYTES, type PictureHeader, readPictureHeader } from '../../protocol/pictures.ts';
import { BackOff } from '../core/back_off.ts';
import { storedToken } from './session.ts';

const RETRY = { first_ms: 500, most_ms: 5000 };

/** The socket for pictures, open while the control socket is; its trouble concerns pictures alone. */
export class PictureLink {
  private readonly tab: string;
  private readonly onPicture: (header: PictureHeader, jpeg: Uint8Array<ArrayBuffer>) => void;
  private readonly backOff = new BackOff(RETRY, Math.random);
  private socket: WebSocket | null = null;
  private timer: ReturnType<typeof setTimeout> | undefined;
  private wanted = false;

  constructor(tab: string, onPicture: (header: PictureHeader, jpeg: Uint8Array<ArrayBuffer>) => void) {
    this.tab = tab;
    this.onPicture = onPicture;
  }

  want(wanted: boolean): void {
    if (this.wanted === wanted) return;
    this.wanted = wanted;
    if (wanted) this.connect();
    else {
      clearTimeout(this.timer);
      this.socket?.close();
      this.socket = null;
    }
  }

  private connect(): void {
    const token = storedToken();
    if (!this.wanted || this.socket !== null || token === null) return;
    const socket = new WebSocket(`${location.protocol === 'https:' ? 'wss' : 'ws'}://${location.host}/ws/pictures`);
    socket.binaryType = 'arraybuffer';
    this.socket = socket;
    const auth: AuthMessage = { type: 'auth', token, tab: this.tab };
    socket.onopen = () => socket.send(JSON.stringify(auth));
    socket.onmessage = ({ data }) => {
      const header = data instanceof ArrayBuffer ? readPictureHeader(data) : null;
      if (header === null) return;
      this.backOff.succeeded();
      this.onPicture(header, new Uint8Array(data, PICTURE_HEADER_BYTES));
    };
    socket.onclose = () => {
      if (this.socket !== socket) return;
      this.socket = null;
      this.timer = setTimeout(() => this.connect(), this.backOff.next_ms());
    };
  }
}
