import { type TextKey, useRoom } from './room.ts';

/** A lamp with its meaning in words beside it. */
export const Light = ({
  on,
  texts,
}: {
  readonly on: boolean;
  readonly texts: readonly [good: TextKey, bad: TextKey];
}) => {
  const { t } = useRoom();
  return (
    <span className="light" data-on={on || undefined}>
      {t(on ? texts[0] : texts[1])}
    </span>
  );
};
