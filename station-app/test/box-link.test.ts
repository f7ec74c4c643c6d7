/** The box link against a peer that misbehaves on purpose: damage, silence, restarts, strangers; bounds at their edge. */
import {
  type Bytes,
  boxSubject,
  createFrameReader,
  decodeRequest,
  type ElectionId,
  encode,
  encodeFrame,
  encodeKeyEvent,
  encodeProtectedHeader,
  encodeRefusal,
  encodeReply,
  type HostRequest,
  type RefusalName,
  records,
  signatureInput,
  votingSubject,
  type wire,
} from '@sandoq/protocol';
import { nodeCrypto, nodeRandomness } from '@sandoq/protocol/node';
import { describe, expect, it } from 'vitest';
import {
  type BoxEvent,
  type BoxLink,
  BUSY_TRIES_MAX,
  BUSY_WAIT_MS,
  createBoxLink,
  HEARTBEAT_INTERVAL_MS,
  PROOF_RETRY_MS,
  RECONNECT_MIN_MS,
  REPLY_TIMEOUT_MS,
  REQUEST_TRIES_MAX,
  REQUESTS_WAITING_MAX,
} from '../src/devices/box-link.ts';
import type { ByteLinkEvents } from '../src/devices/byte-link.ts';
import { virtualClock } from './virtual-clock.ts';

const BOX = boxSubject('s1', 1);
const boxKey = new Uint8Array(32).fill(3);
const hostKey = new Uint8Array(32).fill(4);
const STATUS: wire.StatusReply = {
  lifecycle: 'open',
  counters: {
    records: 0,
    cardsSpent: 0,
    papersPrinted: 0,
    papersInBin: 0,
    papersRejected: 0,
    papersRetained: 0,
    tornSlots: 0,
    slots: 8,
  },
  paper: 'idle',
  pad: 'empty',
  lidOpen: false,
  poweredMinutes: 0,
  boots: 1,
};

function helloReply(challenge: Bytes, signingKey: Bytes): wire.HelloReply {
  const boxChallenge = nodeRandomness(32);
  const softwareHash = new Uint8Array(32);
  const input = signatureInput(
    encodeProtectedHeader({ type: 'link', election: 'none' as ElectionId, signer: BOX }),
    encode(records.linkProofShape, { fromBox: true, hostChallenge: challenge, boxChallenge, softwareHash }),
  );
  return {
    subject: BOX,
    key: nodeCrypto.signingPublicKey(boxKey),
    challenge: boxChallenge,
    softwareHash,
    signature: nodeCrypto.sign(signingKey, input),
    lifecycle: 'open',
  };
}

class Peer {
  readonly clock = virtualClock();
  readonly seen: HostRequest[] = [];
  readonly events: BoxEvent[] = [];
  readonly lifecycles: string[] = [];
  signingKey = boxKey;
  opened = 0;
  absent = false;
  /** what comes back to a request: nothing is silence */
  answer: (request: HostRequest) => Bytes | undefined = (request) => this.honest(request);
  readonly link: BoxLink;
  #host: ByteLinkEvents | undefined;

  constructor() {
    this.link = createBoxLink({
      open: (events) => {
        if (this.absent) return Promise.reject(new Error('no port'));
        this.opened++;
        this.#host = events;
        const frames = createFrameReader(
          (payload) => {
            const request = decodeRequest(payload);
            if (!request.ok) throw new Error(`the host said ${request.fault.code}`);
            this.seen.push(request.value);
            const reply = this.answer(request.value);
            if (reply !== undefined) queueMicrotask(() => this.say(encodeFrame(reply)));
          },
          () => undefined,
        );
        return Promise.resolve({ write: (bytes) => frames.push(bytes), close: () => undefined });
      },
      clock: this.clock,
      random: nodeRandomness,
      crypto: nodeCrypto,
      identity: { subject: votingSubject('s1'), secretKey: hostKey, softwareHash: new Uint8Array(32) },
      boxes: [{ subject: BOX, purpose: 'box', key: nodeCrypto.signingPublicKey(boxKey) }],
      onChange: () => undefined,
      onUp: (lifecycle) => this.lifecycles.push(lifecycle),
      onEvent: (event) => this.events.push(event),
      onStatus: () => undefined,
    });
  }

  honest(request: HostRequest): Bytes | undefined {
    const { sequence, kind } = request;
    if (kind === 'hello')
      return encodeReply('hello', sequence, helloReply(request.body.challenge, this.signingKey));
    if (kind === 'prove') return encodeReply('prove', sequence, {});
    if (kind === 'status') return encodeReply('status', sequence, STATUS);
    return encodeRefusal(sequence, { reason: 'wrong_state' });
  }

