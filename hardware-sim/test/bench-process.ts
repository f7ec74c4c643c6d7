/** A real bench process for tests, on a folder of its own. */
import { type ChildProcess, spawn } from 'node:child_process';
import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createConnection, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { FIRMWARE_FILE } from '@sandoq/firmware-host';
import {
  BROADCAST_CHANNEL,
  type Bytes,
  createFrameReader,
  createReportReader,
  decodeBoxMessage,
  encodeFrame,
  encodeReports,
  encodeRequest,
  HID_COMMANDS,
  type HidMessage,
  parseApduAnswer,
  REPORT_BYTES,
  type wire,
} from '@sandoq/protocol';
import { SerialPort } from 'serialport';
import { type BenchClient, createBenchClient, type StationBenchInput } from '../src/index.ts';

const SCRIPT = join(import.meta.dirname, '../bin/bench.ts');

export function demandFirmware(): void {
  if (!existsSync(FIRMWARE_FILE)) throw new Error('run npm run firmware:build first');
}

export interface BenchFolder {
  readonly folder: string;
  readonly control: string;
  station(id: string): StationBenchInput;
  remove(): void;
}

export function benchFolder(): BenchFolder {
  const folder = mkdtempSync(join(tmpdir(), 'sandoq-bench-'));
  return {
    folder,
    control: join(folder, 'control'),
    station: (id) => ({
      station_id: id,
      folder: join(folder, id),
      box: { pty: join(folder, `${id}.box`), flash: join(folder, id, 'flash.bin') },
      role_reader_socket: join(folder, `${id}.roles`),
      admission_reader_socket: join(folder, `${id}.reader`),
      mechanics: 'virtual',
    }),
    remove: () => rmSync(folder, { recursive: true, force: true }),
  };
}

export interface BenchProcess {
  readonly child: ChildProcess;
  readonly client: BenchClient;
  readonly ready: { readonly panel: string | null };
  stop(signal: 'SIGTERM' | 'SIGKILL'): Promise<number | null>;
}

export function spawnBench(config: unknown, folder: string): ChildProcess {
  const path = join(folder, 'bench.json');
  writeFileSync(path, typeof config === 'string' ? config : JSON.stringify(config));
  return spawn(process.execPath, ['--disable-warning=ExperimentalWarning', SCRIPT, '--config', path], {
    stdio: ['ignore', 'pipe', 'pipe'],
  });
}

export async function startBenchProcess(
  at: BenchFolder,
  stations: readonly StationBenchInput[],
  panel: { readonly host: string; readonly port: number } | null = null,
): Promise<BenchProcess> {
  const child = spawnBench(
    { data_folder: at.folder, control_socket: at.control, panel, stations },
    at.folder,
  );
  const exited = new Promise<number | null>((resolve) => child.once('exit', (code) => resolve(code)));
  let errors = '';
  child.stderr?.on('data', (chunk: Buffer) => {
    errors += chunk.toString();
  });
  const ready = await new Promise<string>((resolve, reject) => {
    let text = '';
    child.stdout?.on('data', (chunk: Buffer) => {
      text += chunk.toString();
      const line = /^ready (\{.*\})$/m.exec(text);
      if (line !== null) resolve(line[1] as string);
    });
    void exited.then((code) => reject(new Error(`the bench ended with ${code}: ${errors}`)));
  });
  const client = await createBenchClient(at.control);
  return {
    child,
    client,
    ready: JSON.parse(ready) as { readonly panel: string | null },
    async stop(signal) {
      child.kill(signal);
      const code = await exited;
      client.close();
      return code;
    },
  };
}

/** A host at a reader's socket: init, then one APDU at a time. */
export async function readerHost(path: string): Promise<{
  apdu(slot: number, apdu: Bytes): Promise<{ readonly data: Bytes; readonly statusWord: number }>;
  close(): void;
}> {
  const socket: Socket = createConnection(path);
  await new Promise((resolve, reject) => socket.once('connect', resolve).once('error', reject));
  const reader = createReportReader();
  const heard: HidMessage[] = [];
  let wake = (): void => undefined;
  let rest = Buffer.alloc(0);
  socket.on('data', (chunk) => {
    rest = Buffer.concat([rest, chunk]);
    for (; rest.length >= REPORT_BYTES; rest = rest.subarray(REPORT_BYTES)) {
      const outcome = reader.push(new Uint8Array(rest.subarray(0, REPORT_BYTES)));
      if (outcome.kind === 'message') heard.push(outcome.message);
    }
    wake();
  });
  const exchange = async (channel: number, command: number, data: Bytes): Promise<Bytes> => {
    socket.write(Buffer.concat(encodeReports({ channel, command, data })));
    for (;;) {
      const found = heard.findIndex((message) => message.channel === channel && message.command === command);
      if (found >= 0) return (heard.splice(found, 1)[0] as HidMessage).data;
      const error = heard.find((message) => message.command === HID_COMMANDS.error);
      if (error !== undefined) throw new Error(`reader error ${error.data[0]}`);
      await new Promise<void>((resolve) => {
        wake = resolve;
      });
    }
  };
  const init = await exchange(BROADCAST_CHANNEL, HID_COMMANDS.init, new Uint8Array(8));
  const channel = new DataView(init.buffer, init.byteOffset).getUint32(8);
  return {
    async apdu(slot, apdu) {
      const answer = await exchange(channel, HID_COMMANDS.apdu, Uint8Array.of(slot, ...apdu));
      const parsed = parseApduAnswer(answer.subarray(1));
      if (parsed === undefined) throw new Error('no status word');
      return parsed;
    },
    close: () => socket.destroy(),
  };
}

/** HELLO through a real serial port. */
export async function helloOver(pty: string): Promise<wire.HelloReply> {
  const port = new SerialPort({ path: pty, baudRate: 115200, autoOpen: false });
  await new Promise<void>((resolve, reject) =>
    port.open((cause) => (cause === null ? resolve() : reject(cause))),
  );
  try {
    return await new Promise<wire.HelloReply>((resolve, reject) => {
      const reader = createFrameReader(
        (payload) => {
          const message = decodeBoxMessage(payload);
          if (!message.ok) reject(new Error(message.fault.code));
          else if (message.value.kind === 'refusal') reject(new Error(message.value.body.reason));
          else if (message.value.kind === 'reply' && message.value.request === 'hello')
            resolve(message.value.body as wire.HelloReply);
        },
        () => undefined,
      );
      port.on('data', (chunk: Buffer) => reader.push(chunk));
      port.write(
        encodeFrame(
          encodeRequest('hello', 7, { challenge: new Uint8Array(32), softwareHash: new Uint8Array(32) }),
        ),
      );
    });
  } finally {
    await new Promise<void>((resolve) => port.close(() => resolve()));
  }
}
