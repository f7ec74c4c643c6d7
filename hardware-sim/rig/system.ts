/**
 * What the project needs beyond npm, from Debian: installs it as root or through sudo, otherwise prints the one
 * line to run. Idempotent; says nothing when all is there.
 */
import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';

interface Need {
  readonly packageName: string;
  readonly provides: readonly string[];
}

/** A need is met when one of the paths exists. */
const NEEDS: readonly Need[] = [
  { packageName: 'chromium', provides: ['/usr/bin/chromium'] },
  {
    packageName: 'libusb-1.0-0',
    provides: [
      '/usr/lib/x86_64-linux-gnu/libusb-1.0.so.0',
      '/usr/lib/aarch64-linux-gnu/libusb-1.0.so.0',
      '/lib/x86_64-linux-gnu/libusb-1.0.so.0',
    ],
  },
  // Of the shim under SQLite that records, tears and refuses writes.
  { packageName: 'gcc', provides: ['/usr/bin/gcc'] },
  {
    packageName: 'libc6-dev',
    provides: ['/usr/include/x86_64-linux-gnu/sys/types.h', '/usr/include/aarch64-linux-gnu/sys/types.h'],
  },
  { packageName: 'e2fsprogs', provides: ['/usr/sbin/mkfs.ext4', '/sbin/mkfs.ext4'] },
  { packageName: 'qemu-system-arm', provides: ['/usr/bin/qemu-system-arm'] },
  { packageName: 'gcc-arm-none-eabi', provides: ['/usr/bin/arm-none-eabi-gcc'] },
  { packageName: 'libnewlib-arm-none-eabi', provides: ['/usr/lib/arm-none-eabi/newlib/libc.a'] },
  { packageName: 'opensc', provides: ['/usr/bin/opensc-tool'] },
  { packageName: 'pcscd', provides: ['/usr/sbin/pcscd'] },
  { packageName: 'vsmartcard-vpcd', provides: ['/etc/reader.conf.d/vpcd'] },
  { packageName: 'qemu-system-x86', provides: ['/usr/bin/qemu-system-x86_64'] },
  { packageName: 'busybox-static', provides: ['/bin/busybox', '/usr/bin/busybox'] },
  { packageName: 'udev', provides: ['/usr/bin/udevadm', '/bin/udevadm', '/sbin/udevadm'] },
];

const missing = NEEDS.filter((need) => !need.provides.some((path) => existsSync(path))).map(
  (need) => need.packageName,
);
if (missing.length > 0) {
  const asRoot = process.getuid?.() === 0;
  const sudo = !asRoot && spawnSync('sudo', ['-n', 'true']).status === 0;
  const line = `apt-get update && apt-get install -y --no-install-recommends ${missing.join(' ')}`;
  if (!asRoot && !sudo) {
    console.error(`These Debian packages are missing. Run once:\n\n  sudo sh -c '${line}'\n`);
    process.exit(1);
  }
  console.error(`installing from Debian: ${missing.join(' ')}`);
  const environment = { ...process.env, DEBIAN_FRONTEND: 'noninteractive' };
  const ran = spawnSync(asRoot ? 'sh' : 'sudo', asRoot ? ['-c', line] : ['-E', 'sh', '-c', line], {
    stdio: ['ignore', 'ignore', 'inherit'],
    env: environment,
  });
  if (ran.status !== 0) {
    console.error(`The installation failed. Run: sudo sh -c '${line}'`);
    process.exit(1);
  }
}
