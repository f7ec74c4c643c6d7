import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { generatedFiles } from '../src/codec/generator.ts';
import {
  createFrameReader,
  createReportReader,
  decodeBoxMessage,
  decodeRequest,
  encodeFrame,
  encodeReports,
  encodeRequest,
  FRAME_BYTES_MAX,
  type FrameFault,
  fromHex,
  HID_COMMANDS,
  HID_MESSAGE_BYTES_MAX,
  MESSAGE_BYTES_MAX,
  REPORT_BYTES,
  toHex,
} from '../src/index.ts';
import { type WireVectors, wireVectors } from '../src/wire/vectors.ts';

const root = new URL('../../', import.meta.url);
const vectors = JSON.parse(
  readFileSync(new URL('vectors/wire.json', import.meta.url), 'utf8'),
) as WireVectors;

function read(bytes: Uint8Array): {
  readonly payloads: readonly Uint8Array[];
  readonly faults: readonly FrameFault[];
} {
  const payloads: Uint8Array[] = [];
  const faults: FrameFault[] = [];
  createFrameReader(
    (payload) => payloads.push(payload),
    (fault) => faults.push(fault),
  ).push(bytes);
  return { payloads, faults };
}

describe('the generated files', () => {
  it('are what the descriptions generate', () => {
    for (const [path, content] of Object.entries(generatedFiles()))
      expect(readFileSync(new URL(path, root), 'utf8'), `${path}: run npm run generate`).toBe(content);
    expect(vectors, 'run npm run generate').toEqual(wireVectors());
  });
});

describe('the vectors', () => {
  it.each(vectors.accepted)('$name is read and written the same', ({ direction, payload, frame }) => {
    const { payloads } = read(fromHex(frame) as Uint8Array);
    expect(payloads.map(toHex)).toEqual([payload]);
    const message =
      direction === 'to_box'
        ? decodeRequest(payloads[0] as Uint8Array)
        : decodeBoxMessage(payloads[0] as Uint8Array);
    expect(message.ok).toBe(true);
  });
  it.each(vectors.refused)('$name is refused as $reason', ({ frame, reason }) => {
    const { payloads, faults } = read(fromHex(frame) as Uint8Array);
    if (faults.length > 0) expect(faults).toEqual([reason]);
    else
      expect(decodeRequest(payloads[0] as Uint8Array)).toMatchObject({ ok: false, fault: { code: reason } });
  });
});

describe('a frame', () => {
  it('with any one bit flipped is never taken for another message', () => {
    const frame = encodeFrame(encodeRequest('outcome', 77, { names: [new Uint8Array(16).fill(5)] }));
    const payload = toHex(read(frame).payloads[0] as Uint8Array);
    for (let bit = 0; bit < frame.length * 8; bit++) {
      const flipped = Uint8Array.from(frame);
      flipped[bit >> 3] = (flipped[bit >> 3] as number) ^ (1 << (bit & 7));
      // A flip in the delimiter joins two frames: send a good one after it.
      const { payloads } = read(flipped);
      for (const got of payloads) expect(toHex(got)).not.toBe(payload);
      expect(payloads).toEqual([]);
    }
  });
  it('at the bound is read, one byte above is a programming error, and a longer one from outside is refused', () => {
    const full = encodeFrame(new Uint8Array(MESSAGE_BYTES_MAX).fill(7));
    expect(full.length).toBeLessThanOrEqual(FRAME_BYTES_MAX);
    expect(read(full).payloads[0]?.length).toBe(MESSAGE_BYTES_MAX);
    expect(() => encodeFrame(new Uint8Array(MESSAGE_BYTES_MAX + 1))).toThrow(RangeError);
    const tooLong = new Uint8Array(FRAME_BYTES_MAX + 50).fill(1);
    tooLong[tooLong.length - 1] = 0;
    const good = encodeFrame(encodeRequest('status', 1, {}));
    const { payloads, faults } = read(Uint8Array.of(...tooLong, ...good));
    expect(faults).toEqual(['frame_too_long']);
    expect(payloads.length).toBe(1);
  });
  it('survives any noise, and the next good frame is read', () => {
    const good = encodeFrame(encodeRequest('status', 1, {}));
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 300 }), fc.integer({ min: 1, max: 40 }), (noise, piece) => {
        const payloads: Uint8Array[] = [];
        const reader = createFrameReader(
          (payload) => payloads.push(payload),
          () => undefined,
        );
        const stream = Uint8Array.of(...noise, 0, ...good);
        for (let at = 0; at < stream.length; at += piece) reader.push(stream.subarray(at, at + piece));
        expect(decodeRequest(payloads.at(-1) as Uint8Array)).toMatchObject({
          ok: true,
          value: { kind: 'status' },
        });
      }),
    );
  });
});

describe('HID reports', () => {
  it('carry any message up to the bound', () => {
    fc.assert(
      fc.property(
        fc.uint8Array({ maxLength: 800 }),
        fc.integer({ min: 1, max: 0xffff_fffe }),
        (data, channel) => {
          const reader = createReportReader();
          const outcomes = encodeReports({ channel, command: HID_COMMANDS.apdu, data }).map((report) =>
            reader.push(report),
          );
          expect(outcomes.at(-1)).toEqual({
            kind: 'message',
            message: { channel, command: HID_COMMANDS.apdu, data },
          });
        },
      ),
    );
    const longest = {
      channel: 1,
      command: HID_COMMANDS.apdu,
      data: new Uint8Array(HID_MESSAGE_BYTES_MAX).fill(3),
    };
    const reader = createReportReader();
    expect(
      encodeReports(longest)
        .map((report) => reader.push(report))
        .at(-1),
    ).toEqual({ kind: 'message', message: longest });
    expect(() => encodeReports({ ...longest, data: new Uint8Array(HID_MESSAGE_BYTES_MAX + 1) })).toThrow(
      RangeError,
    );
  });
  it('out of order, of another channel or of another size are faults by name', () => {
    const reports = encodeReports({
      channel: 9,
      command: HID_COMMANDS.apdu,
      data: new Uint8Array(200).fill(1),
    });
    const reader = createReportReader();
    reader.push(reports[0] as Uint8Array);
    expect(
      reader.push(encodeReports({ channel: 8, command: 1, data: new Uint8Array(0) })[0] as Uint8Array),
    ).toEqual({ kind: 'fault', channel: 8, error: 'channel_busy' });
    expect(reader.push(reports[2] as Uint8Array)).toEqual({
      kind: 'fault',
      channel: 9,
      error: 'invalid_sequence',
    });
    expect(reader.push(new Uint8Array(63))).toMatchObject({ kind: 'fault', error: 'invalid_length' });
  });
  it('never throw on any report', () => {
    fc.assert(
      fc.property(
        fc.array(fc.uint8Array({ minLength: REPORT_BYTES, maxLength: REPORT_BYTES }), { maxLength: 30 }),
        (reports) => {
          const reader = createReportReader();
          for (const report of reports)
            expect(['message', 'more', 'fault']).toContain(reader.push(report).kind);
        },
      ),
    );
  });
});
