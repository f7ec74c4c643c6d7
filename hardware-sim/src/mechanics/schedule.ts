/** When a movement is done. Virtual time does it as soon as the caller has returned; real time takes as long as metal. */

export interface Schedule {
  /** @param duration milliseconds that the movement takes in a real box */
  after(duration: number, done: () => void): void;
  /** Power is cut: nothing that was moving arrives. */
  stop(): void;
}

export const DURATIONS_MS = {
  /** a page of about 100 mm at 60 mm a second */
  page: 1_700,
  overprint: 1_700,
  drop: 600,
  chip_answer: 25,
} as const;

/** Every so many movements wait for the loop's next turn: a firmware that never stops asking lets others live. */
export const TURN_MOVEMENTS_MAX = 64;

export function virtualSchedule(): Schedule {
  let queue: (() => void)[] = [];
  let pending = false;
  let moved = 0;
  const run = (): void => {
    pending = false;
    const due = queue;
    queue = [];
    for (const done of due) done();
  };
  return {
    after(_duration, done) {
      queue.push(done);
      // A frame must never be answered before the core's own call has returned: metal is not re-entrant.
      if (pending) return;
      pending = true;
      moved = (moved + 1) % TURN_MOVEMENTS_MAX;
      if (moved === 0) setImmediate(run);
      else process.nextTick(run);
    },
    stop() {
      queue = [];
    },
  };
}

export function realSchedule(): Schedule {
  const timers = new Set<NodeJS.Timeout>();
  return {
    after(duration, done) {
      const timer = setTimeout(() => {
        timers.delete(timer);
        done();
      }, duration);
      timers.add(timer);
    },
    stop() {
      for (const timer of timers) clearTimeout(timer);
      timers.clear();
    },
  };
}
