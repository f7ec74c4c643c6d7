/** The far end of a reader's socket for tests of the client alone: what a well or badly behaved reader would send. */
import { mkdtempSync, rmSync } from 'node:fs';
import { createServer, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  BROADCAST_CHANNEL,
  type Bytes,
  concatBytes,
  createReportReader,
  encodeReports,
  HID_COMMANDS,
  type HidMessage,
  READER_KINDS,
  REPORT_BYTES,
} from '@sandoq/protocol';

export interface ReportPeer {
  readonly path: string;
  /** chunks as they came: one a write of the client, as far as the kernel kept them apart */
  readonly received: HidMessage[];
  connections: number;
  send(message: HidMessage): void;
  sendRaw(bytes: Bytes): void;
  /** the socket ends, the listener stays */
  drop(): void;
  close(): Promise<void>;
}

export const PEER_CHANNEL = 0x0102_0304;

/** @param capabilities none: a reader of the first form, which says nothing of them */
export const initReply = (
  nonce: Bytes,
  kind: number = READER_KINDS.admission,
  ...capabilities: readonly number[]
): HidMessage => ({
  channel: BROADCAST_CHANNEL,
  command: HID_COMMANDS.init,
  data: concatBytes(nonce, Uint8Array.of(1, 2, 3, 4, kind, 4, ...capabilities)),
});

/** Answers INIT, SLOTS (all empty) and PING; everything else is `onMessage`'s. Return true to have answered. */
export async function startPeer(
  onMessage: (message: HidMessage, peer: ReportPeer) => boolean,
): Promise<ReportPeer> {
  const folder = mkdtempSync(join(tmpdir(), 'rp-'));
  const path = join(folder, 's');
  let socket: Socket | undefined;
  const server = createServer((opened) => {
    socket = opened;
    peer.connections++;
    const reader = createReportReader();
    let rest = Buffer.alloc(0);
    opened.on('error', () => opened.destroy());
    opened.on('data', (chunk) => {
      rest = Buffer.concat([rest, chunk]);
      for (; rest.length >= REPORT_BYTES; rest = rest.subarray(REPORT_BYTES)) {
        const outcome = reader.push(rest.subarray(0, REPORT_BYTES));
        if (outcome.kind === 'fault') throw new Error(`the client sent a faulty report: ${outcome.error}`);
        if (outcome.kind !== 'message') continue;
        const { message } = outcome;
        peer.received.push(message);
        if (onMessage(message, peer)) continue;
        if (message.command === HID_COMMANDS.init) peer.send(initReply(message.data));
        else if (message.command === HID_COMMANDS.slots) peer.send({ ...message, data: new Uint8Array(4) });
        else if (message.command === HID_COMMANDS.ping) peer.send(message);
      }
    });
  });
  const peer: ReportPeer = {
    path,
    received: [],
    connections: 0,
    send: (message) => peer.sendRaw(Buffer.concat(encodeReports(message))),
    sendRaw: (bytes) => void socket?.write(bytes),
    drop: () => void socket?.destroy(),
    close: () =>
      new Promise((resolve) => {
        socket?.destroy();
        server.close(() => {
          rmSync(folder, { recursive: true });
          resolve();
        });
      }),
  };
  await new Promise<void>((resolve) => server.listen(path, resolve));
  return peer;
}
