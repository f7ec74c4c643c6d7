/** What to do when something is not as it should be: a list to look in before anybody is asked. */
import { useStationTexts } from '../station.ts';

export const TROUBLES = [
  'jam',
  'paper_out',
  'box_silent',
  'reader_silent',
  'program_restarts',
  'power_cut',
  'wrong_role_card',
  'lost_role_card',
  'locked_role_card',
  'foreign_document',
  'no_document',
  'double',
  'offline',
  'helper',
  'card_spoiled',
  'voter_left_choosing',
  'voter_left_paper',
  'withdrawn',
  'hours',
  'disorder',
] as const;

export function Troubles() {
  const t = useStationTexts();
  return (
    <>
      <p>{t('troubles.lead')}</p>
      <ul className="st-troubles">
        {TROUBLES.map((trouble) => (
          <li key={trouble}>
            <details onToggle={({ currentTarget }) => currentTarget.scrollIntoView({ block: 'nearest' })}>
              <summary>{t(`trouble.${trouble}`)}</summary>
              <p>{t(`trouble.${trouble}.do`)}</p>
            </details>
          </li>
        ))}
      </ul>
    </>
  );
}
