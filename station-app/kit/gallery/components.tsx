import { useState } from 'react';
import {
  Button,
  ButtonRow,
  ChoiceCard,
  ChoiceGrid,
  Columns,
  DataTable,
  DisplayControls,
  Keypad,
  Ledger,
  LiveRegion,
  Notice,
  NumberField,
  Panel,
  Progress,
  Screen,
  SearchField,
  StatTile,
  StatusPill,
  StepList,
  TabSet,
  TileRow,
  useRoot,
} from '../src/index.ts';
import { type PageProps, SAMPLE_FATHERS, useFrame, useSampleTexts } from './sample.ts';

const Inputs = () => {
  const { locale } = useRoot();
  const t = useSampleTexts();
  const [code, setCode] = useState('042');
  const [pin, setPin] = useState('1234');
  const [query, setQuery] = useState('');
  const [isSelected, setSelected] = useState(true);
  return (
    <Columns>
      <Panel title={t('fields')}>
        <SearchField
          label={t('search')}
          value={query}
          onChange={setQuery}
          placeholder={t('search.hint')}
          result={t('search.result', { count: 1_284 })}
        />
        <NumberField
          label={t('code')}
          value={code}
          onChange={setCode}
          maxDigits={3}
          description={t('code.description')}
          error={t('code.error')}
        />
        <NumberField label={t('pin')} value={pin} onChange={setPin} maxDigits={6} isSecret />
        <ChoiceGrid label={t('majority.title')}>
          <ChoiceCard
            code="104"
            name={t('candidate.1')}
            detail={t('candidate.detail', { father: SAMPLE_FATHERS[locale][0] })}
            isSelected={isSelected}
            onChange={setSelected}
          />
          <ChoiceCard
            code="207"
            name={t('candidate.2')}
            detail={t('candidate.detail', { father: SAMPLE_FATHERS[locale][1] })}
            isSelected={false}
            onChange={() => undefined}
            isDisabled
          />
          <ChoiceCard
            code="000"
            name={t('blank')}
            detail={t('blank.detail')}
            isSelected={!isSelected}
            onChange={(blank) => setSelected(!blank)}
          />
        </ChoiceGrid>
      </Panel>
      <Panel title={t('code')}>
        <Keypad
          label={t('code')}
          value={code}
          onChange={setCode}
          maxDigits={3}
          onEnter={() => undefined}
          enterLabel={t('code.enter')}
        />
      </Panel>
    </Columns>
  );
};

const Messages = () => {
  const t = useSampleTexts();
  return (
    <Panel title={t('notices')}>
      <Notice
        kind="fault"
        title={t('notice.fault.title')}
        next={t('notice.fault.next')}
        actions={<Button kind="primary">{t('retry')}</Button>}
      >
        {t('notice.fault.body')}
      </Notice>
      <Columns>
        <Notice kind="warning" title={t('notice.warning.title')}>
          {t('notice.warning.body')}
        </Notice>
        <Notice kind="info" title={t('notice.info.title')} />
        <Notice kind="success" title={t('notice.success.title')} next={t('notice.success.next')} />
      </Columns>
      <LiveRegion message={t('live')} />
    </Panel>
  );
};

