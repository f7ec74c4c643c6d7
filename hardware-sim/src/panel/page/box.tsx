import { formatInteger, localizeDigits } from '@sandoq/protocol/persian';
import type { DeedInput } from '../../control/deeds.ts';
import { Light } from './light.tsx';
import { Paper } from './paper.tsx';
import { type TextKey, useRoom } from './room.ts';
import { Slot } from './slot.tsx';

type BoxKey = Extract<DeedInput, { readonly do: 'press' }>['key'];

const BINS = ['bin', 'rejected', 'retained', 'taken_out'] as const;

const Window = () => {
  const { t, state } = useRoom();
  return (
    <div className="window" data-window={state.window} data-void={state.overprinted || undefined}>
      {state.window === 'empty' ? <p>{t('box.window.empty')}</p> : null}
      {state.window === 'jammed' ? <p>{t('box.window.jammed')}</p> : null}
      {state.window === 'paper' && state.raster === null ? <p>{t('box.window.no_picture')}</p> : null}
      {state.window === 'paper' && state.raster !== null ? (
        <Paper raster={state.raster} label={t('box.window.alt')} />
      ) : null}
    </div>
  );
};

const Keypad = () => {
  const { t, locale, act } = useRoom();
  const press = (key: BoxKey) => (): void => void act({ do: 'press', key });
  const digits = [1, 2, 3, 4, 5, 6, 7, 8, 9, 0] as const;
  return (
    <fieldset className="keypad" aria-label={t('box.keypad')}>
      <div className="digits" dir="ltr">
        {digits.map((digit) => (
          <button type="button" key={digit} data-key={`digit_${digit}`} onClick={press(`digit_${digit}`)}>
            {localizeDigits(String(digit), locale)}
          </button>
        ))}
      </div>
      <button type="button" data-key="white" onClick={press('white')}>
        {t('key.white')}
      </button>
      <button type="button" data-key="correction" onClick={press('correction')}>
        {t('key.correction')} <small>{t('key.correction.does')}</small>
      </button>
      <button type="button" data-key="green" onClick={press('green')}>
        {t('key.green')} <small>{t('key.green.does')}</small>
      </button>
    </fieldset>
  );
};

export const Box = () => {
  const { t, locale, state } = useRoom();
  return (
    <section className="part" data-part="box">
      <header>
        <h2>{t('box')}</h2>
        <Light on={state.power} texts={['light.power.on', 'light.power.off']} />
        <Light on={state.cables.box} texts={['light.cable.on', 'light.cable.off']} />
        <Light on={!state.lid_open} texts={['light.lid.closed', 'light.lid.open']} />
        <Light on={!state.paper_out} texts={['light.paper.in', 'light.paper.out']} />
        {state.jam_armed ? <Light on={false} texts={['light.jam_armed', 'light.jam_armed']} /> : null}
        {state.unseen_fall_armed ? (
          <Light on={false} texts={['light.unseen_armed', 'light.unseen_armed']} />
        ) : null}
      </header>
      {state.firmware_fault === null ? null : (
        <pre className="fault-detail" dir="ltr">
          {state.firmware_fault}
        </pre>
      )}
      <div className="box-body">
        <Window />
        <div className="box-side">
          <Slot place="box_pad" />
          <Keypad />
        </div>
      </div>
      <dl className="bins">
        {BINS.map((bin) => (
          <div key={bin} data-bin={bin}>
            <dt>{t(`box.bin.${bin}` satisfies TextKey)}</dt>
            <dd>{formatInteger(state.bins[bin], locale)}</dd>
          </div>
        ))}
      </dl>
    </section>
  );
};
