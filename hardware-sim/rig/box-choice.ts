/** `--box` and `--port`: which box the bench is the metal of. */
import { existsSync, statSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { BOX_HOSTS, type BoxHostKind, type StationBenchInput } from '@sandoq/hardware-sim';

export const BOX_HELP = `  --box KIND        sim: the firmware's core in Node (default); qemu: its image on an emulated Cortex-M4;
                    serial: a board at serial ports
  --port PORTS      the board's ports: a folder with host, printer, pad and mechanics, or those four paths with
                    commas between them; --box serial:PORTS says the same`;

export interface BoxChoice {
  readonly host: BoxHostKind;
  readonly ports?: NonNullable<StationBenchInput['box']['ports']>;
}

const SERIAL_AT = 'serial:';
const LINES = ['host', 'printer', 'pad', 'mechanics'] as const;

function portsOf(port: string): BoxChoice['ports'] | string {
  const isFolder = existsSync(port) && statSync(port).isDirectory();
  const paths = isFolder ? LINES.map((line) => join(resolve(port), line)) : port.split(',');
  const [host, printer, pad, mechanics] = paths;
  if (paths.length !== LINES.length || !host || !printer || !pad || !mechanics)
    return `--port wants a folder with ${LINES.join(', ')}, or those four paths with commas, got ${port}`;
  const absent = paths.find((path) => !existsSync(path));
  return absent === undefined ? { host, printer, pad, mechanics } : `--port: there is no ${absent}`;
}

/** @returns the choice, or what is wrong with the options */
export function boxChoice(box: string | undefined, port: string | undefined): BoxChoice | string {
  if (box?.startsWith(SERIAL_AT) === true)
    return port === undefined
      ? boxChoice('serial', box.slice(SERIAL_AT.length))
      : '--port stands in --box already';
  const host = BOX_HOSTS.find((one) => one === (box ?? 'sim'));
  if (host === undefined) return `--box wants one of ${BOX_HOSTS.join(', ')}, got ${box}`;
  if (host !== 'serial') return port === undefined ? { host } : '--port belongs to --box serial';
  if (port === undefined) return '--box serial wants --port';
  const ports = portsOf(port);
  return typeof ports === 'string' ? ports : { host, ...(ports === undefined ? {} : { ports }) };
}
