import { spawn } from 'node:child_process';
import { existsSync, mkdtempSync, readdirSync, readlinkSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { SerialPort } from 'serialport';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createSerialCable, type SerialCable } from '../src/index.ts';
import { UNSENT_BYTES_MAX } from '../src/links/unix-socket.ts';

let folder: string;
let cable: SerialCable;
let heard: Buffer;

beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'sandoq-pty-'));
  heard = Buffer.alloc(0);
  cable = createSerialCable({
    pty: join(folder, 'box'),
    onData: (bytes) => {
      heard = Buffer.concat([heard, bytes]);
    },
    onBroken: () => undefined,
  });
  await cable.plug();
});
afterEach(async () => {
  await cable.pull();
  rmSync(folder, { recursive: true, force: true });
});

const until = async (holds: () => boolean): Promise<void> => {
  while (!holds()) await new Promise((resolve) => setTimeout(resolve, 2));
};

function open(): Promise<{ port: SerialPort; got: () => Buffer; closed: Promise<unknown> }> {
  return new Promise((resolve, reject) => {
    let data = Buffer.alloc(0);
    const port = new SerialPort({ path: join(folder, 'box'), baudRate: 115200 }, (cause) => {
      if (cause === null) resolve({ port, got: () => data, closed });
      else reject(cause);
    });
    const closed = new Promise((done) => port.once('close', done));
    port.on('data', (chunk: Buffer) => {
      data = Buffer.concat([data, chunk]);
    });
    port.on('error', () => undefined);
  });
}
const close = (port: SerialPort): Promise<void> => new Promise((resolve) => port.close(() => resolve()));

describe('the serial cable', () => {
  it('carries every byte value both ways through a real serial port', async () => {
    const { port, got } = await open();
    const all = Buffer.from(Array.from({ length: 4096 }, (_, i) => i & 0xff));
    port.write(all);
    await until(() => heard.length >= all.length);
    expect(heard).toEqual(all);
    cable.write(all);
    await until(() => got().length >= all.length);
    expect(got()).toEqual(all);
    await close(port);
  });

  it('is opened again and again by hosts that come and go', async () => {
    for (let i = 0; i < 3; i++) {
      const { port } = await open();
      port.write(Buffer.from([i]));
      await until(() => heard.length === i + 1);
      await close(port);
    }
    expect([...heard]).toEqual([0, 1, 2]);
  });

  it('is open again after a host was killed', async () => {
    const script = `
      import { SerialPort } from 'serialport';
      const port = new SerialPort({ path: process.argv[1], baudRate: 115200 }, () => port.write('x'));`;
    const child = spawn(process.execPath, ['--input-type=module', '-e', script, join(folder, 'box')], {
      cwd: import.meta.dirname,
      stdio: 'ignore',
    });
    await until(() => heard.length === 1);
    const gone = new Promise((resolve) => child.once('exit', resolve));
    child.kill('SIGKILL');
    await gone;
    const { port } = await open();
    port.write('y');
    await until(() => heard.length === 2);
    expect(heard.toString()).toBe('xy');
    await close(port);
  });

  it('pulled: the host sees its port close; plugged in again: the same path works', async () => {
    const first = await open();
    await cable.pull();
    await first.closed;
    expect(existsSync(join(folder, 'box'))).toBe(false);
    cable.write(Buffer.from('lost'));
    expect(cable.lostBytes()).toBe(4);
    await cable.plug();
    const second = await open();
    second.port.write('again');
    await until(() => heard.toString() === 'again');
    await close(second.port);
  });

  it('with nobody reading, keeps a bounded number of bytes and loses the rest as a wire does', async () => {
    const chunk = Buffer.alloc(64 * 1024, 7);
    for (let sent = 0; sent < UNSENT_BYTES_MAX * 2; sent += chunk.length) cable.write(chunk);
    expect(cable.lostBytes()).toBeGreaterThanOrEqual(UNSENT_BYTES_MAX - chunk.length);
    const kept = UNSENT_BYTES_MAX * 2 - cable.lostBytes();
    const { port, got } = await open();
    await until(() => got().length >= kept);
    expect(got().length).toBe(kept);
    await close(port);
  });

  it('leaves no path and no open terminal behind', async () => {
    const terminals = (): number =>
      readdirSync('/proc/self/fd').filter((fd) => {
        try {
          return /^\/dev\/(pts\/\d+|ptmx)$/.test(readlinkSync(`/proc/self/fd/${fd}`));
        } catch {
          return false;
        }
      }).length;
    const before = terminals();
    await cable.pull();
    expect(terminals()).toBe(before - 2);
    expect(existsSync(join(folder, 'box'))).toBe(false);
  });
});
