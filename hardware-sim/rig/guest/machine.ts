/**
 * A small Linux guest: a kernel of its own, with doors that this machine lacks and, where one is given, a disk of its own. Its root is
 * this machine's own files, read-only over 9p, so that it runs the very code and Node that stand here. Always emulated:
 * hardware virtualisation does not work on every machine.
 */
import { spawn } from 'node:child_process';
import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { build } from 'esbuild';
import { initramfs } from './initramfs.ts';
import { guestKernel } from './kernel.ts';

const QEMU = '/usr/bin/qemu-system-x86_64';
const BUSYBOX = ['/bin/busybox', '/usr/bin/busybox'];
const MEMORY_MEGABYTES = 1536;
const ROOT_MODULES = ['virtio_pci', '9pnet_virtio', '9p'];
const BUNDLES = join(import.meta.dirname, '..', '..', '..', '.build', 'guest-kernel');

export interface GuestOrder {
  /** run by this machine's Node inside the guest: a path, and arguments behind it */
  readonly script: string;
  /** modules of the kernel beyond those that the root needs, in order */
  readonly modules: readonly string[];
  /** lines of shell before the script; `$b` is busybox, the root is at /host */
  readonly prepare: readonly string[];
  /** more of the emulator's command line */
  readonly emulatorArguments?: readonly string[];
  readonly timeoutMs: number;
  /** a line of the guest's console */
  readonly onLine: (line: string) => void;
}

const initScript = ({ script, prepare }: GuestOrder): string => `#!/bin/busybox sh
b=/bin/busybox
$b mount -t proc proc /proc
$b mount -t sysfs sys /sys
$b mount -t devtmpfs dev /dev
for m in $($b cat /modules/order); do $b insmod /modules/$m || echo "module $m did not load"; done
$b mount -t 9p -o trans=virtio,version=9p2000.L,ro,cache=loose,msize=524288 host /host
$b mount -t tmpfs run /host/run
${prepare.join('\n')}
for d in proc sys dev; do $b mount --move /$d /host/$d || echo "no $d"; done
$b chroot /host /usr/bin/env -i HOME=/run TMPDIR=/run UV_THREADPOOL_SIZE=16 NODE_COMPILE_CACHE= ${process.execPath} ${script}
echo "guest ended with $?"
$b sync
$b umount /host/run/disk 2>/dev/null
$b poweroff -f
`;

/** What is missing on this machine for a guest, or undefined. */
export function guestLacks(): string | undefined {
  if (process.arch !== 'x64') return 'an x86-64 machine';
  if (!existsSync(QEMU)) return QEMU;
  return BUSYBOX.some(existsSync) ? undefined : 'busybox-static';
}

/**
 * One file loads in a tenth of the time of two hundred, where every read crosses an emulated bus. Native parts stay where npm put
 * them; the rest of the stations' code is left out where it is not called.
 * @returns the bundle's path
 */
export async function bundleForGuest(script: string, name: string): Promise<string> {
  const outfile = join(BUNDLES, `${name}.mjs`);
  await build({
    entryPoints: [script],
    outfile,
    bundle: true,
    platform: 'node',
    format: 'esm',
    target: 'node24',
    external: [
      'node-hid',
      'serialport',
      'better-sqlite3',
      'sodium-native',
      '@resvg/resvg-js',
      'electron',
      'esbuild',
      'vite',
    ],
    banner: {
      // Under a name that no bundled module can have imported as well.
      js: "import { createRequire as requireInGuest } from 'node:module'; const require = requireInGuest(import.meta.url);",
    },
    logLevel: 'error',
  });
  return outfile;
}

export interface Guest {
  /** when the guest has powered off. @throws where it did not in time; it is killed then */
  readonly ended: Promise<void>;
  /** `kill -9` of the emulator: `ended` settles as well */
  kill(): void;
}

export function startGuest(order: GuestOrder): Guest {
  const kernel = guestKernel();
  const folder = mkdtempSync(join(tmpdir(), 'guest-'));
  const disk = join(folder, 'initramfs');
  writeFileSync(
    disk,
    initramfs({
      busybox: BUSYBOX.find(existsSync) as string,
      modules: kernel.modulesFor([...ROOT_MODULES, ...order.modules]),
      init: initScript(order),
    }),
  );
  const child = spawn(
    QEMU,
    [
      ...['-M', 'pc', '-accel', 'tcg,thread=multi', '-cpu', 'max', '-smp', '1'],
      ...['-m', String(MEMORY_MEGABYTES)],
      ...['-display', 'none', '-no-reboot', '-nic', 'none', '-monitor', 'none', '-serial', 'stdio'],
      ...['-virtfs', 'local,path=/,mount_tag=host,security_model=none,readonly=on,multidevs=remap'],
      ...['-kernel', kernel.image, '-initrd', disk],
      // On a busy machine the emulated timer may be late for the kernel's own test of it.
      ...['-append', 'console=ttyS0 panic=-1 quiet no_timer_check rdinit=/init'],
      ...(order.emulatorArguments ?? []),
    ],
    { stdio: ['ignore', 'pipe', 'inherit'] },
  );
  let rest = '';
  child.stdout.on('data', (chunk) => {
    const lines = (rest + String(chunk)).split('\n');
    rest = lines.pop() ?? '';
    for (const line of lines) order.onLine(line.trimEnd());
  });
  let killed = false;
  const timer = setTimeout(() => child.kill('SIGKILL'), order.timeoutMs);
  const ended = new Promise<number | null>((resolve, reject) => {
    child.once('error', reject);
    child.once('close', resolve);
  })
    .then((code) => {
      if (code !== 0 && !killed)
        throw new Error(code === null ? 'the guest did not end in time' : `qemu ended with ${code}`);
    })
    .finally(() => {
      clearTimeout(timer);
      rmSync(folder, { recursive: true, force: true });
    });
  return {
    ended,
    kill() {
      killed = true;
      child.kill('SIGKILL');
    },
  };
}
