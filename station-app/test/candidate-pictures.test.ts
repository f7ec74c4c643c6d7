/** Candidates' pictures as the voting process holds them: what is not the signed one is none, and nothing waits for it. */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import {
  type Bytes,
  checkProvisioning,
  PICTURE_BYTES_MAX,
  type ProvisioningFiles,
  pictureFile,
  utf8,
} from '@sandoq/protocol';
import { nodeCrypto } from '@sandoq/protocol/node';
import { portraitOf } from '@sandoq/seeds';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { LINE_BYTES_MAX } from '../src/contract/contract.ts';
import { votingCalls } from '../src/contract/voting.ts';
import {
  ANSWER_PICTURES_BYTES_MAX,
  HELD_PICTURES_BYTES_MAX,
  picturesFrom,
  readCandidatePictures,
} from '../src/stores/candidate-pictures.ts';
import { readProvisioningFolder } from '../src/stores/provisioning-folder.ts';
import { loadElection } from '../src/voting/election.ts';
import { AUTHORITY_KEY, provisioningFiles, STATION } from './admission-world.ts';

const PNG = Uint8Array.of(0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a);
const JPEG = Uint8Array.of(0xff, 0xd8, 0xff, 0xe0);
const nameOf = (i: number) => ({ fa: `ن${i}`, en: `n${i}` });

