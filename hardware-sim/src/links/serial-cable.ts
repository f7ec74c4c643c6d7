/**
 * The serial cable between computer and box: a pty that `serialport` opens, kept by socat, whose other end is a unix
 * socket of ours. We hold the pty's slave open as well, so that a host may close and open it like an RS-232 port that
 * stays powered. Pulling the cable kills socat; plugging it in makes a new pty under the same path.
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { closeSync, constants, openSync, rmSync } from 'node:fs';
import type { Server, Socket } from 'node:net';
import type { Bytes } from '@sandoq/protocol';
import { closeServer, listenOn, UNSENT_BYTES_MAX } from './unix-socket.ts';

/** socat is there in a few milliseconds; a machine under load is given time. */
export const CABLE_READY_TIMEOUT_MS = 10_000;
const POLL_INTERVAL_MS = 5;

export interface SerialCable {
  plugged(): boolean;
  plug(): Promise<void>;
  pull(): Promise<void>;
  /** Bytes from the box. With the cable pulled, or with nobody reading for long, they are lost as on a wire. */
  write(bytes: Bytes): void;
  readonly lostBytes: () => number;
}

export interface SerialCableSettings {
  /** path at which the pty appears */
  readonly pty: string;
  /** path of the socket between socat and us */
  readonly socket: string;
  readonly onData: (bytes: Bytes) => void;
  /** socat ended without being told to: the cable counts as pulled. */
  readonly onBroken: () => void;
}

interface Plugged {
  readonly server: Server;
  readonly child: ChildProcess;
  readonly peer: Socket;
  readonly held: number;
}

function openSlave(pty: string): number | undefined {
  try {
    return openSync(pty, constants.O_RDWR | constants.O_NOCTTY | constants.O_NONBLOCK);
  } catch {
    return undefined; // socat has not made it yet
  }
}

async function waitFor<Value>(what: string, poll: () => Value | undefined): Promise<Value> {
  const deadline = performance.now() + CABLE_READY_TIMEOUT_MS;
  for (;;) {
    const value = poll();
    if (value !== undefined) return value;
    if (performance.now() > deadline) throw new Error(`${what} did not come up; is socat installed?`);
    await new Promise((resolve) => setTimeout(resolve, POLL_INTERVAL_MS));
  }
}

export function createSerialCable(settings: SerialCableSettings): SerialCable {
  let plugged: Plugged | undefined;
  let lost = 0;
  const takeApart = async (parts: Plugged): Promise<void> => {
    closeSync(parts.held);
    const ended =
      parts.child.exitCode !== null || parts.child.signalCode !== null
        ? Promise.resolve()
        : new Promise<void>((resolve) => parts.child.once('exit', () => resolve()));
    parts.child.kill('SIGKILL');
    parts.peer.destroy();
    await ended;
    rmSync(settings.pty, { force: true }); // killed, socat leaves its link behind
    await closeServer(parts.server, settings.socket);
  };
  const start = async (): Promise<Plugged> => {
    let peer: Socket | undefined;
    const server = await listenOn(settings.socket, (socket) => {
      if (peer === undefined) peer = socket;
      else socket.destroy(); // one cable, one end
    });
    rmSync(settings.pty, { force: true });
    const child = spawn(
      'socat',
      ['-t0', `PTY,link=${settings.pty},raw,echo=0`, `UNIX-CONNECT:${settings.socket}`],
      { stdio: 'ignore' },
    );
    let failed: Error | undefined;
    child.once('error', (cause) => {
      failed = cause;
    });
    try {
      const held = await waitFor('the serial cable', () => {
        if (failed !== undefined) throw failed;
        return openSlave(settings.pty);
      });
      const end = await waitFor('the far end of the serial cable', () => peer);
      return { server, child, peer: end, held };
    } catch (cause) {
      child.kill('SIGKILL');
      peer?.destroy();
      await closeServer(server, settings.socket);
      throw cause;
    }
  };
  return {
    plugged: () => plugged !== undefined,
    lostBytes: () => lost,
    async plug() {
      if (plugged !== undefined) return;
      const parts = await start();
      plugged = parts;
      parts.peer.on('data', (chunk) => settings.onData(chunk));
      parts.peer.on('error', () => parts.peer.destroy());
      parts.child.once('exit', () => {
        if (plugged !== parts) return;
        plugged = undefined;
        void takeApart(parts).then(settings.onBroken);
      });
    },
    async pull() {
      if (plugged === undefined) return;
      const parts = plugged;
      plugged = undefined;
      await takeApart(parts);
    },
    write(bytes) {
      if (plugged === undefined || plugged.peer.writableLength > UNSENT_BYTES_MAX) {
        lost += bytes.length;
        return;
      }
      // Frames of one step of the box leave in one write: a system call costs more than a frame.
      const { peer } = plugged;
      if (peer.writableCorked === 0) {
        peer.cork();
        process.nextTick(() => peer.uncork());
      }
      peer.write(bytes);
    },
  };
}
