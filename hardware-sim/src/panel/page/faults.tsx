import { type RoomDeed, type TextKey, useRoom } from './room.ts';

/** Ten hours: more than the law's shortest day of voting. */
const DAY_MINUTES = 600;

export const Faults = () => {
  const { t, state, act } = useRoom();
  const does = (key: TextKey, deed: RoomDeed, isPossible = true, note?: TextKey) => (
    <button type="button" key={key} data-fault={key} disabled={!isPossible} onClick={() => act(deed)}>
      {t(key)} {note === undefined ? null : <small>{t(note)}</small>}
    </button>
  );
  const cable = (link: 'box' | 'admission_reader' | 'role_reader') =>
    does(`fault.${link}.${state.cables[link] ? 'off' : 'on'}`, {
      do: 'cable',
      link,
      plugged: !state.cables[link],
    });
  return (
    <section className="part" data-part="faults">
      <header>
        <h2>{t('faults')}</h2>
        <p className="lead">{t('faults.lead')}</p>
      </header>
      <div className="faults">
        {does(`fault.power.${state.power ? 'off' : 'on'}`, { do: 'power', on: !state.power })}
        {cable('box')}
        {cable('admission_reader')}
        {cable('role_reader')}
        {does(`fault.lid.${state.lid_open ? 'close' : 'open'}`, { do: 'lid', open: !state.lid_open })}
        {state.window === 'jammed' || state.jam_armed
          ? does('fault.clear', { do: 'paper', fault: 'clear' })
          : does('fault.jam', { do: 'paper', fault: 'jam' })}
        {does(`fault.${state.paper_out ? 'refill' : 'out'}`, {
          do: 'paper',
          fault: state.paper_out ? 'refill' : 'out',
        })}
        {does('fault.unseen_fall', { do: 'paper', fault: 'unseen_fall' }, !state.unseen_fall_armed)}
        {does('fault.hours', { do: 'pass_time', minutes: DAY_MINUTES }, state.power, 'fault.hours.does')}
      </div>
    </section>
  );
};
