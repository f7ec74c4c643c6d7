/** The end of a session for want of activity: an alert some time before it, and activity in between moves both. */
import type { Clock } from '../devices/clock.ts';

export interface IdleTimer {
  start(): void;
  /** Activity: the end is put off. */
  touch(): void;
  stop(): void;
  leftMs(): number | null;
  /** whether the alert stands */
  isAlert(): boolean;
}

export interface IdleTimerOptions {
  readonly clock: Clock;
  /** 0: sessions do not end by themselves */
  readonly limitMs: number;
  readonly alertMs: number;
  readonly onAlert: () => void;
  readonly onEnd: () => void;
}

/** Wakes for the alert and for the end; activity only moves the deadline, so that it costs nothing. */
export function createIdleTimer(options: IdleTimerOptions): IdleTimer {
  const { clock, limitMs, alertMs } = options;
  let deadlineMs: number | undefined;
  let cancel = (): void => undefined;

  const wake = (): void => {
    if (deadlineMs === undefined) return;
    const leftMs = deadlineMs - clock.elapsedMs();
    if (leftMs <= 0) {
      options.onEnd();
      return;
    }
    options.onAlert();
    cancel = clock.after(leftMs > alertMs ? leftMs - alertMs : leftMs, wake);
  };
  const leftMs = (): number | null =>
    deadlineMs === undefined ? null : Math.max(0, deadlineMs - clock.elapsedMs());
  return {
    start() {
      cancel();
      if (limitMs === 0) return;
      deadlineMs = clock.elapsedMs() + limitMs;
      cancel = clock.after(Math.max(0, limitMs - alertMs), wake);
    },
    touch() {
      if (deadlineMs !== undefined) deadlineMs = clock.elapsedMs() + limitMs;
    },
    stop() {
      cancel();
      deadlineMs = undefined;
    },
    leftMs,
    isAlert: () => (leftMs() ?? Number.POSITIVE_INFINITY) <= alertMs,
  };
}
