// A box at real serial ports: its host link, and where the bench plays its metal, the ports of printer, card pad and
// mechanics. Its power and its flash are its own.
import { SerialPort } from 'serialport';
import type { StopReason } from './sim.ts';

export const BAUD_RATE = 115_200;

/** Paths of the box's ports, by the core's numbers; a box with metal of its own gives only the host link. */
export interface SerialPorts {
  readonly host: string;
  readonly metal?: { readonly printer: string; readonly pad: string; readonly mechanics: string };
}

export interface SerialBoxOptions {
  readonly ports: SerialPorts;
  /** Bytes that left the box. */
  readonly transmit: (port: number, bytes: Uint8Array) => void;
  /** A port went away: the cable was pulled or the box lost its power. */
  readonly onStop?: (reason: StopReason, why: string) => void;
}

export interface SerialBox {
  /** All its ports are open. */
  readonly powered: boolean;
  /** Opens the ports. @throws with the name of one that cannot be opened */
  open(): Promise<void>;
  /** Closes them; the box goes on without us. */
  close(): Promise<void>;
  receive(port: number, bytes: Uint8Array): void;
}

const HOST = 0;
const PRINTER = 2;
const PAD = 3;
const MECHANICS = 4;

const openPort = (path: string): Promise<SerialPort> =>
  new Promise((resolve, reject) => {
    const port = new SerialPort({ path, baudRate: BAUD_RATE, autoOpen: false });
    port.open((cause) => (cause === null ? resolve(port) : reject(new Error(`${path}: ${cause.message}`))));
  });

const closePort = (port: SerialPort): Promise<void> =>
  new Promise((resolve) => {
    if (port.isOpen) port.close(() => resolve());
    else resolve();
  });

export function createSerialBox(options: SerialBoxOptions): SerialBox {
  const { host, metal } = options.ports;
  const wanted: readonly (readonly [number, string])[] = [
    [HOST, host],
    ...(metal === undefined
      ? []
      : ([
          [PRINTER, metal.printer],
          [PAD, metal.pad],
          [MECHANICS, metal.mechanics],
        ] as const)),
  ];
  let opened = new Map<number, SerialPort>();
  const close = async (): Promise<void> => {
    const closing = [...opened.values()];
    opened = new Map();
    await Promise.all(closing.map(closePort));
  };
  const gone = (path: string): void => {
    if (opened.size === 0) return;
    void close();
    options.onStop?.('power_cut', `${path} went away`);
  };
  return {
    get powered() {
      return opened.size > 0;
    },
    async open() {
      if (opened.size > 0) return;
      const ports = new Map<number, SerialPort>();
      try {
        for (const [number, path] of wanted) ports.set(number, await openPort(path));
      } catch (cause) {
        await Promise.all([...ports.values()].map(closePort));
        throw cause;
      }
      opened = ports;
      for (const [number, path] of wanted) {
        const port = ports.get(number) as SerialPort;
        port.on('data', (bytes: Buffer) => options.transmit(number, bytes));
        port.on('error', () => gone(path));
        port.on('close', () => gone(path));
      }
    },
    close,
    receive(number, bytes) {
      opened.get(number)?.write(Buffer.from(bytes));
    },
  };
}
