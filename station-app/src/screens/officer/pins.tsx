import { Keypad, NumberField, StatusPill } from '@sandoq/kit';
import { useState } from 'react';
import { useStationTexts } from '../station.ts';

export const PIN_DIGITS_MIN = 4;
export const PIN_DIGITS_MAX = 12;

export interface PinPadProps {
  readonly label: string;
  readonly description?: string;
  readonly submitLabel: string;
  readonly isBusy?: boolean;
  readonly autoFocus?: boolean;
  readonly onSubmit: (pin: string) => void;
}

/** A PIN typed on the screen or on a keyboard. It is held until it is sent, and not a moment longer. */
export function PinPad({
  label,
  description,
  submitLabel,
  isBusy = false,
  autoFocus = false,
  onSubmit,
}: PinPadProps) {
  const [pin, setPin] = useState('');
  const submit = (): void => {
    if (pin.length < PIN_DIGITS_MIN || isBusy) return;
    setPin('');
    onSubmit(pin);
  };
  return (
    <div className="st-pin">
      <NumberField
        label={label}
        value={pin}
        onChange={setPin}
        maxDigits={PIN_DIGITS_MAX}
        isSecret
        isDisabled={isBusy}
        autoFocus={autoFocus}
        onEnter={submit}
        {...(description === undefined ? {} : { description })}
      />
      <Keypad
        label={label}
        value={pin}
        onChange={setPin}
        maxDigits={PIN_DIGITS_MAX}
        onEnter={submit}
        enterLabel={submitLabel}
        isEnterDisabled={pin.length < PIN_DIGITS_MIN}
        isDisabled={isBusy}
      />
    </div>
  );
}

export interface PinParty<Id extends string> {
  readonly id: Id;
  readonly label: string;
  /** whether this party's card is in the reader */
  readonly hasCard: boolean;
}

export interface TwoPinsProps<Id extends string> {
  readonly parties: readonly [PinParty<Id>, PinParty<Id>];
  readonly submitLabel: string;
  readonly isBusy: boolean;
  readonly onComplete: (pins: Readonly<Record<Id, string>>) => void;
}

/** Two people type their PINs one after the other; neither sees the other's, both are sent together. */
export function TwoPins<Id extends string>({ parties, submitLabel, isBusy, onComplete }: TwoPinsProps<Id>) {
  const t = useStationTexts();
  const [first, second] = parties;
  const [firstPin, setFirstPin] = useState<string | null>(null);
  const current = firstPin === null ? first : second;
  return (
    <div className="st-approve">
      <ul className="st-parties">
        {parties.map((party) => (
          <li key={party.id} data-current={party.id === current.id || undefined}>
            <strong>{party.label}</strong>
            <StatusPill status={party.hasCard ? 'good' : 'warning'}>
              {t(party.hasCard ? 'desk.card.in' : 'desk.card.out')}
            </StatusPill>
            {party === first && firstPin !== null ? (
              <StatusPill status="good">{t('pin.typed')}</StatusPill>
            ) : (
              <StatusPill status={party.id === current.id ? 'info' : 'off'}>
                {t(party.id === current.id ? 'pin.now' : 'pin.waiting')}
              </StatusPill>
            )}
          </li>
        ))}
      </ul>
      <PinPad
        key={current.id}
        label={t('pin.of', { role: current.label })}
        description={t('pin.description')}
        submitLabel={firstPin === null ? t('pin.next') : submitLabel}
        isBusy={isBusy || !current.hasCard}
        onSubmit={(pin) => {
          if (firstPin === null) return setFirstPin(pin);
          setFirstPin(null);
          onComplete({ [first.id]: firstPin, [second.id]: pin } as Record<Id, string>);
        }}
      />
    </div>
  );
}
