import { type DisplaySettings, Notice, Progress } from '@sandoq/kit';
import type { ReactNode } from 'react';
import type { VoterView } from '../../contract/voting.ts';
import { useCodes, useStationTexts } from '../station.ts';
import { CallOfficer, LayCard, PaperFallen, PaperInWindow, TakeCard } from './pictures.tsx';
import { VoterFrame } from './voter-app.tsx';

interface Props {
  readonly view: VoterView;
  readonly settings: DisplaySettings;
  readonly onDisplay: () => void;
}

/** One drawing, one sentence in large letters, one more below. */
function Moment({ drawing, children }: { readonly drawing: ReactNode; readonly children: ReactNode }) {
  return (
    <div className="st-moment">
      {drawing}
      <div className="kit-panel">{children}</div>
    </div>
  );
}

/** The two keys of the box, drawn as they look there. */
function BoxKeys({ view }: { readonly view: VoterView }) {
  const t = useStationTexts();
  return (
    <ul className="st-box-keys">
      <li>
        <span className="st-box-key" data-key="green" aria-hidden="true" />
        <span>
          <strong>{t('window.green')}</strong>
          <span className="st-block">{t('window.green.lead')}</span>
        </span>
      </li>
      <li>
        <span className="st-box-key" data-key="correction" aria-hidden="true" />
        <span>
          <strong>{t('window.correction')}</strong>
          <span className="st-block">
            {view.corrections_left === null
              ? t('window.correction.again')
              : view.corrections_left > 0
                ? t('window.correction.lead', { left: view.corrections_left })
                : t('window.correction.none')}
          </span>
        </span>
      </li>
    </ul>
  );
}

function Rejected(props: Props) {
  const t = useStationTexts();
  return (
    <VoterFrame {...props} title={t('voter.rejected.title')} next={t('voter.rejected.next')}>
      <Moment drawing={<PaperInWindow />}>
        <p className="st-large">{t('voter.rejected.lead')}</p>
        <Progress label={t('voter.rejected.again')} />
      </Moment>
    </VoterFrame>
  );
}

function Ended(props: Props) {
  const t = useStationTexts();
  const codes = useCodes();
  const code = props.view.code ?? 'left';
  return (
    <VoterFrame {...props} title={t('voter.ended.title')} next={t('voter.ended.next')}>
      <Moment drawing={<TakeCard />}>
        <p className="st-large">{codes.happened(code, 'voter')}</p>
        <p>{codes.todo(code, 'voter')}</p>
      </Moment>
    </VoterFrame>
  );
}

function Refused(props: Props) {
  const { view } = props;
  const t = useStationTexts();
  const codes = useCodes();
  const code = view.code ?? 'card_unreadable';
  return (
    <VoterFrame {...props} title={t('voter.refused.title')} next={t('voter.refused.next')}>
      <Moment drawing={<TakeCard />}>
        <Notice
          kind="warning"
          title={codes.happened(code, 'voter')}
          next={codes.todo(code, 'voter')}
          isAnnounced
        />
      </Moment>
    </VoterFrame>
  );
}

function OfficerNeeded(props: Props) {
  const t = useStationTexts();
  return (
    <VoterFrame {...props} title={t('voter.officer.title')} next={t('voter.officer.next')}>
      <Moment drawing={<CallOfficer />}>
        <p className="st-large">{t('voter.officer.lead')}</p>
        <p>{t('voter.officer.secret')}</p>
      </Moment>
    </VoterFrame>
  );
}

/** Every screen of the voter on which nothing is chosen. */
export function Standing(props: Props) {
  const { view } = props;
  const t = useStationTexts();
  switch (view.phase) {
    case 'not_open':
      return (
        <VoterFrame
          {...props}
          title={t(view.paused === true ? 'voter.paused.title' : 'voter.not_open.title')}
        >
          <Moment drawing={<LayCard />}>
            <p className="st-large">
              {t(view.paused === true ? 'voter.paused.lead' : 'voter.not_open.lead')}
            </p>
          </Moment>
        </VoterFrame>
      );
    case 'reading_card':
      return (
        <VoterFrame {...props} title={t('voter.reading.title')} next={t('voter.reading.next')}>
          <Moment drawing={<LayCard />}>
            <Progress label={t('voter.reading.lead')} />
          </Moment>
        </VoterFrame>
      );
    case 'card_refused':
      return <Refused {...props} />;
    case 'printing':
      return (
        <VoterFrame {...props} title={t('voter.printing.title')} next={t('voter.printing.next')}>
          <Moment drawing={<PaperInWindow />}>
            <Progress label={t('voter.printing.lead')} />
          </Moment>
        </VoterFrame>
      );
    case 'in_window':
      return (
        <VoterFrame {...props} title={t('window.title')} next={t('window.next')}>
          <Moment drawing={<PaperInWindow />}>
            <p className="st-large">{t('window.lead')}</p>
            <BoxKeys view={view} />
          </Moment>
        </VoterFrame>
      );
    case 'cast':
      return (
        <VoterFrame {...props} title={t('voter.cast.title')} next={t('voter.cast.next')}>
          <Moment drawing={<PaperFallen />}>
            <p className="st-large">{t('voter.cast.lead')}</p>
            <p>{t('voter.cast.thanks')}</p>
          </Moment>
        </VoterFrame>
      );
    case 'rejected':
      return <Rejected {...props} />;
    case 'officer_needed':
      return <OfficerNeeded {...props} />;
    case 'ended':
      return <Ended {...props} />;
    default:
      return (
        <VoterFrame {...props} title={t('voter.welcome.title')} next={t('voter.welcome.next')}>
          <Moment drawing={<LayCard />}>
            <p className="st-large">{t('voter.welcome.lead')}</p>
            <p>{t('voter.welcome.steps')}</p>
            <p>{t('voter.welcome.secret')}</p>
          </Moment>
        </VoterFrame>
      );
  }
}
