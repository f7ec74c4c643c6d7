/** Serves the control socket. Each line is one deed; deeds of one connection may be answered out of order. */
import type { Server, Socket } from 'node:net';
import { z } from 'zod';
import { BenchRefusal } from '../bench/refusal.ts';
import { closeServer, listenOn, UNSENT_BYTES_MAX } from '../links/unix-socket.ts';
import { CONTROL_LINE_BYTES_MAX, type Deed, deedSchema, type RoomView, WAITING_DEEDS_MAX } from './deeds.ts';
import { createLineReader, writeLine } from './lines.ts';

export interface DeedTaker {
  /** @param quiet its value is of no interest. @throws BenchRefusal for an impossible deed. */
  perform(deed: Deed, quiet: boolean): Promise<unknown>;
  /** @returns how to stop watching. */
  watch(station: string, onChange: (view: RoomView) => void): () => void;
}

interface Asked {
  readonly id: number;
  /** whether it was done is all that the asker wants to know; or only that it was not */
  readonly quiet: boolean | 'refusal_only';
  /** the deed as it came */
  readonly rest: unknown;
}

/** @returns undefined where there is no number to answer by. */
function askedIn(raw: unknown): Asked | undefined {
  if (typeof raw !== 'object' || raw === null) return undefined;
  const { id, quiet = false, ...rest } = raw as Readonly<Record<string, unknown>>;
  if (!Number.isSafeInteger(id) || (id as number) < 0) return undefined;
  return typeof quiet === 'boolean' || quiet === 'refusal_only'
    ? { id: id as number, quiet, rest }
    : undefined;
}

const refusalOf = (cause: unknown): { readonly code: string; readonly detail?: string } => {
  if (cause instanceof BenchRefusal)
    return cause.detail === undefined ? { code: cause.code } : { code: cause.code, detail: cause.detail };
  return { code: 'failed', detail: cause instanceof Error ? cause.message : 'unknown' };
};

function serve(taker: DeedTaker, socket: Socket): void {
  const unwatch: (() => void)[] = [];
  let waiting = 0;
  const perform = async (id: number, deed: Deed, quiet: Asked['quiet']): Promise<void> => {
    waiting++;
    try {
      const value = await taker.perform(deed, quiet !== false);
      if (quiet !== 'refusal_only')
        writeLine(socket, { id, ok: true, value: quiet ? null : (value ?? null) });
      if (deed.do === 'watch') {
        const onChange = (view: RoomView): void => {
          // A watcher that does not read is dropped: the room does not wait for it.
          if (socket.writableLength > UNSENT_BYTES_MAX) socket.destroy();
          else writeLine(socket, { event: 'room', view });
        };
        unwatch.push(taker.watch(deed.station, onChange));
      }
    } catch (cause) {
      writeLine(socket, { id, ok: false, refusal: refusalOf(cause) });
    } finally {
      waiting--;
    }
  };
  const take = (line: string): void => {
    let raw: unknown;
    try {
      raw = JSON.parse(line);
    } catch {
      writeLine(socket, { id: null, ok: false, refusal: { code: 'bad_request', detail: 'not JSON' } });
      return;
    }
    const asked = askedIn(raw);
    if (asked === undefined) {
      writeLine(socket, { id: null, ok: false, refusal: { code: 'bad_request', detail: 'id is wanted' } });
      return;
    }
    const { id, quiet, rest } = asked;
    const deed = deedSchema.safeParse(rest);
    if (!deed.success) {
      const detail = z.prettifyError(deed.error).slice(0, 500);
      writeLine(socket, { id, ok: false, refusal: { code: 'bad_request', detail } });
    } else if (waiting >= WAITING_DEEDS_MAX) {
      writeLine(socket, { id, ok: false, refusal: { code: 'bad_request', detail: 'too many at once' } });
    } else void perform(id, deed.data, quiet);
  };
  socket.on(
    'data',
    createLineReader(CONTROL_LINE_BYTES_MAX, take, () => socket.destroy()),
  );
  socket.on('error', () => socket.destroy());
  socket.on('close', () => {
    for (const stop of unwatch) stop();
  });
}

export interface ControlServer {
  close(): Promise<void>;
}

export async function serveControl(path: string, taker: DeedTaker): Promise<ControlServer> {
  const open = new Set<Socket>();
  const server: Server = await listenOn(path, (socket) => {
    open.add(socket);
    socket.on('close', () => open.delete(socket));
    serve(taker, socket);
  });
  return {
    async close() {
      for (const socket of open) socket.destroy();
      await closeServer(server, path);
    },
  };
}