const Figures = () => {
  const t = useSampleTexts();
  return (
    <>
      <Columns>
        <Panel title={t('ledgers')}>
          <Ledger
            title={t('ledger.title')}
            whole={{ label: t('ledger.issued'), value: 1_041 }}
            parts={[
              { label: t('ledger.cast'), value: 1_037 },
              { label: t('ledger.returned'), value: 4 },
            ]}
          />
          <Ledger
            title={t('ledger.title.broken')}
            whole={{ label: t('ledger.printed'), value: 1_040 }}
            parts={[
              { label: t('ledger.bin'), value: 1_037 },
              { label: t('ledger.rejected'), value: 2 },
            ]}
          />
        </Panel>
        <Panel title={t('steps')}>
          <StepList
            label={t('steps')}
            steps={[
              { id: 'empty', title: t('step.empty'), state: 'done', who: t('role.chief') },
              {
                id: 'seal',
                title: t('step.seal'),
                state: 'current',
                who: t('role.supervisor'),
                detail: t('step.seal.detail'),
              },
              { id: 'count', title: t('step.count'), state: 'blocked', who: t('role.board') },
              { id: 'open', title: t('step.open'), state: 'waiting' },
            ]}
          />
          <Progress label={t('progress.count')} value={412} max={1_037} />
          <Progress label={t('progress.unknown')} />
        </Panel>
      </Columns>
      <Panel title={t('tiles')}>
        <TileRow>
          <StatTile label={t('tile.admitted')} value={1_041} />
          <StatTile label={t('tile.cast')} value={1_037} status="good" detail={t('rate', { count: 137 })} />
          <StatTile label={t('tile.queue')} value={23} status="warning" />
          <StatTile label={t('tile.wait')} value={6} unit={t('tile.minutes')} status="fault" />
        </TileRow>
        <ButtonRow>
          <StatusPill status="good">{t('ready')}</StatusPill>
          <StatusPill status="warning">{t('paper.low')}</StatusPill>
          <StatusPill status="fault">{t('notice.fault.title')}</StatusPill>
          <StatusPill status="info">{t('open')}</StatusPill>
          <StatusPill status="busy">{t('button.busy')}</StatusPill>
          <StatusPill status="off">{t('link.off')}</StatusPill>
        </ButtonRow>
        <DataTable
          caption={t('table')}
          columns={[
            { id: 'station', title: t('column.station') },
            { id: 'contest', title: t('column.contest') },
            { id: 'box', title: t('column.box'), isNumeric: true },
            { id: 'paper', title: t('column.paper'), isNumeric: true },
          ]}
          rows={[
            {
              id: '12',
              cells: {
                station: t('station.name', { number: 12 }),
                contest: t('contest.president'),
                box: 1_037,
                paper: 1_037,
              },
            },
            {
              id: '13',
              cells: {
                station: t('station.name', { number: 13 }),
                contest: t('contest.majles'),
                box: 842,
                paper: 842,
              },
            },
            {
              id: '14',
              cells: {
                station: t('station.name', { number: 14 }),
                contest: t('contest.council'),
                box: 7,
                paper: 7,
              },
            },
            { id: 'sum', cells: { station: t('sum'), contest: '', box: 1_886, paper: 1_886 }, isTotal: true },
          ]}
        />
        <DataTable
          caption={t('table')}
          isCaptionHidden
          columns={[{ id: 'station', title: t('column.station') }]}
          rows={[]}
          empty={t('empty')}
        />
      </Panel>
    </>
  );
};

/** Every component in one long page. */
export const ComponentsPage = ({ settings, onSettings }: PageProps) => {
  const t = useSampleTexts();
  const frame = useFrame();
  const [tab, setTab] = useState('day');
  return (
    <Screen
      {...frame}
      publicCounter={1_037}
      title={t('settings')}
      status={<StatusPill status="good">{t('open')}</StatusPill>}
      next={t('next.officer')}
      actions={<Button kind="primary">{t('button.primary')}</Button>}
    >
      <Panel>
        <DisplayControls value={settings} onChange={onSettings} />
      </Panel>
      <Panel title={t('buttons')}>
        <ButtonRow>
          <Button kind="primary" icon="forward" iconAt="end">
            {t('button.primary')}
          </Button>
          <Button icon="back">{t('button.quiet')}</Button>
          <Button kind="danger" icon="fault">
            {t('button.danger')}
          </Button>
          <Button isDisabled>{t('button.disabled')}</Button>
          <Button kind="primary" isBusy>
            {t('button.busy')}
          </Button>
          <Button icon="search" label={t('search')} />
        </ButtonRow>
      </Panel>
      <Inputs />
      <Messages />
      <Figures />
      <TabSet
        label={t('settings')}
        selected={tab}
        onChange={setTab}
        items={[
          { id: 'day', title: t('tab.day'), content: <Progress label={t('progress')} value={3} max={5} /> },
          { id: 'log', title: t('tab.log'), content: <p>{t('tab.log.body')}</p> },
        ]}
      />
    </Screen>
  );
};
