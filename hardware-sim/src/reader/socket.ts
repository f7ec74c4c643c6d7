/** The reader behind a unix socket: reports as consecutive blocks of 64 bytes, in the place of /dev/hidraw. */
import type { Server, Socket } from 'node:net';
import { type Bytes, REPORT_BYTES } from '@sandoq/protocol';
import { closeServer, listenOn, UNSENT_BYTES_MAX } from '../links/unix-socket.ts';
import type { ReaderDevice } from './device.ts';

function serve(device: Pick<ReaderDevice, 'attach'>, socket: Socket): void {
  let rest: Buffer = Buffer.alloc(0);
  // Reports of one message, and of all messages that one chunk of input gave, leave in one write.
  let out: Bytes[] = [];
  let corked = false;
  const flush = (): void => {
    if (out.length === 0) return;
    const bytes = Buffer.concat(out);
    out = [];
    if (socket.destroyed) return;
    if (socket.writableLength > UNSENT_BYTES_MAX) socket.destroy();
    else socket.write(bytes);
  };
  const host = device.attach((reports) => {
    // Cards that come and go in one moment are told in one write.
    if (out.length === 0 && !corked) process.nextTick(flush);
    out.push(...reports);
  });
  socket.on('data', (chunk) => {
    const bytes = rest.length === 0 ? chunk : Buffer.concat([rest, chunk]);
    corked = true;
    let at = 0;
    for (; at + REPORT_BYTES <= bytes.length; at += REPORT_BYTES)
      host.push(new Uint8Array(bytes.subarray(at, at + REPORT_BYTES)));
    corked = false;
    flush();
    rest = Buffer.from(bytes.subarray(at));
  });
  socket.on('error', () => socket.destroy());
  socket.on('close', () => host.close());
}

export interface ReaderCable {
  plugged(): boolean;
  plug(): Promise<void>;
  pull(): Promise<void>;
}

/** The cable between reader and computer: pulled, its socket is gone from the file system and every host is cut off. */
export function createReaderCable(device: Pick<ReaderDevice, 'attach'>, path: string): ReaderCable {
  let server: Server | undefined;
  const hosts = new Set<Socket>();
  return {
    plugged: () => server !== undefined,
    async plug() {
      if (server !== undefined) return;
      server = await listenOn(path, (socket) => {
        hosts.add(socket);
        socket.on('close', () => hosts.delete(socket));
        serve(device, socket);
      });
    },
    async pull() {
      if (server === undefined) return;
      const closing = server;
      server = undefined;
      for (const socket of hosts) socket.destroy();
      await closeServer(closing, path);
    },
  };
}
