/** Several admission terminals of one station as real processes, on a line that can be cut. */
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { type AddressInfo, connect, createServer, type Server, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { writeProvisioning } from '@sandoq/tally-server';
import { enrolAdmission } from '../src/admission/start.ts';
import { Room, type RoomOptions } from './admission-room.ts';
import { provisioningFiles, STATION } from './admission-world.ts';

/** Between two terminals: passes bytes on, or does not. */
export class CuttableLine {
  readonly #server: Server;
  readonly #sockets = new Set<Socket>();
  #isCut = false;

  constructor(portOf: () => number) {
    this.#server = createServer((near) => {
      if (this.#isCut) {
        near.destroy();
        return;
      }
      const far = connect({ host: '127.0.0.1', port: portOf() });
      for (const [from, to] of [
        [near, far],
        [far, near],
      ] as const) {
        this.#sockets.add(from);
        from.on('error', () => to.destroy());
        from.once('close', () => {
          this.#sockets.delete(from);
          to.destroy();
        });
        from.pipe(to);
      }
    });
  }

  listen = (): Promise<number> =>
    new Promise((resolve) =>
      this.#server.listen(0, '127.0.0.1', () => resolve((this.#server.address() as AddressInfo).port)),
    );

  cut(): void {
    this.#isCut = true;
    for (const socket of this.#sockets) socket.destroy();
  }

  mend(): void {
    this.#isCut = false;
  }

  async close(): Promise<void> {
    this.cut();
    await new Promise<void>((resolve) => this.#server.close(() => resolve()));
  }
}

export async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  await new Promise<void>((resolve) => server.close(() => resolve()));
  return port;
}

export interface StationOptions extends RoomOptions {
  readonly total: number;
  /** every terminal with a second disk */
  readonly hasSecondDisk?: boolean;
}

export class TerminalsRoom {
  readonly folder = mkdtempSync(join(tmpdir(), 'tr-'));
  readonly terminals: Room[] = [];
  readonly #lines = new Map<string, CuttableLine>();

  async build(options: StationOptions): Promise<void> {
    const numbers = Array.from({ length: options.total }, (_, i) => i + 1);
    const folderOf = (number: number): string => join(this.folder, String(number));
    const keys = numbers.map((number) => {
      mkdirSync(folderOf(number));
      return enrolAdmission(join(folderOf(number), 'admission'), STATION, number).publicKey;
    });
    const packageFolder = join(this.folder, 'package');
    writeProvisioning(packageFolder, provisioningFiles(keys, options));
    const ports: number[] = [];
    for (const _ of numbers) ports.push(await freePort());
    for (const number of numbers) {
      const peers: { readonly number: number; readonly host: string; readonly port: number }[] = [];
      for (const lower of numbers.filter((one) => one < number)) {
        const line = new CuttableLine(() => ports[lower - 1] as number);
        this.#lines.set(`${lower}-${number}`, line);
        peers.push({ number: lower, host: '127.0.0.1', port: await line.listen() });
      }
      const second = join(folderOf(number), 'stick');
      if (options.hasSecondDisk === true) mkdirSync(second);
      this.terminals.push(
        new Room(options, {
          number,
          total: options.total,
          folder: folderOf(number),
          packageFolder,
          config: {
            number,
            listen: { host: '127.0.0.1', port: ports[number - 1] },
            peers,
            second_folder: options.hasSecondDisk === true ? join(second, 'journal') : null,
          },
        }),
      );
    }
  }

  async start(): Promise<void> {
    for (const terminal of this.terminals) {
      await terminal.plug();
      await terminal.start();
    }
    for (const terminal of this.terminals) await this.joined(terminal);
    for (const terminal of this.terminals) await terminal.open();
  }

  /** Everybody it should see is there. */
  joined = (terminal: Room): Promise<unknown> =>
    terminal.until((view) => view.terminals?.others.every((one) => one.state === 'connected') === true);

  line(one: number, other: number): CuttableLine {
    const line = this.#lines.get(`${Math.min(one, other)}-${Math.max(one, other)}`);
    if (line === undefined) throw new Error('no such line');
    return line;
  }

  /** From all others. */
  cutOff(number: number): void {
    for (const [name, line] of this.#lines) if (name.split('-').includes(String(number))) line.cut();
  }

  mendAll(): void {
    for (const line of this.#lines.values()) line.mend();
  }

  async close(): Promise<void> {
    for (const terminal of this.terminals) await terminal.close();
    for (const line of this.#lines.values()) await line.close();
    rmSync(this.folder, { recursive: true, force: true });
  }
}

export async function openTerminals(options: StationOptions): Promise<TerminalsRoom> {
  const room = new TerminalsRoom();
  await room.build(options);
  await room.start();
  return room;
}
