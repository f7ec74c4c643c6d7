import { formatClock, searchFinds, searchKey } from '@sandoq/protocol/persian';
import { useState } from 'react';
import {
  ApprovalDialog,
  Button,
  ChoiceCard,
  ChoiceGrid,
  Columns,
  DataTable,
  DisplayMenu,
  Keypad,
  Ledger,
  NumberField,
  Pager,
  Panel,
  Screen,
  SearchField,
  StatTile,
  StatusPill,
  StepList,
  TileRow,
  useRoot,
} from '../src/index.ts';
import { type PageProps, SAMPLE_CODES, SAMPLE_FATHERS, useFrame, useSampleTexts } from './sample.ts';

const SEATS = 5;

/** A contest with several seats, as a voter sees it. */
export const VoterPage = ({ settings, onSettings }: PageProps) => {
  const { locale } = useRoot();
  const t = useSampleTexts();
  const frame = useFrame();
  const [selected, setSelected] = useState<readonly string[]>(['104', '318', '421']);
  const [code, setCode] = useState('20');
  const [query, setQuery] = useState('');
  const [page, setPage] = useState(1);
  const candidates = SAMPLE_CODES.map((each, index) => ({
    code: each,
    name: t(`candidate.${(index + 1) as 1 | 2 | 3 | 4 | 5 | 6}`),
    detail: t('candidate.detail', { father: SAMPLE_FATHERS[locale][index] ?? '' }),
  })).filter((candidate) => searchFinds(searchKey(`${candidate.code} ${candidate.name}`), searchKey(query)));
  const toggle = (each: string) => (isSelected: boolean) =>
    setSelected(isSelected ? [...selected, each] : selected.filter((other) => other !== each));
  return (
    <Screen
      {...frame}
      publicCounter={1_037}
      tools={<DisplayMenu value={settings} onChange={onSettings} />}
      title={t('majority.title')}
      lead={t('majority.lead')}
      status={
        <StatusPill status="info">
          {t('selected.count', { selected: selected.length, seats: SEATS })}
        </StatusPill>
      }
      next={t('next.voter')}
      actions={
        <>
          <Button kind="primary" icon="forward" iconAt="end">
            {t('review')}
          </Button>
          <Button icon="back">{t('button.quiet')}</Button>
        </>
      }
    >
      <Columns shape="wide">
        <Panel>
          <SearchField
            label={t('search')}
            value={query}
            onChange={setQuery}
            placeholder={t('search.hint')}
            result={t('search.result', { count: candidates.length })}
          />
          <ChoiceGrid label={t('majority.title')}>
            {candidates.map((candidate) => (
              <ChoiceCard
                key={candidate.code}
                {...candidate}
                isSelected={selected.includes(candidate.code)}
                onChange={toggle(candidate.code)}
                isDisabled={selected.length >= SEATS && !selected.includes(candidate.code)}
              />
            ))}
          </ChoiceGrid>
          <Pager page={page} pages={34} onChange={setPage} />
        </Panel>
        <Panel>
          <NumberField
            label={t('code')}
            value={code}
            onChange={setCode}
            maxDigits={3}
            description={t('code.description')}
          />
          <Keypad
            label={t('code')}
            value={code}
            onChange={setCode}
            maxDigits={3}
            onEnter={() => setCode('')}
            enterLabel={t('code.enter')}
            isEnterDisabled={code.length < 3}
          />
        </Panel>
      </Columns>
    </Screen>
  );
};

const OfficerScreen = ({ isApproving }: { readonly isApproving: boolean }) => {
  const { locale } = useRoot();
  const t = useSampleTexts();
  const frame = useFrame();
  const [isOpen, setOpen] = useState(isApproving);
  return (
    <Screen
      {...frame}
      publicCounter={0}
      title={t('officer.title')}
      lead={t('officer.lead')}
      status={<StatusPill status="good">{t('ready')}</StatusPill>}
      next={t('next.officer')}
      actions={
        <Button kind="primary" onPress={() => setOpen(true)}>
          {t('step.open')}
        </Button>
      }
    >
      <TileRow>
        <StatTile label={t('tile.admitted')} value={1_041} />
        <StatTile label={t('tile.cast')} value={1_037} />
        <StatTile label={t('tile.queue')} value={23} status="warning" />
        <StatTile label={t('tile.wait')} value={6} unit={t('tile.minutes')} />
      </TileRow>
      <Columns shape="wide">
        <Panel title={t('opening')}>
          <StepList
            label={t('opening')}
            steps={[
              { id: 'empty', title: t('step.empty'), state: 'done', who: t('role.chief') },
              {
                id: 'seal',
                title: t('step.seal'),
                state: 'done',
                who: t('role.supervisor'),
                detail: t('step.seal.detail'),
              },
              { id: 'count', title: t('step.count'), state: 'current', who: t('role.board') },
              { id: 'zero', title: t('step.zero'), state: 'waiting', who: t('role.board') },
              { id: 'open', title: t('step.open'), state: 'waiting', who: t('role.chief') },
            ]}
          />
        </Panel>
        <Panel title={t('devices')}>
          <DataTable
            caption={t('devices')}
            isCaptionHidden
            columns={[
              { id: 'device', title: t('devices') },
              { id: 'state', title: t('tiles') },
            ]}
            rows={[
              {
                id: 'box',
                cells: {
                  device: t('device.box'),
                  state: <StatusPill status="good">{t('ready')}</StatusPill>,
                },
              },
              {
                id: 'reader',
                cells: {
                  device: t('device.reader'),
                  state: <StatusPill status="good">{t('ready')}</StatusPill>,
                },
              },
              {
                id: 'paper',
                cells: {
                  device: t('device.paper'),
                  state: <StatusPill status="warning">{t('paper.low')}</StatusPill>,
                },
              },
              {
                id: 'link',
                cells: {
                  device: t('device.link'),
                  state: <StatusPill status="off">{t('link.off')}</StatusPill>,
                },
              },
            ]}
          />
          <Ledger
            title={t('ledger.title')}
            whole={{ label: t('ledger.issued'), value: 1_041 }}
            parts={[
              { label: t('ledger.cast'), value: 1_037 },
              { label: t('ledger.returned'), value: 1 },
              { label: t('ledger.spoiled'), value: 0 },
              { label: t('ledger.abandoned'), value: 1 },
              { label: t('ledger.outstanding'), value: 2 },
            ]}
          />
        </Panel>
      </Columns>
      <ApprovalDialog
        isOpen={isOpen}
        title={t('admit.title')}
        onCancel={() => setOpen(false)}
        approvals={[
          {
            id: 'executive',
            role: t('admit.chief'),
            state: 'approved',
            detail: t('admit.approved', { clock: formatClock({ hour: 8, minute: 5 }, locale) }),
          },
          { id: 'supervisor', role: t('admit.deputy'), state: 'waiting', detail: t('admit.waiting') },
        ]}
      >
        <p>{t('admit.body')}</p>
      </ApprovalDialog>
    </Screen>
  );
};

export const OfficerPage = () => <OfficerScreen isApproving={false} />;
export const ApprovalPage = () => <OfficerScreen isApproving />;