  /** Bytes to the host, as they stand. */
  say = (bytes: Bytes): void => this.#host?.onBytes(bytes);
  cut = (): void => this.#host?.onEnd();
  /** since the link was last seen up */
  count = (kind: string): number => this.asked().filter((request) => request.kind === kind).length;
  asked = (): readonly HostRequest[] => this.seen.slice(this.#seenAtUp);
  #seenAtUp = 0;
  async up(): Promise<this> {
    await settled();
    expect(this.link.status()).toMatchObject({ state: 'connected', proved: true });
    this.#seenAtUp = this.seen.length;
    return this;
  }
}
/** Lets promises that are due run: nothing here waits for real time. */
const settled = async (): Promise<void> => {
  for (let i = 0; i < 50; i++) await Promise.resolve();
};

describe('link-up', () => {
  it('proves both sides before anything is asked', async () => {
    const peer = await new Peer().up();
    expect(peer.seen.map(({ kind }) => kind)).toEqual(['hello', 'status', 'prove']);
    expect(peer.lifecycles).toEqual(['open']);
  });

  it('refuses a box that does not hold its key, and one that the station does not list', async () => {
    const liar = new Peer();
    liar.signingKey = new Uint8Array(32).fill(9);
    await settled();
    expect(liar.link.status()).toMatchObject({ state: 'fault', code: 'box_proof_invalid', proved: false });
    const stranger = new Peer();
    stranger.answer = (request) =>
      request.kind === 'hello'
        ? encodeReply('hello', request.sequence, {
            ...helloReply(request.body.challenge, boxKey),
            key: nodeCrypto.signingPublicKey(hostKey),
          })
        : undefined;
    await settled();
    expect(stranger.link.status()).toMatchObject({ state: 'fault', code: 'box_not_enrolled' });
    expect(await stranger.link.request('status', {})).toEqual({ ok: false, fault: 'link_lost' });
  });

  it('is tried again after a pause when the port is absent or the cable is pulled', async () => {
    const peer = await new Peer().up();
    peer.absent = true;
    peer.cut();
    expect(peer.link.status().state).toBe('lost');
    peer.clock.advance(RECONNECT_MIN_MS);
    await settled();
    expect(peer.link.status()).toMatchObject({ state: 'lost', code: 'port_absent' });
    peer.absent = false;
    peer.clock.advance(2 * RECONNECT_MIN_MS);
    await peer.up();
    expect(peer.lifecycles).toEqual(['open', 'open']);
  });
});

describe('a request', () => {
  it('is repeated, the same bytes, REQUEST_TRIES_MAX times; then the link is given up by name', async () => {
    const peer = await new Peer().up();
    peer.answer = () => undefined;
    const asked = peer.link.request('status', {});
    for (let tries = 1; tries < REQUEST_TRIES_MAX; tries++) peer.clock.advance(REPLY_TIMEOUT_MS);
    expect(peer.count('status')).toBe(REQUEST_TRIES_MAX);
    expect(
      new Set(
        peer
          .asked()
          .filter(({ kind }) => kind === 'status')
          .map(({ sequence }) => sequence),
      ).size,
    ).toBe(1);
    expect(peer.link.status().state).toBe('connected');
    peer.clock.advance(REPLY_TIMEOUT_MS);
    expect(await asked).toEqual({ ok: false, fault: 'no_answer' });
    expect(peer.link.status()).toMatchObject({ state: 'lost', code: 'no_answer' });
  });

  it('is repeated at once where its frame was damaged on the way', async () => {
    const peer = await new Peer().up();
    let damaged = 0;
    peer.answer = (request) => {
      if (request.kind === 'status' && damaged++ < 2)
        return encodeRefusal(0, { reason: 'frame_check_failed' });
      return peer.honest(request);
    };
    expect(await peer.link.request('status', {})).toMatchObject({ ok: true });
    expect(peer.count('status')).toBe(3);
  });

  it('survives noise, half a frame and an answer to another question', async () => {
    const peer = await new Peer().up();
    peer.answer = (request) => {
      peer.say(nodeRandomness(300));
      peer.say(encodeFrame(encodeReply('status', request.sequence + 7, STATUS)).subarray(0, 9));
      peer.say(Uint8Array.of(0));
      peer.say(
        encodeFrame(
          encodeReply('begin', request.sequence, { style: 0, boxNonce: new Uint8Array(32), rejections: 0 }),
        ),
      );
      return peer.honest(request);
    };
    expect(await peer.link.request('status', {})).toMatchObject({ ok: true, value: { lifecycle: 'open' } });
    expect(peer.link.status().badFrames).toBeGreaterThan(0);
  });

  it('waits while the box is busy, up to BUSY_TRIES_MAX', async () => {
    const peer = await new Peer().up();
    const busy = (request: HostRequest) => encodeRefusal(request.sequence, { reason: 'busy' });
    peer.answer = busy;
    const asked = peer.link.request('status', {});
    for (let tries = 0; tries < BUSY_TRIES_MAX; tries++) {
      await settled();
      peer.clock.advance(BUSY_WAIT_MS);
    }
    expect(await asked).toEqual({ ok: false, fault: 'busy' });
    expect(peer.count('status')).toBe(BUSY_TRIES_MAX + 1);
  });

  it('gives the box’s own refusal, every one, and changes nothing else', async () => {
    const peer = await new Peer().up();
    for (const reason of ['seal_mismatch', 'card_spent', 'too_early'] satisfies RefusalName[]) {
      peer.answer = (request) => encodeRefusal(request.sequence, { reason });
      expect(await peer.link.request('outcome', { names: [new Uint8Array(16)] })).toEqual({
        ok: false,
        fault: reason,
      });
    }
    expect(peer.link.status().state).toBe('connected');
  });

  it('greets the box again, and only then goes on, where it has restarted behind the port', async () => {
    const peer = await new Peer().up();
    let proved = false;
    peer.answer = (request) => {
      if (request.kind === 'prove') proved = true;
      if (request.kind === 'status' && !proved)
        return encodeRefusal(request.sequence, { reason: 'not_proved' });
      return peer.honest(request);
    };
    expect(await peer.link.request('status', {})).toMatchObject({ ok: true });
    expect(peer.seen.map(({ kind }) => kind)).toEqual([
      'hello',
      'status',
      'prove',
      'status',
      'hello',
      'status',
      'prove',
      'status',
    ]);
    expect(peer.lifecycles).toHaveLength(2);
    expect(peer.opened).toBe(1);
  });

  it('is one at a time, and no more than REQUESTS_WAITING_MAX wait', async () => {
    const peer = await new Peer().up();
    peer.answer = () => undefined;
    const asked = Array.from({ length: REQUESTS_WAITING_MAX + 2 }, () => peer.link.request('status', {}));
    expect(peer.count('status')).toBe(1);
    expect(await asked.at(-1)).toEqual({ ok: false, fault: 'request_too_many' });
    peer.link.close();
    expect(await asked[0]).toEqual({ ok: false, fault: 'link_lost' });
  });
});

describe('a link whose box', () => {
  it('got a hello twice is proved again: the first answer is not to the challenge in force', async () => {
    const peer = new Peer();
    let hellos = 0;
    peer.answer = (request) => {
      if (request.kind === 'hello') hellos++;
      // The box has made another challenge meanwhile, and takes no proof over the old one.
      if (request.kind === 'prove' && hellos === 1)
        return encodeRefusal(request.sequence, { reason: 'proof_invalid' });
      return peer.honest(request);
    };
    await peer.up();
    expect(hellos).toBe(2);
  });

  it('takes no proof is greeted again after a pause, as long as it stands', async () => {
    const peer = new Peer();
    peer.answer = (request) =>
      request.kind === 'prove'
        ? encodeRefusal(request.sequence, { reason: 'proof_invalid' })
        : peer.honest(request);
    await settled();
    await settled();
    expect(peer.link.status()).toMatchObject({ state: 'connected', code: 'station_not_proved' });
    peer.answer = (request) => peer.honest(request);
    peer.clock.advance(PROOF_RETRY_MS);
    await peer.up();
  });

  it('has restarted within a heartbeat is greeted again: it would tell no event', async () => {
    const peer = await new Peer().up();
    let boots = STATUS.boots + 1;
    let proved = false;
    peer.answer = (request) => {
      if (request.kind === 'prove') proved = true;
      return request.kind === 'status'
        ? encodeReply('status', request.sequence, { ...STATUS, boots })
        : peer.honest(request);
    };
    peer.clock.advance(HEARTBEAT_INTERVAL_MS);
    await settled();
    await peer.up();
    expect(proved).toBe(true);
    boots = STATUS.boots + 1;
    peer.clock.advance(HEARTBEAT_INTERVAL_MS);
    await settled();
    expect(peer.count('hello')).toBe(0);
  });
});

describe('an idle link', () => {
  it('asks for the state every HEARTBEAT_INTERVAL_MS, and passes events on', async () => {
    const peer = await new Peer().up();
    peer.clock.advance(HEARTBEAT_INTERVAL_MS);
    await settled();
    const before = peer.count('status');
    for (let beats = 0; beats < 3; beats++) {
      peer.clock.advance(HEARTBEAT_INTERVAL_MS);
      await settled();
    }
    expect(peer.count('status')).toBe(before + 3);
    peer.say(encodeFrame(encodeKeyEvent({ key: 'green' })));
    expect(peer.events).toEqual([{ kind: 'key_event', body: { key: 'green' } }]);
  });
});
