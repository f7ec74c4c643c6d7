import { useCallback, useLayoutEffect, useRef } from 'react';

/**
 * One function for the life of a component, which does what the newest one given to it does: a part that is drawn only
 * when something of it changed would otherwise be drawn at each key press. To be called from events, not while drawing.
 */
export const useStable = <Arguments extends readonly unknown[], Value>(
  newest: (...args: Arguments) => Value,
): ((...args: Arguments) => Value) => {
  const current = useRef(newest);
  useLayoutEffect(() => {
    current.current = newest;
  });
  return useCallback((...args: Arguments) => current.current(...args), []);
};
