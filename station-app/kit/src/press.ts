import type { KeyboardEvent } from 'react';

/** Enter held down presses a button again and again: on a ballot each of them would mark and unmark. Once is meant. */
export const onceAKey = (event: KeyboardEvent): void => {
  if (event.repeat && event.key === 'Enter') event.preventDefault();
};
