import { nodeRandomness } from '@sandoq/protocol/node';
import { expect, test, vi } from 'vitest';
import { createReader } from '../src/devices/reader.ts';
import { reportLinkOf } from '../src/devices/reader-link.ts';
import { virtualClock } from './virtual-clock.ts';

test('a HID path without a device, or a machine without the HID library, is a reader that is absent', async () => {
  const reader = createReader({
    kind: 'admission',
    slotCount: 4,
    open: reportLinkOf({ kind: 'hid', path: '/dev/hidraw-not-there' }),
    clock: virtualClock(),
    random: nodeRandomness,
    onChange: () => undefined,
  });
  await vi.waitFor(() => expect(reader.status()).toMatchObject({ state: 'lost', code: 'reader_absent' }), {
    timeout: 20_000,
  });
  reader.close();
});
