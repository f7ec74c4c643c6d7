import {
  Button,
  Columns,
  Keypad,
  Notice,
  NumberField,
  Panel,
  Progress,
  SegmentedChoice,
  StatusPill,
  StepList,
} from '@sandoq/kit';
import { useState } from 'react';
import type { OfficerView } from '../../contract/voting.ts';
import { type Caller, useCaller, useCodes, useStationTexts } from '../station.ts';
import { Deeds } from './day-book.tsx';
import { CallerRefusal } from './refusal.tsx';

/** Long work in hand: loading, counting, recounting. */
export function WorkProgress({ voting }: { readonly voting: OfficerView }) {
  const codes = useCodes();
  const t = useStationTexts();
  if (voting.progress === null) return null;
  const { code, permille } = voting.progress;
  return (
    <Progress
      label={codes.find(`progress.${code}`) ?? t('progress.work')}
      value={permille}
      max={1000}
      valueText={t('progress.percent', { percent: Math.floor(permille / 10) })}
    />
  );
}

export function Checklist({ voting }: { readonly voting: OfficerView }) {
  const t = useStationTexts();
  const codes = useCodes();
  const firstWaiting = voting.checklist.find(({ state }) => state !== 'done')?.id;
  return (
    <StepList
      label={t('checklist.title')}
      steps={voting.checklist.map(({ id, state, code }) => ({
        id,
        title: codes.find(`check.${id}`) ?? id,
        state:
          state === 'done'
            ? 'done'
            : state === 'fault'
              ? 'blocked'
              : id === firstWaiting
                ? 'current'
                : 'waiting',
        ...(code === null ? {} : { detail: `${codes.happened(code)} ${codes.todo(code)}` }),
      }))}
    />
  );
}

export function SetUp({ voting, caller }: { readonly voting: OfficerView; readonly caller: Caller }) {
  const t = useStationTexts();
  return (
    <Panel title={t('checklist.title')}>
      <CallerRefusal caller={caller} />
      <WorkProgress voting={voting} />
      <Checklist voting={voting} />
    </Panel>
  );
}

const SEALS_MAX = 8;
const SEAL_DIGITS_MAX = 12;

/** The numbers of the seals, read out by one and typed by another. */
function Seals({
  seals,
  onSeals,
}: {
  readonly seals: readonly string[];
  readonly onSeals: (seals: readonly string[]) => void;
}) {
  const t = useStationTexts();
  const [seal, setSeal] = useState('');
  const add = (): void => {
    if (seal === '' || seals.length >= SEALS_MAX || seals.includes(seal)) return;
    onSeals([...seals, seal]);
    setSeal('');
  };
  return (
    <Panel title={t('opening.seals')}>
      <ul className="st-seals" aria-label={t('opening.seals')}>
        {seals.length === 0 ? <li className="st-quiet">{t('opening.seals.none')}</li> : null}
        {seals.map((each) => (
          <li key={each}>
            <StatusPill status="good">{t('opening.seal', { number: each })}</StatusPill>
            <Button
              icon="cross"
              label={t('opening.seal.remove', { number: each })}
              onPress={() => onSeals(seals.filter((other) => other !== each))}
            />
          </li>
        ))}
      </ul>
      <NumberField
        label={t('opening.seal.number')}
        value={seal}
        onChange={setSeal}
        maxDigits={SEAL_DIGITS_MAX}
        onEnter={add}
      />
      <Keypad
        label={t('opening.seal.number')}
        value={seal}
        onChange={setSeal}
        maxDigits={SEAL_DIGITS_MAX}
        onEnter={add}
        enterLabel={t('opening.seal.add')}
        isEnterDisabled={seal === '' || seals.length >= SEALS_MAX}
      />
    </Panel>
  );
}

/** Mode and seals, before the two roles approve. */
export function OpeningForm({ voting }: { readonly voting: OfficerView }) {
  const t = useStationTexts();
  const caller = useCaller();
  const mustRehearse = voting.election.demonstration;
  const [mode, setMode] = useState<'rehearsal' | 'official'>(mustRehearse ? 'rehearsal' : 'official');
  const [seals, setSeals] = useState<readonly string[]>([]);
  return (
    <Columns shape="wide">
      <Panel title={t('opening.title')}>
        <CallerRefusal caller={caller} />
        <Deeds voting={voting} part="opening" only={['box_shown_empty', 'box_sealed']} canTick />
        <p>{t('opening.insert_cards')}</p>
        {mustRehearse ? (
          <Notice kind="info" title={t('opening.rehearsal_only')}>
            {t('opening.rehearsal_only.lead')}
          </Notice>
        ) : (
          <SegmentedChoice
            label={t('opening.mode')}
            value={mode}
            onChange={setMode}
            options={[
              { id: 'official', label: t('mode.official') },
              { id: 'rehearsal', label: t('mode.rehearsal') },
            ]}
          />
        )}
        <Button
          kind="primary"
          isBusy={caller.isBusy}
          onPress={() => void caller.run('opening.begin', { mode, seals: [...seals] })}
        >
          {t('opening.begin')}
        </Button>
      </Panel>
      <Seals seals={seals} onSeals={setSeals} />
    </Columns>
  );
}
