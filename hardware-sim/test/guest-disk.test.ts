/** Promise: what the stores acknowledged is there after the machine under them died. The long run: `npm run lab -- disk --only guest`. */
import { mkdtempSync, rmSync } from 'node:fs';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { type GuestStores, judgeStores, nextDeed, storesAfter } from '../rig/disk/guest-deeds.ts';
import { guestDiskLacks, killGuests } from '../rig/disk/guest-kills.ts';
import { guestKernel } from '../rig/guest/kernel.ts';
import { createVolatileDisk } from '../rig/guest/volatile-disk.ts';
import { chanceOf } from '../rig/simulation/chance.ts';

const TIMEOUT_MS = 600_000;
const SECTOR = 512;

function missing(): string | undefined {
  const lacks = guestDiskLacks();
  if (lacks !== undefined) return lacks;
  try {
    guestKernel();
    return undefined;
  } catch {
    return 'a kernel from apt';
  }
}

describe('what is found after a kill', () => {
  const found = (done: number, more: Partial<GuestStores> = {}): GuestStores => ({
    ...storesAfter(done),
    inHand: done % 6 === 1 || done % 6 === 2 ? Math.floor(done / 6) : null,
    ...more,
  });

  it('may be the last acknowledged deed or the one after it, and is gone on from', () => {
    for (let done = 0; done < 60; done++) {
      expect(judgeStores(found(done), done)).toBeUndefined();
      expect(judgeStores(found(done + 1), done)).toBeUndefined();
      // A cleared ballot leaves nothing to tell it from one that was not begun: it is begun again.
      const next = nextDeed(found(done));
      expect([0, 1, 2].map((behind) => done - behind)).toContain(next);
    }
  });

  it('is told as lost where a vote, a line, a pending ballot or an admission is missing', () => {
    expect(judgeStores(found(17, { stored: [0, 1] }), 17)).toMatch(/lost/);
    expect(judgeStores(found(10, { pending: null }), 10)).toMatch(/lost/);
    expect(judgeStores(found(9, { lines: 2 }), 9)).toMatch(/lost/);
    expect(judgeStores(found(14, { journal: [0, 1] }), 14)).toMatch(/lost/);
    expect(judgeStores(found(13, { inHand: null }), 13)).toMatch(/in hand/);
  });
});

describe('the disk that forgets', () => {
  it('keeps what was flushed, and of the rest what it is told to', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'volatile-'));
    const disk = await createVolatileDisk(Buffer.alloc(8 * SECTOR), join(folder, 'nbd'));
    try {
      const socket = connect(disk.socket);
      const request = (type: number, sector: number, fill?: number): Buffer => {
        const head = Buffer.alloc(28);
        head.writeUInt32BE(0x25609513, 0);
        head.writeUInt16BE(type, 6);
        head.writeBigUInt64BE(BigInt(sector * SECTOR), 16);
        head.writeUInt32BE(fill === undefined ? 0 : 2 * SECTOR, 24);
        return fill === undefined ? head : Buffer.concat([head, Buffer.alloc(2 * SECTOR, fill)]);
      };
      const go = Buffer.alloc(16);
      go.write('IHAVEOPT');
      go.writeUInt32BE(7, 8);
      socket.write(Buffer.concat([Buffer.alloc(4), go, request(1, 0, 1), request(3, 0), request(1, 2, 2)]));
      const stopped = disk.afterWrites(3);
      socket.write(request(1, 4, 3));
      await stopped;
      expect([disk.flushes(), disk.unflushed()]).toEqual([1, 4]);
      let kept = 0;
      disk.cutPower(() => kept++ % 2 === 0);
      const sectors = Array.from({ length: 8 }, (_, i) => disk.image()[i * SECTOR]);
      expect(sectors).toEqual([1, 1, 2, 0, 3, 0, 0, 0]);
    } finally {
      await disk.close();
      rmSync(folder, { recursive: true, force: true });
    }
  });
});

it(
  'the stores in a guest: killed at a write of its disk, opened again by the next guest',
  async (context) => {
    const lacks = missing();
    if (lacks !== undefined) return context.skip(`no guest here: ${lacks} is missing`);
    const { findings, kills, deeds } = await killGuests(1, chanceOf('guest test'), () => undefined);
    expect(findings).toEqual([]);
    expect(kills).toBe(1);
    expect(deeds).toBeGreaterThan(0);
  },
  TIMEOUT_MS,
);
