/** Commands for one card in one message: the bytes, the bounds, and what no reader may answer. */
import fc from 'fast-check';
import { expect, it } from 'vitest';
import {
  type Bytes,
  decodeScript,
  decodeScriptAnswer,
  encodeApdu,
  encodeScript,
  encodeScriptAnswer,
  HID_ERRORS,
  HID_MESSAGE_BYTES_MAX,
  INS,
  SCRIPT_BYTES_MAX,
  SCRIPT_COMMANDS_MAX,
  scriptAnswerFits,
} from '../src/index.ts';

const SELECT = Uint8Array.of(0, 0xa4, 4, 0, 2, 7, 8);
const PREPARE = encodeApdu(0x80, INS.tarefe_prepare, 0, 0);
const OK = Uint8Array.of(0x90, 0);
const said = (...data: number[]): Bytes => Uint8Array.of(...data, 0x90, 0);
const refused = Uint8Array.of(0x69, 0x85);

it('is these bytes', () => {
  const script = encodeScript({ slot: 1, commands: [SELECT, PREPARE] });
  expect([...script]).toEqual([1, 0, 7, ...SELECT, 0, 7, ...PREPARE]);
  expect(decodeScript(script)).toEqual({ slot: 1, commands: [SELECT, PREPARE] });
  const answer = encodeScriptAnswer({ slot: 1, stop: 0, answers: [OK, said(5, 6)] });
  expect([...answer]).toEqual([1, 0, 0, 2, 0x90, 0, 0, 4, 5, 6, 0x90, 0]);
  expect(decodeScriptAnswer(answer, 2)).toEqual({ slot: 1, stop: 0, answers: [OK, said(5, 6)] });
});

it('has at most SCRIPT_COMMANDS_MAX commands, at least one, and each is one', () => {
  const of = (count: number) => ({ slot: 0, commands: Array.from({ length: count }, () => SELECT) });
  const most = encodeScript(of(SCRIPT_COMMANDS_MAX));
  expect(decodeScript(most)?.commands).toHaveLength(SCRIPT_COMMANDS_MAX);
  expect(() => encodeScript(of(SCRIPT_COMMANDS_MAX + 1))).toThrow(RangeError);
  expect(decodeScript(Uint8Array.of(...most, 0, 7, ...SELECT))).toBeUndefined();
  expect(() => encodeScript(of(0))).toThrow(RangeError);
  expect(decodeScript(Uint8Array.of(0))).toBeUndefined();
  expect(decodeScript(new Uint8Array(0))).toBeUndefined();
  const stub = SELECT.subarray(0, 3);
  expect(() => encodeScript({ slot: 0, commands: [SELECT, stub] })).toThrow(RangeError);
  expect(decodeScript(Uint8Array.of(0, 0, 3, ...stub))).toBeUndefined();
});

it('has at most SCRIPT_BYTES_MAX bytes each way, which is one message', () => {
  expect(SCRIPT_BYTES_MAX).toBe(HID_MESSAGE_BYTES_MAX);
  const of = (length: number) => ({ slot: 0, commands: [SELECT, new Uint8Array(length)] });
  const room = SCRIPT_BYTES_MAX - 1 - 2 - SELECT.length - 2;
  const longest = encodeScript(of(room));
  expect(longest).toHaveLength(SCRIPT_BYTES_MAX);
  expect(decodeScript(longest)).toEqual(of(room));
  expect(() => encodeScript(of(room + 1))).toThrow(RangeError);
  expect(decodeScript(Uint8Array.of(...longest, 0))).toBeUndefined();
  const answers = (length: number) => [OK, new Uint8Array(length)];
  const answerRoom = SCRIPT_BYTES_MAX - 2 - 2 - OK.length - 2;
  expect(scriptAnswerFits(answers(answerRoom))).toBe(true);
  const whole = encodeScriptAnswer({ slot: 0, stop: 0, answers: answers(answerRoom) });
  expect(whole).toHaveLength(SCRIPT_BYTES_MAX);
  expect(decodeScriptAnswer(whole, 2)?.answers[1]).toHaveLength(answerRoom);
  expect(scriptAnswerFits(answers(answerRoom + 1))).toBe(false);
  expect(() => encodeScriptAnswer({ slot: 0, stop: 0, answers: answers(answerRoom + 1) })).toThrow(
    RangeError,
  );
});

it('is answered as far as the card went, and never otherwise', () => {
  const heard = (stop: number, ...answers: Bytes[]) =>
    decodeScriptAnswer(encodeScriptAnswer({ slot: 0, stop, answers }), 2) !== undefined;
  const mute = new Uint8Array(0);
  const torn = HID_ERRORS.no_card;
  expect(heard(0, OK, OK), 'to its end').toBe(true);
  expect(heard(0, OK, refused), 'refused at its end').toBe(true);
  expect(heard(0, refused), 'stopped by a refusal').toBe(true);
  expect(heard(0, mute), 'stopped by an answer without a status word').toBe(true);
  expect(heard(torn, OK), 'torn behind the first').toBe(true);
  expect(heard(0, OK), 'stopped without a reason').toBe(false);
  expect(heard(torn, OK, OK), 'a reason, and nothing was left').toBe(false);
  expect(heard(torn, refused), 'two reasons').toBe(false);
  expect(heard(0, refused, OK), 'gone on behind a refusal').toBe(false);
  expect(heard(0, mute, OK), 'gone on behind nothing').toBe(false);
  expect(heard(0, OK, OK, OK), 'more than was asked').toBe(false);
  expect(heard(torn), 'nothing: that is an error and no answer').toBe(false);
});

it('reads any bytes without falling, and what it reads it would write again', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 80 }), fc.integer({ min: 1, max: 4 }), (bytes, count) => {
      const script = decodeScript(bytes);
      if (script !== undefined) expect(encodeScript(script)).toEqual(bytes);
      const answer = decodeScriptAnswer(bytes, count);
      if (answer !== undefined) expect(encodeScriptAnswer(answer)).toEqual(bytes);
    }),
    { numRuns: 2000 },
  );
});
