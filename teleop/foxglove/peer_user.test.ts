import { type AddressInfo, connect, createServer } from 'node:net';
import { describe, expect, it } from 'vitest';
import { isOwnUser, userOfSocket } from './peer_user.ts';

const TABLE = `  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode
   0: 00000000:07E8 00000000:0000 0A 00000000:00000000 00:00000000 00000000     0        0 137 1
   1: 0100007F:8054 0100007F:223D 01 00000000:00000000 00:00000000 00000000  1000        0 138 1
   2: 0100007F:223D 0100007F:8054 01 00000000:00000000 00:00000000 00000000  1001        0 139 1
`;
const TABLE_6 = `  sl  local_address                         remote_address                        st tx_queue rx_queue tr tm->when retrnsmt   uid
   0: 00000000000000000000000001000000:8054 00000000000000000000000001000000:223D 01 00000000:00000000 00:00000000 00000000  1002        0 1
   1: 0000000000000000FFFF00000100007F:8055 0000000000000000FFFF00000100007F:223D 01 00000000:00000000 00:00000000 00000000  1003        0 1
`;
const at = (address: string, port: number) => ({ address, port });

describe('whose a socket is', () => {
  it('is in the kernel’s table, by both ends', () => {
    expect(userOfSocket(TABLE, at('127.0.0.1', 0x8054), at('127.0.0.1', 0x223d))).toBe(1000);
    expect(userOfSocket(TABLE, at('127.0.0.1', 0x223d), at('127.0.0.1', 0x8054))).toBe(1001);
    expect(userOfSocket(TABLE_6, at('::1', 0x8054), at('::1', 0x223d))).toBe(1002);
    expect(userOfSocket(TABLE_6, at('::ffff:127.0.0.1', 0x8055), at('127.0.0.1', 0x223d))).toBe(1003);
    for (const peer of [at('127.0.0.2', 0x8054), at('127.0.0.1', 0x8055), at('::2', 0x8054)])
      expect(userOfSocket(TABLE, peer, at('127.0.0.1', 0x223d))).toBeNull();
    for (const table of ['', 'x', TABLE.replace('1000', 'abcd')])
      expect(userOfSocket(table, at('127.0.0.1', 0x8054), at('127.0.0.1', 0x223d)), table).toBeNull();
  });

  it.runIf(process.platform === 'linux')(
    'is this user’s for a connection of its own, and nobody’s for another',
    async () => {
      for (const host of ['127.0.0.1', '::1']) {
        const server = createServer().listen(0, host);
        const listening = await new Promise<boolean>((resolve) => {
          server.once('listening', () => resolve(true));
          server.once('error', () => resolve(false));
        });
        if (!listening && host === '::1') continue;
        const { port } = server.address() as AddressInfo;
        const taken = new Promise<{ peer: ReturnType<typeof at>; own: ReturnType<typeof at> }>((resolve) => {
          server.once('connection', (socket) => {
            const { remoteAddress = '', remotePort = 0, localAddress = '', localPort = 0 } = socket;
            resolve({ peer: at(remoteAddress, remotePort), own: at(localAddress, localPort) });
          });
        });
        const client = connect(port, host);
        const { peer, own } = await taken;
        expect(await isOwnUser(peer, own), host).toBe(true);
        expect(await isOwnUser({ ...peer, port: 1 }, own), host).toBe(false);
        client.destroy();
        await new Promise((resolve) => server.close(resolve));
      }
    },
  );
});
