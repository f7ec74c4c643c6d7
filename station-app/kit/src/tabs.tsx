import { type KeyboardEvent, type ReactNode, useId, useRef } from 'react';
import { useRoot } from './context.ts';

export interface TabItem {
  readonly id: string;
  readonly title: string;
  readonly content: ReactNode;
}

export interface TabSetProps {
  readonly label: string;
  readonly items: readonly TabItem[];
  readonly selected: string;
  readonly onChange: (id: string) => void;
}

/** Where a key leads from the tab at `place`, or undefined. Arrows go where they point: in Persian, left is onward. */
function placeAfter(key: string, place: number, count: number, isRightToLeft: boolean): number | undefined {
  const onward = isRightToLeft ? 'ArrowLeft' : 'ArrowRight';
  const back = isRightToLeft ? 'ArrowRight' : 'ArrowLeft';
  if (key === onward) return (place + 1) % count;
  if (key === back) return (place + count - 1) % count;
  if (key === 'Home') return 0;
  return key === 'End' ? count - 1 : undefined;
}

/**
 * Tabs after the WAI-ARIA pattern, selected as the focus moves. Own, because React Aria's panel walks all that is in it
 * at each change to see whether it can be focused: 3 ms a mark on a ballot of thirty seats, four-fold on a slow panel.
 */
export const TabSet = ({ label, items, selected, onChange }: TabSetProps) => {
  const { locale } = useRoot();
  const id = useId();
  const list = useRef<HTMLDivElement>(null);
  const shown = items.find((item) => item.id === selected) ?? items[0];
  const onKeyDown = (event: KeyboardEvent): void => {
    const place = items.findIndex((item) => item.id === shown?.id);
    const next = placeAfter(event.key, place, items.length, locale === 'fa');
    const item = next === undefined ? undefined : items[next];
    if (next === undefined || item === undefined) return;
    event.preventDefault();
    list.current?.querySelectorAll<HTMLElement>('[role=tab]')[next]?.focus();
    onChange(item.id);
  };
  if (shown === undefined) return null;
  return (
    <div className="kit-tabs">
      <div ref={list} className="kit-tab-list" role="tablist" aria-label={label} onKeyDown={onKeyDown}>
        {items.map((item) => (
          <button
            key={item.id}
            id={`${id}-${item.id}`}
            type="button"
            role="tab"
            className="kit-tab"
            aria-selected={item.id === shown.id}
            aria-controls={item.id === shown.id ? `${id}-panel` : undefined}
            data-selected={item.id === shown.id || undefined}
            tabIndex={item.id === shown.id ? 0 : -1}
            onClick={() => onChange(item.id)}
          >
            {item.title}
          </button>
        ))}
      </div>
      <div
        key={shown.id}
        id={`${id}-panel`}
        className="kit-tab-panel"
        role="tabpanel"
        aria-labelledby={`${id}-${shown.id}`}
      >
        {shown.content}
      </div>
    </div>
  );
};
