/**
 * A small Linux guest with kernel doors that this machine lacks (/dev/uhid, a USB host and device controller in software).
 * Its root is this machine's own files, read-only over 9p, so that it runs the very code and Node that stand here. Always
 * emulated: hardware virtualisation does not work on every machine.
 */
import { spawn } from 'node:child_process';
import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { initramfs } from './initramfs.ts';
import { guestKernel } from './kernel.ts';

const QEMU = '/usr/bin/qemu-system-x86_64';
const BUSYBOX = ['/bin/busybox', '/usr/bin/busybox'];
const MEMORY_MEGABYTES = 1536;
const MODULES = ['virtio_pci', '9pnet_virtio', '9p', 'configfs', 'uhid', 'hid-generic', 'usbhid', 'cdc-acm'];
const GADGET_MODULES = ['dummy_hcd', 'libcomposite', 'usb_f_hid', 'usb_f_acm'];

export interface GuestOrder {
  /** run by this machine's Node inside the guest */
  readonly script: string;
  readonly timeoutMs: number;
  /** a line of the guest's console */
  readonly onLine: (line: string) => void;
}

const initScript = (script: string): string => `#!/bin/busybox sh
b=/bin/busybox
$b mount -t proc proc /proc
$b mount -t sysfs sys /sys
$b mount -t devtmpfs dev /dev
for m in $($b cat /modules/order); do $b insmod /modules/$m || echo "module $m did not load"; done
$b mount -t configfs config /sys/kernel/config
$b mount -t 9p -o trans=virtio,version=9p2000.L,ro,cache=loose,msize=524288 host /host
for d in proc sys dev; do $b mount --move /$d /host/$d || echo "no $d"; done
$b mount -t tmpfs run /host/run
$b chroot /host /usr/bin/env -i HOME=/run TMPDIR=/run UV_THREADPOOL_SIZE=16 NODE_COMPILE_CACHE= ${process.execPath} ${script}
echo "guest ended with $?"
$b poweroff -f
`;

/** What is missing on this machine for a guest, or undefined. */
export function guestLacks(): string | undefined {
  if (process.arch !== 'x64') return 'an x86-64 machine';
  if (!existsSync(QEMU)) return QEMU;
  return BUSYBOX.some(existsSync) ? undefined : 'busybox-static';
}

/** Resolves when the guest has powered off. @throws where it did not in time; it is killed then */
export async function runGuest(order: GuestOrder): Promise<void> {
  const kernel = guestKernel();
  const folder = mkdtempSync(join(tmpdir(), 'guest-'));
  const disk = join(folder, 'initramfs');
  writeFileSync(
    disk,
    initramfs({
      busybox: BUSYBOX.find(existsSync) as string,
      modules: kernel.modulesFor([...MODULES, ...GADGET_MODULES]),
      init: initScript(order.script),
    }),
  );
  const child = spawn(
    QEMU,
    [
      ...[
        '-M',
        'pc',
        '-accel',
        'tcg,thread=multi',
        '-cpu',
        'max',
        '-smp',
        '1',
        '-m',
        String(MEMORY_MEGABYTES),
      ],
      ...['-display', 'none', '-no-reboot', '-nic', 'none', '-monitor', 'none', '-serial', 'stdio'],
      ...['-virtfs', 'local,path=/,mount_tag=host,security_model=none,readonly=on,multidevs=remap'],
      ...['-kernel', kernel.image, '-initrd', disk],
      ...['-append', 'console=ttyS0 panic=-1 quiet rdinit=/init'],
    ],
    { stdio: ['ignore', 'pipe', 'inherit'] },
  );
  let rest = '';
  child.stdout.on('data', (chunk) => {
    const lines = (rest + String(chunk)).split('\n');
    rest = lines.pop() ?? '';
    for (const line of lines) order.onLine(line.trimEnd());
  });
  const timer = setTimeout(() => child.kill('SIGKILL'), order.timeoutMs);
  try {
    const code = await new Promise<number | null>((resolve, reject) => {
      child.once('error', reject);
      child.once('close', resolve);
    });
    if (code !== 0)
      throw new Error(code === null ? 'the guest did not end in time' : `qemu ended with ${code}`);
  } finally {
    clearTimeout(timer);
    rmSync(folder, { recursive: true, force: true });
  }
}
