/** Time is passed in: the machine's, or a simulator's virtual one. */
export interface Clock {
  /** milliseconds since 1970 */
  nowMs(): number;
  /** whole milliseconds since some moment: whoever sets the time of day does not touch them */
  elapsedMs(): number;
  /** Runs once after `delayMs`. @returns what cancels it. */
  after(delayMs: number, run: () => void): () => void;
}

export const systemClock: Clock = {
  nowMs: () => Date.now(),
  elapsedMs: () => Math.floor(performance.now()),
  after(delayMs, run) {
    const timer = setTimeout(run, delayMs);
    return () => clearTimeout(timer);
  },
};
