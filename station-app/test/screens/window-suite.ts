/** What a window may rely on, whatever carries it: the same tests over the WebSocket and over Electron's IPC. */
import { describe, expect, test } from 'vitest';
import { CALLS_WAITING_MAX } from '../../src/shells/window-protocol.ts';
import type { ScriptedStation } from './scripted-station.ts';

export interface WindowLine {
  /** everything that the shell has sent unasked */
  readonly heard: Record<string, unknown>[];
  /** Resolves with the first message that fits, past or to come. */
  until(fits: (message: Record<string, unknown>) => boolean): Promise<Record<string, unknown>>;
  call(id: number, name: string, input: unknown): Promise<Record<string, unknown>>;
  close(): void;
}

export interface WindowSuiteOptions {
  readonly station: () => ScriptedStation;
  readonly open: (window: 'executive' | 'voter' | 'inspector') => Promise<WindowLine>;
}

export function windowSuite(carrier: string, options: WindowSuiteOptions): void {
  describe(`a window over ${carrier}`, () => {
    test('tells the window its role and gives it the views of that role', async () => {
      const officer = await options.open('executive');
      expect(await officer.until(({ event }) => event === 'hello')).toMatchObject({
        role: 'executive',
        cores: ['voting', 'admission'],
      });
      expect(await officer.until(({ core, event }) => event === 'view' && core === 'voting')).toMatchObject({
        view: { view: 'voting_officer' },
      });
      expect(
        await officer.until(({ core, event }) => event === 'view' && core === 'admission'),
      ).toMatchObject({
        view: { view: 'admission' },
      });
      officer.close();
      const voter = await options.open('voter');
      expect(await voter.until(({ event }) => event === 'hello')).toMatchObject({
        role: 'voter',
        cores: ['voting'],
      });
      expect(await voter.until(({ event }) => event === 'view')).toMatchObject({
        core: 'voting',
        view: { view: 'voting_voter' },
      });
      voter.close();
    });

    test('a voter’s window reaches no officer’s call and nothing of admission, and no core hears of the attempt', async () => {
      const heardBefore = options.station().heard.length;
      const voter = await options.open('voter');
      await voter.until(({ event }) => event === 'view');
      const attempts: readonly (readonly [string, unknown])[] = [
        ['person.read', {}],
        ['admission.summary', {}],
        ['tarefe.approve', { role: 'executive' }],
        ['count.run', { admission_summary: '', pins: [] }],
        ['package.load', {}],
        ['step.approve', { slot: 'first', pin: '1234', role: 'executive' }],
        ['fault.acknowledge', { role: 'executive' }],
      ];
      let id = 1;
      for (const [name, input] of attempts) {
        expect(await voter.call(id++, name, input)).toMatchObject({
          ok: false,
          refusal: { code: 'forbidden' },
        });
      }
      expect(await voter.call(id++, 'no.such.call', {})).toMatchObject({ refusal: { code: 'unknown_call' } });
      expect(await voter.call(id++, 'constructor', {})).toMatchObject({ refusal: { code: 'unknown_call' } });
      expect(
        await voter.call(id++, 'voter.choose', { contest: 0, choice: [1], role: 'executive' }),
      ).toMatchObject({ refusal: { code: 'bad_request' } });
      expect(voter.heard.some(({ core }) => core === 'admission')).toBe(false);
      expect(options.station().heard.length).toBe(heardBefore);
      voter.close();
    });

    test('an inspector watches and can change nothing', async () => {
      const inspector = await options.open('inspector');
      await inspector.until(({ event }) => event === 'view');
      expect(await inspector.call(1, 'ballot.read', {})).toMatchObject({ ok: true });
      expect(await inspector.call(2, 'slip.send', {})).toMatchObject({ refusal: { code: 'forbidden' } });
      expect(await inspector.call(3, 'doors.close', {})).toMatchObject({ refusal: { code: 'forbidden' } });
      inspector.close();
    });

    test('calls that wait are bounded: one more is refused as busy, and the line goes on', async () => {
      const line = await options.open('voter');
      await line.until(({ event }) => event === 'view');
      let release = (): void => undefined;
      const gate = new Promise<void>((resolve) => {
        release = resolve;
      });
      options.station().on('voter.await', async () => {
        await gate;
        return { phase: 'welcome', code: null };
      });
      const asked = Array.from({ length: CALLS_WAITING_MAX + 1 }, (_, id) =>
        line.call(id, 'voter.await', { from: 'welcome' }),
      );
      expect(await asked.at(-1)).toMatchObject({
        ok: false,
        refusal: { code: 'busy' },
      });
      release();
      expect(await asked[0]).toMatchObject({ ok: true });
      line.close();
    });

    test('a core that restarts is said to be gone and is found again by itself', async () => {
      const line = await options.open('executive');
      await line.until(({ event, core }) => event === 'view' && core === 'admission');
      await options.station().stop('admission');
      await line.until(
        ({ event, core, state }) => event === 'core' && core === 'admission' && state === 'lost',
      );
      expect(await line.call(1, 'person.read', {})).toMatchObject({
        ok: false,
        refusal: { code: 'core_gone' },
      });
      expect(await line.call(2, 'ballot.read', {})).toMatchObject({ ok: true });
      const before = line.heard.length;
      await options.station().start('admission');
      await line.until(
        (message) =>
          line.heard.indexOf(message) >= before &&
          message.event === 'core' &&
          message.core === 'admission' &&
          message.state === 'connected',
      );
      options.station().on('person.read', () => ({ state: 'needs_proof', refusal: null }));
      expect(await line.call(3, 'person.read', {})).toMatchObject({
        ok: true,
        value: { state: 'needs_proof' },
      });
      line.close();
    });
  });
}

/** Keeps what was heard and lets a test wait for what it needs. */
export function hearing(): Pick<WindowLine, 'heard' | 'until'> & {
  readonly take: (message: Record<string, unknown>) => void;
} {
  const heard: Record<string, unknown>[] = [];
  const waiting = new Set<() => void>();
  return {
    heard,
    take(message) {
      heard.push(message);
      for (const look of waiting) look();
    },
    until: (fits) =>
      new Promise((resolve) => {
        const look = (): void => {
          const found = heard.find(fits);
          if (found === undefined) return;
          waiting.delete(look);
          resolve(found);
        };
        waiting.add(look);
        look();
      }),
  };
}
