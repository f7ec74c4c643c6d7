/**
 * A card in the virtual reader of pcscd (vsmartcard's vpcd): a TCP client whose far end the PC/SC service takes for a
 * reader's contacts. Each message is its length in two bytes and its body; a body of one byte is an order to the card.
 */
import { connect, type Socket } from 'node:net';
import type { Card } from '../cards/card.ts';

const ORDERS = { off: 0, on: 1, reset: 2, answer_to_reset: 4 } as const;
/**
 * A contactless card, T=1 (PC/SC part 3, section 3.1.3.2.3), with "SNDQ" as its historical bytes: without any, OpenSC takes
 * it for another maker's card that has no elliptic curves. The last byte is the exclusive or of those behind the first.
 */
export const ANSWER_TO_RESET = Uint8Array.of(0x3b, 0x84, 0x80, 0x01, 0x53, 0x4e, 0x44, 0x51, 0x0d);
const LENGTH_BYTES = 2;

export interface InsertedCard {
  remove(): void;
}

function serve(socket: Socket, card: Card): void {
  let rest = Buffer.alloc(0);
  const send = (bytes: Uint8Array): void => {
    const message = Buffer.alloc(LENGTH_BYTES + bytes.length);
    message.writeUInt16BE(bytes.length);
    message.set(bytes, LENGTH_BYTES);
    socket.write(message);
  };
  const take = (body: Buffer): void => {
    if (body.length > 1) send(card.transmit(new Uint8Array(body)));
    else if (body[0] === ORDERS.answer_to_reset) send(ANSWER_TO_RESET);
    else card.reset();
  };
  socket.on('data', (chunk) => {
    rest = Buffer.concat([rest, chunk]);
    while (rest.length >= LENGTH_BYTES) {
      const end = LENGTH_BYTES + rest.readUInt16BE(0);
      if (rest.length < end) return;
      const body = rest.subarray(LENGTH_BYTES, end);
      rest = rest.subarray(end);
      if (body.length > 0) take(body);
    }
  });
}

/** Rejects where no virtual reader listens at the port. */
export function insertIntoVirtualReader(card: Card, port: number): Promise<InsertedCard> {
  return new Promise((resolve, reject) => {
    const socket = connect(port, '127.0.0.1');
    socket.once('error', reject);
    socket.once('connect', () => {
      socket.off('error', reject);
      socket.on('error', () => socket.destroy());
      serve(socket, card);
      resolve({ remove: () => socket.destroy() });
    });
  });
}
