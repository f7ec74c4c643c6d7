/** Unix sockets with their bounds: path length, a stale file of a killed process, bytes that nobody reads. */
import { rmSync } from 'node:fs';
import { createConnection, createServer, type Server, type Socket } from 'node:net';

/** `sun_path` of Linux less its terminating zero. */
export const SOCKET_PATH_BYTES_MAX = 107;
/** Written and not yet read: a peer further behind than this is stuck. */
export const UNSENT_BYTES_MAX = 1024 * 1024;

/** @throws RangeError for a path that the kernel would cut. */
export function demandSocketPath(path: string): void {
  const bytes = Buffer.byteLength(path);
  if (bytes > SOCKET_PATH_BYTES_MAX)
    throw new RangeError(`socket path of ${bytes} bytes, at most ${SOCKET_PATH_BYTES_MAX}: ${path}`);
}

/** A socket file that nobody answers on was left by a killed process; one that answers belongs to a living one. */
async function removeStale(path: string): Promise<void> {
  const alive = await new Promise<boolean>((resolve) => {
    const probe = createConnection(path);
    probe.once('connect', () => {
      probe.destroy();
      resolve(true);
    });
    probe.once('error', () => resolve(false));
  });
  if (alive) throw new Error(`another process serves ${path}`);
  rmSync(path, { force: true });
}

export async function listenOn(path: string, onSocket: (socket: Socket) => void): Promise<Server> {
  demandSocketPath(path);
  await removeStale(path);
  const server = createServer(onSocket);
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(path, () => {
      server.off('error', reject);
      resolve();
    });
  });
  return server;
}

/** Open connections are the caller's to destroy first. */
export async function closeServer(server: Server, path: string): Promise<void> {
  await new Promise<void>((resolve) => server.close(() => resolve()));
  rmSync(path, { force: true });
}