/** Of this length, beginning as its kind does, unlike any with another number. */
function picture(length: number, number: number, magic: Bytes = PNG): Bytes {
  const bytes = new Uint8Array(length).fill(number & 0xff);
  bytes.set(magic);
  bytes.set(utf8(String(number)), magic.length);
  return bytes;
}

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'sandoq-pictures-'));
  mkdirSync(join(folder, 'pictures'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const put = (bytes: Bytes, named: Bytes = bytes, kind: 'png' | 'jpg' = 'png'): void =>
  writeFileSync(join(folder, pictureFile(nodeCrypto.sha256(named), kind)), bytes);
const listOf = (...pictures: readonly (Bytes | undefined)[]) => [
  {
    contest: 'president',
    candidates: pictures.map((bytes, i) => ({
      code: String(10 + i),
      name: nameOf(i),
      ...(bytes === undefined ? {} : { pictureDigest: nodeCrypto.sha256(bytes) }),
    })),
  },
];

describe('reading', () => {
  test('each picture once in the order of the ballot; none, missing, other, false or too long ones are not there', () => {
    const [good, other, missing, long] = [picture(900, 1), picture(800, 2), picture(700, 3), picture(500, 4)];
    const jpeg = picture(600, 5, JPEG);
    const plain = utf8('no picture at all, though its digest is right');
    const longest = picture(PICTURE_BYTES_MAX, 6);
    const tooLong = picture(PICTURE_BYTES_MAX + 1, 7);
    put(good);
    put(picture(800, 99), other);
    put(jpeg, jpeg, 'jpg');
    put(plain);
    put(longest);
    put(tooLong);
    // A folder of a picture's name.
    mkdirSync(join(folder, pictureFile(nodeCrypto.sha256(long), 'png')));
    const lists = listOf(good, undefined, other, missing, jpeg, good, plain, longest, tooLong, long);
    const held = readCandidatePictures(folder, lists, nodeCrypto);
    expect(held.placeOf).toEqual([[0, null, null, null, 1, 0, null, 2, null, null]]);
    expect(held.pictures.map(({ kind, bytes }) => [kind, bytes.length])).toEqual([
      ['png', good.length],
      ['jpg', jpeg.length],
      ['png', longest.length],
    ]);
  });

  test('holds as much as its bound, and not one byte more', () => {
    const three = [picture(500, 1), picture(500, 2), picture(500, 3)];
    for (const each of three) put(each);
    const read = (bound: number) => readCandidatePictures(folder, listOf(...three), nodeCrypto, bound);
    expect(read(1500).placeOf).toEqual([[0, 1, 2]]);
    expect(read(1499).placeOf).toEqual([[0, 1, null]]);
    expect(HELD_PICTURES_BYTES_MAX).toBeGreaterThanOrEqual(3_500 * 9 * 1024);
  });

  test('a package without a folder of pictures has none', () => {
    rmSync(join(folder, 'pictures'), { recursive: true });
    const held = readCandidatePictures(folder, listOf(picture(500, 1)), nodeCrypto);
    expect(held).toEqual({ pictures: [], placeOf: [[null]] });
  });
});

test('all of them go out in answers that fit a line, each exactly once, and nothing is read from the disk for it', () => {
  const count = 2 * (ANSWER_PICTURES_BYTES_MAX / PICTURE_BYTES_MAX) + 1;
  const all = Array.from({ length: count }, (_, i) => picture(PICTURE_BYTES_MAX, i));
  for (const each of all) put(each);
  const held = readCandidatePictures(folder, listOf(...all), nodeCrypto);
  rmSync(folder, { recursive: true });
  const got: string[] = [];
  const asked: number[] = [];
  for (let from: number | null = 0; from !== null; ) {
    asked.push(from);
    const answer = votingCalls['pictures.read'].output.parse(picturesFrom(held, from));
    expect(JSON.stringify(answer).length).toBeLessThan(LINE_BYTES_MAX - 1024);
    got.push(...answer.pictures.map(({ base64 }) => base64));
    from = answer.next;
  }
  expect(asked).toEqual([0, 8, 16]);
  expect(got).toEqual(all.map((bytes) => Buffer.from(bytes).toString('base64')));
  expect(picturesFrom(held, count + 5)).toEqual({ pictures: [], next: null });
});

describe('a signed package', () => {
  const write = (files: ProvisioningFiles): void => {
    for (const [name, bytes] of files) {
      mkdirSync(dirname(join(folder, name)), { recursive: true });
      writeFileSync(join(folder, name), bytes);
    }
  };
  const portrait = portraitOf(11, true);
  const load = () => {
    const files = readProvisioningFolder(folder);
    const votingKey = checkProvisioning(files, nodeCrypto, AUTHORITY_KEY, 'apart');
    if (!votingKey.ok) throw new Error(votingKey.fault.code);
    const device = votingKey.value.stations.get(STATION)?.devices.find(({ purpose }) => purpose === 'voting');
    const loaded = loadElection(
      {
        files,
        authorityKey: AUTHORITY_KEY,
        stationId: STATION,
        devicePublicKey: device?.key ?? new Uint8Array(0),
      },
      nodeCrypto,
      0,
    );
    if (!loaded.ok) throw new Error(loaded.fault.detail);
    return readCandidatePictures(folder, loaded.value.candidateLists, nodeCrypto);
  };

  test('one byte of a picture is another: the station opens without that picture, whoever checks the whole refuses', () => {
    const files = provisioningFiles([nodeCrypto.signingPublicKey(nodeCrypto.sha256(utf8('admission')))], {
      picture: portrait,
    });
    write(files);
    expect(checkProvisioning(files, nodeCrypto, AUTHORITY_KEY).ok).toBe(true);
    expect(load().placeOf[0]?.[0]).toBe(0);
    const name = pictureFile(nodeCrypto.sha256(portrait), 'png');
    const changed = portrait.slice();
    changed[100] = (changed[100] as number) ^ 1;
    writeFileSync(join(folder, name), changed);
    expect(load()).toMatchObject({ pictures: [], placeOf: [[null], [null]] });
    const all = new Map(files).set(name, changed);
    expect(checkProvisioning(all, nodeCrypto, AUTHORITY_KEY)).toMatchObject({
      ok: false,
      fault: { code: 'digest_differs', at: name },
    });
    rmSync(join(folder, name));
    expect(load()).toMatchObject({ pictures: [], placeOf: [[null], [null]] });
  });
});
