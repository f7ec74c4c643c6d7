/** The records, described once. Field keys are permanent; meanings and who signs what are in docs/RECORDS.md. */
import {
  boolean,
  bytesOf,
  bytesUpTo,
  field,
  listOf,
  oneOf,
  optionalField,
  SAFE_MAX,
  type SchemaDescription,
  structOf,
  textOf,
  UINT32_MAX,
  uintOf,
  unionOf,
} from '../codec/description.ts';
import * as bound from './bounds.ts';

const id = textOf(bound.ID_BYTES_MAX);
const subject = textOf(bound.SUBJECT_BYTES_MAX);
const name = textOf(bound.NAME_BYTES_MAX);
const digest = bytesOf(bound.DIGEST_BYTES);
const key = bytesOf(32);
const count = uintOf(UINT32_MAX);
const epochSeconds = uintOf(SAFE_MAX);
const approval = bytesUpTo(bound.APPROVAL_BYTES_MAX);

export const RECORDS: SchemaDescription = {
  enumerations: {
    Mode: { doc: 'A rehearsal can never enter an official count.', codes: { rehearsal: 1, official: 2 } },
    LawRule: {
      doc: 'Which rule of protocol/docs/LAW.md decides a contest.',
      codes: {
        plurality: 1,
        majles: 2,
        president: 3,
        experts: 4,
        city_council: 5,
        rural_council: 6,
        council_lists: 7,
        runoff: 8,
      },
    },
    Denominator: { doc: 'What a threshold share is a share of.', codes: { all_votes: 1, valid_votes: 2 } },
    PartitionPolicy: {
      doc: 'What admission does while the province cannot be asked.',
      codes: { admit: 1, admit_with_stamp: 2, refuse: 3 },
    },
    Role: {
      doc: 'Who signs. `governor_representative` and `council_representative` hold the keys of the count.',
      codes: {
        chief: 1,
        deputy: 2,
        secretary: 3,
        executive: 4,
        supervisor: 5,
        governor_representative: 6,
        council_representative: 7,
        inspector: 8,
        candidate_representative: 9,
        authority: 10,
        executive_board: 11,
        supervisory_board: 12,
      },
    },
    Purpose: {
      doc: 'What a key may sign.',
      codes: {
        authority: 1,
        box: 2,
        voting: 3,
        admission: 4,
        tarefe: 5,
        role: 6,
        session: 7,
        intake: 8,
        board: 9,
      },
    },
    Action: {
      doc: 'What an approval approves; its digest covers the statement named beside it in RECORDS.md.',
      codes: {
        open: 1,
        arm_tarefe: 2,
        return_tarefe: 3,
        abandon_ballot: 4,
        close_doors: 5,
        close: 6,
        slip: 7,
        correction: 8,
        clear: 9,
        code_only_admission: 10,
        admission_summary: 11,
        file_report: 12,
        minutes: 13,
      },
    },
    RecountOutcome: {
      doc: 'What the minutes say of the recount before they were signed.',
      codes: { not_done: 1, agreed: 2, disagreed: 3 },
    },
    TarefeState: {
      doc: 'A card is armed once and spent once; voiding makes it blank again.',
      codes: { blank: 1, armed: 2, spent: 3 },
    },
    DocumentKind: {
      doc: 'The documents that admit, and code only under two roles.',
      codes: {
        national_card: 1,
        national_card_chipless: 2,
        shenasnameh: 3,
        passport: 4,
        driving_licence: 5,
        military_card: 6,
        code_only: 7,
      },
    },
    ClaimStep: {
      doc: 'What a station asks or tells of one person: may she be admitted; she was, unasked; her unused card came back.',
      codes: { claim: 1, admitted: 2, release: 3 },
    },
    ClaimVerdict: {
      doc: '`elsewhere` refuses; `doubled` is recorded and attributed; `superseded` is an old message come late.',
      codes: { granted: 1, elsewhere: 2, recorded: 3, doubled: 4, superseded: 5 },
    },
    StationKind: { doc: 'Fixed or mobile station.', codes: { fixed: 1, mobile: 2, abroad: 3 } },
  },
  structs: {
    Bilingual: {
      doc: 'Persian first; English beside it.',
      fields: [field(1, 'fa', name, 'Persian'), field(2, 'en', name, 'English')],
    },
    Contest: {
      doc: 'One question on the ballot.',
      fields: [
        field(1, 'id', id, 'stable id, for example "majles-tehran"'),
        field(2, 'title', structOf('Bilingual'), 'as shown and printed'),
        field(3, 'law', oneOf('LawRule'), 'the counting rule'),
        field(4, 'seats', uintOf(1024), 'seats to fill'),
        field(5, 'choicesMax', uintOf(bound.CHOICES_MAX), 'N: the most names a voter may choose'),
        field(6, 'blankAllowed', boolean, 'whether a deliberate blank may be cast'),
        field(7, 'candidatesCount', uintOf(bound.CANDIDATES_MAX), 'length of the candidate list'),
        field(8, 'candidatesDigest', digest, 'SHA-256 of the encoded CandidateList'),
        field(9, 'codeDigits', uintOf(6), 'digits of each candidate code'),
        optionalField(
          10,
          'thresholdPermille',
          uintOf(1000),
          'share needed, in thousandths, where the law has one',
        ),
        optionalField(11, 'district', id, 'the constituency that the contest belongs to'),
      ],
    },
    Candidate: {
      doc: 'One candidate; the place in the list is the index used in ballots and totals.',
      fields: [
        field(1, 'code', textOf(6), 'digits the voter keys, leading zeros kept'),
        field(2, 'name', structOf('Bilingual'), 'as shown, spoken and printed'),
        optionalField(3, 'list', id, 'list code where the law knows lists'),
        optionalField(4, 'pictureDigest', digest, 'SHA-256 of the picture file in the provisioning folder'),
      ],
    },
    CandidateList: {
      doc: 'All candidates of one contest, a file of its own bound by its digest.',
      fields: [
        field(1, 'contest', id, 'the contest'),
        field(2, 'candidates', listOf(structOf('Candidate'), bound.CANDIDATES_MAX), 'in index order'),
      ],
    },
    BallotStyle: {
      doc: 'Which contests a voter may vote in.',
      fields: [
        field(1, 'id', id, 'for example "resident" or "visitor"'),
        field(2, 'name', structOf('Bilingual'), 'for the officer'),
        field(
          3,
          'contests',
          listOf(uintOf(bound.CONTESTS_MAX - 1), bound.CONTESTS_MAX, 1),
          'indexes into contests, ascending',
        ),
      ],
    },
    Settings: {
      doc: 'Facts that change from election to election: never constants in code.',
      fields: [
        field(1, 'opensAt', epochSeconds, 'epoch seconds: start of voting'),
        field(
          2,
          'closesAt',
          epochSeconds,
          'epoch seconds: no close before this by the wall clock of the officers',
        ),
        field(
          3,
          'openMinutesMin',
          uintOf(2880),
          'powered minutes since opening before the box accepts CLOSE',
        ),
        field(
          4,
          'correctionsMax',
          uintOf(16),
          'papers a voter may have rejected before an officer is called',
        ),
        field(5, 'timeBucketMinutes', uintOf(1440), 'coarseness of every time between open and close'),
        field(
          6,
          'voterTimeoutSeconds',
          uintOf(3600),
          'inactivity before the session ends (VVSG 2.0: 2 to 5 minutes)',
        ),
        field(7, 'voterAlertSeconds', uintOf(600), 'how long the alert stands before that (20 to 45 s)'),
        field(8, 'stampShenasnameh', boolean, 'whether the birth certificate is stamped'),
        field(9, 'denominator', oneOf('Denominator'), 'of threshold shares'),
        field(10, 'partitionPolicy', oneOf('PartitionPolicy'), 'admission without the line'),
        field(11, 'stationVotesMin', uintOf(1000), 'k: fewer votes are counted with a partner station'),
        field(12, 'utcOffsetMinutes', uintOf(1440), 'local time east of UTC, 210 in Iran'),
        field(13, 'pinTriesMax', uintOf(15), 'wrong PINs before a role card locks'),
      ],
    },
    RasterSet: {
      doc: 'The pictures of names and labels that the box prints; leaves in `rasters.ts` order.',
      fields: [
        field(1, 'root', digest, 'Merkle root (RFC 9162) over the items'),
        field(2, 'count', count, 'number of items'),
        field(3, 'widthDots', uintOf(832), 'a multiple of 8'),
        field(4, 'heightDots', uintOf(128), 'rows'),
      ],
    },
    Package: {
      doc: 'The election, signed by the authority: data for a total parser, never code.',
      fields: [
        field(1, 'version', uintOf(65535), "of this election's package; amendments refer to the digest"),
        field(2, 'title', structOf('Bilingual'), 'of the election'),
        field(3, 'demonstration', boolean, 'true: rehearsal mode only, simulated devices accepted'),
        field(4, 'contests', listOf(structOf('Contest'), bound.CONTESTS_MAX, 1), 'in ballot order'),
        field(5, 'styles', listOf(structOf('BallotStyle'), bound.STYLES_MAX, 1), 'ballot styles'),
        field(6, 'settings', structOf('Settings'), 'facts of this election'),
        field(7, 'rasters', structOf('RasterSet'), 'names and labels for paper'),
        field(
          8,
          'stationsRoot',
          digest,
          'Merkle root over the payloads of all Station records, sorted by station id',
        ),
        field(9, 'stationsCount', count, 'how many there are'),
        field(10, 'intakeKey', key, "Ed25519 key that signs the province's receipts"),
        optionalField(
          11,
          'lawDigest',
          digest,
          'SHA-256 of the file law.json: the election in the form of docs/LAW.md',
        ),
      ],
    },
    Place: {
      doc: 'Where a station is; every code carries its scheme, and none is inferred from a national code.',
      fields: [
        field(1, 'scheme', id, 'for example "iso-3166-2:2020"'),
        field(2, 'province', id, ''),
        field(3, 'county', id, ''),
        field(4, 'district', id, ''),
        field(5, 'constituency', id, ''),
      ],
    },
    EnrolledDevice: {
      doc: 'A device key, made on the device.',
      fields: [
        field(1, 'subject', subject, ''),
        field(2, 'purpose', oneOf('Purpose'), ''),
        field(3, 'key', key, 'Ed25519'),
      ],
    },
    EnrolledRole: {
      doc: "A role card's key, made on the card.",
      fields: [
        field(1, 'subject', subject, ''),
        field(2, 'role', oneOf('Role'), ''),
        field(3, 'key', key, 'Ed25519'),
        optionalField(4, 'countKey', key, 'X25519, for the two closing representatives'),
      ],
    },
    Station: {
      doc: 'One polling station, its devices and its role cards, signed by the authority.',
      fields: [
        field(1, 'id', id, 'station id'),
        field(2, 'name', structOf('Bilingual'), ''),
        field(3, 'kind', oneOf('StationKind'), ''),
        field(4, 'place', structOf('Place'), ''),
        field(
          5,
          'devices',
          listOf(structOf('EnrolledDevice'), bound.DEVICES_MAX),
          'boxes, voting, admission, tarefe',
        ),
        field(6, 'roles', listOf(structOf('EnrolledRole'), bound.ROLES_MAX), 'role cards'),
        field(7, 'votesMax', uintOf(bound.VOTES_MAX), 'capacity of box and store, in votes'),
        optionalField(8, 'custodianKey', key, 'X25519 of the offline k-of-n custodians'),
      ],
    },
    CandidateWithdrawn: {
      doc: '',
      fields: [
        field(1, 'contest', uintOf(bound.CONTESTS_MAX - 1), ''),
        field(2, 'candidate', uintOf(bound.CANDIDATES_MAX - 1), ''),
      ],
    },
    HoursChanged: {
      doc: '',
      fields: [field(1, 'closesAt', epochSeconds, ''), field(2, 'openMinutesMin', uintOf(2880), '')],
    },
    StationReplaced: { doc: '', fields: [field(1, 'station', structOf('Station'), 'the new entry')] },
    Amendment: {
      doc: 'A change to a signed package, itself signed, in unbroken sequence.',
      fields: [
        field(1, 'packageDigest', digest, "of the package's payload"),
        field(2, 'sequence', count, 'from 1'),
        field(3, 'effectiveAt', epochSeconds, ''),
        field(4, 'change', unionOf('AmendmentChange'), ''),
        field(5, 'reason', structOf('Bilingual'), 'shown to people'),
      ],
    },
    LinkProof: {
      doc: 'What each side of the box link signs.',
      fields: [
        field(1, 'fromBox', boolean, 'who signs'),
        field(2, 'hostChallenge', bytesOf(32), ''),
        field(3, 'boxChallenge', bytesOf(32), ''),
        field(4, 'softwareHash', digest, 'of the signer, as it reports it'),
      ],
    },
    ReportStatement: {
      doc: "What the author of a written report signs (action file_report): an inspector, a candidate's representative.",
      fields: [
        field(1, 'stationId', id, ''),
        field(2, 'number', count, 'of the reports of this station, from 1'),
        field(3, 'writtenBucket', epochSeconds, 'start of the time bucket'),
        field(4, 'text', textOf(bound.REPORT_BYTES_MAX), 'as it was written'),
      ],
    },
    OpenStatement: {
      doc: 'What two roles approve to open (action open).',
      fields: [
        field(1, 'stationId', id, ''),
        field(2, 'mode', oneOf('Mode'), ''),
        field(3, 'stationNonce', bytesOf(32), ''),
        field(4, 'boxNonce', bytesOf(32), ''),
      ],
    },
    Session: {
      doc: "Certifies the session key of one opening; signed by the box's device key.",
      fields: [
        field(
          1,
          'sessionId',
          bytesOf(bound.SESSION_ID_BYTES),
          'first 16 bytes of SHA-256 of the OpenStatement',
        ),
        field(2, 'stationId', id, ''),
        field(3, 'mode', oneOf('Mode'), ''),
        field(4, 'packageDigest', digest, ''),
        field(5, 'boxSubject', subject, ''),
        field(6, 'votingSubject', subject, ''),
        field(7, 'sessionKey', key, 'Ed25519, erased at close'),
        field(8, 'openedBucket', epochSeconds, 'start of the time bucket'),
        field(9, 'statement', structOf('OpenStatement'), 'what was approved'),
        field(10, 'approvals', listOf(approval, 2, 2), 'of two different roles'),
      ],
    },
    ZeroReport: {
      doc: 'The box is empty; signed under the session key.',
      fields: [
        field(1, 'sessionId', bytesOf(bound.SESSION_ID_BYTES), ''),
        field(2, 'records', count, 'must be 0'),
        field(3, 'papersPrinted', count, 'must be 0'),
        field(4, 'papersRejected', count, 'must be 0'),
        field(5, 'cardsSpent', count, 'must be 0'),
        field(6, 'slots', count, 'capacity in records'),
        field(7, 'tornSlots', count, 'slots lost to power cuts, zeroed'),
      ],
    },
    ArmStatement: {
      doc: 'What two roles approve to arm a tarefe card (action arm_tarefe). No person, no sequence, no time.',
      fields: [
        field(1, 'stationId', id, ''),
        field(2, 'mode', oneOf('Mode'), ''),
        field(3, 'style', uintOf(bound.STYLES_MAX - 1), 'index into styles'),
        field(4, 'armingNonce', bytesOf(bound.ARMING_NONCE_BYTES), 'made by the card, new at each arming'),
      ],
    },
    Tarefe: {
      doc: "A tarefe card's answer to a challenge, signed by the station's tarefe key.",
      fields: [
        field(1, 'challenge', bytesOf(32), 'of the asker'),
        field(2, 'state', oneOf('TarefeState'), ''),
        optionalField(3, 'statement', structOf('ArmStatement'), 'while armed or spent'),
        optionalField(4, 'approvals', listOf(approval, 2, 2), 'executive, supervisor'),
      ],
    },
    Approval: {
      doc: 'One role card, one press.',
      fields: [
        field(1, 'action', oneOf('Action'), ''),
        field(2, 'role', oneOf('Role'), ''),
        field(3, 'digest', digest, 'SHA-256 of the statement'),
        optionalField(4, 'remark', textOf(bound.REMARK_BYTES_MAX), 'minutes: a refusal or a remark'),
        optionalField(5, 'refused', boolean, 'signed, but in disagreement'),
      ],
    },
    Vote: {
      doc: 'Signed under the session key for each sealed record, so that no signature joins two contests.',
      fields: [
        field(1, 'sessionId', bytesOf(bound.SESSION_ID_BYTES), ''),
        field(2, 'sealedDigest', digest, 'SHA-256 of the sealed record'),
      ],
    },
    Rejection: {
      doc: 'The paper was made unreadable; signed under the session key.',
      fields: [
        field(1, 'sessionId', bytesOf(bound.SESSION_ID_BYTES), ''),
        field(2, 'challenge', digest, 'the station commitment of the rejected ballot'),
      ],
    },
    CloseStatement: {
      doc: 'What the two closing representatives approve (actions close_doors, close).',
      fields: [field(1, 'sessionId', bytesOf(bound.SESSION_ID_BYTES), ''), field(2, 'stationId', id, '')],
    },
    Commitment: {
      doc: "The box's last word under the session key: which sealed records it holds, not what they say.",
      fields: [
        field(1, 'sessionId', bytesOf(bound.SESSION_ID_BYTES), ''),
        field(2, 'setRoot', digest, 'Merkle root over sealed records sorted by name'),
        field(3, 'records', count, ''),
        field(4, 'cardsSpent', count, 'votes cast'),
        field(5, 'papersPrinted', count, ''),
        field(6, 'papersInBin', count, ''),
        field(7, 'papersRejected', count, ''),
        field(8, 'papersRetained', count, ''),
        field(9, 'tornSlots', count, ''),
        field(10, 'poweredMinutes', count, ''),
        field(11, 'approvals', listOf(approval, 2, 2), 'of the two closing representatives'),
      ],
    },
    DocumentCount: {
      doc: '',
      fields: [field(1, 'document', oneOf('DocumentKind'), ''), field(2, 'count', count, '')],
    },
    AdmissionSummary: {
      doc: "The admission side's ledger, signed by the admission device after the doors close. Sums only.",
      fields: [
        field(1, 'stationId', id, ''),
        field(2, 'mode', oneOf('Mode'), ''),
        field(3, 'admitted', count, 'people'),
        field(4, 'local', count, 'of them'),
        field(5, 'visiting', count, 'of them'),
        field(6, 'tarefeIssued', count, ''),
        field(7, 'tarefeReturned', count, ''),
        field(8, 'tarefeSpoiled', count, ''),
        field(9, 'tarefeAbandoned', count, ''),
        field(10, 'byDocument', listOf(structOf('DocumentCount'), 16), ''),
        field(11, 'helped', count, 'voters with a helper'),
        field(12, 'offline', count, 'admitted while the line was down'),
      ],
    },
    ContestTotal: {
      doc: 'One contest of one slip. valid × N = marks + undervotes; records = valid + blank + invalid.',
      fields: [
        field(1, 'contest', uintOf(bound.CONTESTS_MAX - 1), 'index'),
        field(2, 'records', count, 'cast in this contest'),
        field(3, 'valid', count, ''),
        field(4, 'blank', count, ''),
        field(5, 'invalid', count, 'counted, but void'),
        field(6, 'marks', count, ''),
        field(7, 'undervotes', count, ''),
        field(8, 'candidates', listOf(count, bound.CANDIDATES_MAX), 'votes by candidate index'),
      ],
    },
    TarefeLedger: {
      doc: 'issued = cast + returned + spoiled + abandoned + outstanding.',
      fields: [
        field(1, 'issued', count, ''),
        field(2, 'cast', count, ''),
        field(3, 'returned', count, ''),
        field(4, 'spoiled', count, ''),
        field(5, 'abandoned', count, ''),
        field(6, 'outstanding', count, '0 at close'),
      ],
    },
    PaperLedger: {
      doc: 'printed = in the bin + rejected + retained.',
      fields: [
        field(1, 'printed', count, ''),
        field(2, 'inBin', count, ''),
        field(3, 'rejected', count, ''),
        field(4, 'retained', count, ''),
      ],
    },
    SlotLedger: {
      doc: 'box slots = station store = records in the tally.',
      fields: [field(1, 'box', count, ''), field(2, 'station', count, ''), field(3, 'tallied', count, '')],
    },
    Segment: {
      doc: "One recorder's part of the evidence.",
      fields: [
        field(1, 'sessionId', bytesOf(bound.SESSION_ID_BYTES), ''),
        field(2, 'subject', subject, 'the recorder'),
        field(3, 'records', count, ''),
        field(4, 'setRoot', digest, ''),
        field(5, 'disputed', boolean, 'incomplete or in disagreement'),
        optionalField(6, 'evidence', digest, 'SHA-256 of the evidence file'),
      ],
    },
    PaperSegment: {
      doc: 'A paper count entered by two roles.',
      fields: [
        field(1, 'papers', count, ''),
        field(2, 'totals', listOf(structOf('ContestTotal'), bound.CONTESTS_MAX), ''),
        field(3, 'disputed', boolean, ''),
        field(4, 'evidence', digest, ''),
      ],
    },
    Slip: {
      doc: "A station's result, signed by the voting device and approved by the roles.",
      fields: [
        field(1, 'stationId', id, ''),
        field(2, 'mode', oneOf('Mode'), ''),
        field(3, 'packageDigest', digest, ''),
        field(4, 'sessionIds', listOf(bytesOf(bound.SESSION_ID_BYTES), bound.SEGMENTS_MAX, 1), ''),
        field(5, 'totals', listOf(structOf('ContestTotal'), bound.CONTESTS_MAX, 1), 'by contest index'),
        field(6, 'tarefe', structOf('TarefeLedger'), ''),
        field(7, 'papers', structOf('PaperLedger'), ''),
        field(8, 'slots', structOf('SlotLedger'), ''),
        field(9, 'admissions', structOf('AdmissionSummary'), ''),
        field(10, 'segments', listOf(unionOf('SegmentKind'), bound.SEGMENTS_MAX, 1), ''),
        field(11, 'disputed', boolean, ''),
        field(12, 'openedBucket', epochSeconds, ''),
        field(13, 'closedAt', epochSeconds, 'epoch seconds'),
        field(14, 'denominator', oneOf('Denominator'), 'printed on the minutes'),
        optionalField(15, 'amendments', listOf(digest, 64), 'digests of the amendments that were in force'),
      ],
    },
    Bundle: {
      doc: 'What travels to the province: the slip and everything that it rests on, each a signed record.',
      fields: [
        field(1, 'slip', bytesUpTo(bound.SLIP_BYTES_MAX), 'Slip'),
        field(
          2,
          'approvals',
          listOf(bytesUpTo(bound.SMALL_RECORD_BYTES_MAX), bound.ROLES_MAX),
          'of action slip',
        ),
        field(
          3,
          'sessions',
          listOf(bytesUpTo(bound.SMALL_RECORD_BYTES_MAX), bound.SEGMENTS_MAX, 1),
          'Session',
        ),
        field(
          4,
          'zeroReports',
          listOf(bytesUpTo(bound.SMALL_RECORD_BYTES_MAX), bound.SEGMENTS_MAX, 1),
          'ZeroReport',
        ),
        field(
          5,
          'commitments',
          listOf(bytesUpTo(bound.SMALL_RECORD_BYTES_MAX), bound.SEGMENTS_MAX),
          'Commitment',
        ),
        field(6, 'admission', bytesUpTo(bound.SMALL_RECORD_BYTES_MAX), 'AdmissionSummary'),
      ],
    },
    Incident: {
      doc: 'Something that the log holds, and how often.',
      fields: [field(1, 'event', oneOf('LogEvent'), ''), field(2, 'count', count, '')],
    },
    WrittenReport: {
      doc: "What an inspector or a candidate's representative wrote; it changes nothing and is left out by nobody.",
      fields: [
        field(1, 'role', oneOf('Role'), "of the author's card, or as the author said"),
        field(2, 'number', count, 'as in its ReportStatement'),
        field(3, 'writtenBucket', epochSeconds, 'as in its ReportStatement'),
        field(4, 'text', textOf(bound.REPORT_BYTES_MAX), 'as written'),
        optionalField(5, 'approval', approval, "the author's card over the ReportStatement"),
      ],
    },
    Minutes: {
      doc: 'What happened at a station beside the numbers of its slip; signed by the voting device, approved by the roles.',
      fields: [
        field(1, 'stationId', id, ''),
        field(2, 'mode', oneOf('Mode'), ''),
        field(3, 'slipDigest', digest, "of the slip's payload"),
        field(
          4,
          'seals',
          listOf(textOf(bound.SEAL_BYTES_MAX), bound.SEALS_MAX),
          'numbers read out at opening',
        ),
        field(5, 'recount', oneOf('RecountOutcome'), ''),
        field(6, 'incidents', listOf(structOf('Incident'), bound.INCIDENTS_MAX), 'by code of the event'),
        field(
          7,
          'reports',
          listOf(structOf('WrittenReport'), bound.MINUTES_REPORTS_MAX),
          'in the order of filing',
        ),
        field(8, 'openedBucket', epochSeconds, ''),
        field(9, 'closedAt', epochSeconds, ''),
        field(10, 'madeAt', epochSeconds, 'when the signing began: nothing is added afterwards'),
      ],
    },
    MinutesBundle: {
      doc: 'The minutes with the word of every role that signed, or signed its refusal.',
      fields: [
        field(1, 'minutes', bytesUpTo(bound.MINUTES_BYTES_MAX), 'Minutes'),
        field(
          2,
          'approvals',
          listOf(bytesUpTo(bound.SMALL_RECORD_BYTES_MAX), bound.ROLES_MAX),
          'of action minutes',
        ),
      ],
    },
    Correction: {
      doc: 'Supersedes a slip; counts only with the approvals of both boards over its payload (action correction).',
      fields: [
        field(1, 'stationId', id, ''),
        field(2, 'supersedes', digest, "of the superseded slip's payload"),
        field(3, 'slip', bytesUpTo(bound.SLIP_BYTES_MAX), 'the new Slip record'),
        field(4, 'reason', structOf('Bilingual'), ''),
        field(5, 'evidence', digest, ''),
      ],
    },
    CorrectionBundle: {
      doc: 'What travels and is published: a correction with the word of both boards.',
      fields: [
        field(1, 'correction', bytesUpTo(bound.CORRECTION_BYTES_MAX), 'Correction'),
        field(
          2,
          'approvals',
          listOf(bytesUpTo(bound.SMALL_RECORD_BYTES_MAX), bound.ROLES_MAX),
          'of action correction',
        ),
      ],
    },
    Receipt: {
      doc: "The province's word that it holds a slip durably.",
      fields: [
        field(1, 'stationId', id, ''),
        field(2, 'slipDigest', digest, "of the slip's payload"),
        field(3, 'bundleDigest', digest, "of the bundle's bytes"),
        field(4, 'receivedAt', epochSeconds, ''),
        field(5, 'disputed', boolean, ''),
      ],
    },
    RollHead: {
      doc: 'The signed head of the roll: docs/ROLL.md.',
      fields: [
        field(1, 'asOf', epochSeconds, 'the state of the register that it shows'),
        field(2, 'keyCheck', bytesOf(bound.ROLL_KEY_CHECK_BYTES), 'of the key of the positions'),
        field(3, 'entries', uintOf(bound.ROLL_POSITIONS), ''),
        field(4, 'blockSpan', uintOf(bound.ROLL_POSITIONS), 'positions in a block'),
        field(5, 'blocks', uintOf(bound.ROLL_BLOCKS_MAX), ''),
        field(6, 'riceBits', uintOf(30), 'low bits of a gap'),
        field(7, 'root', digest, 'Merkle root (RFC 9162) over the blocks'),
        field(8, 'votingAgeYears', uintOf(150), 'on election day: a fact of the law'),
        field(9, 'constituencies', listOf(id, bound.ROLL_CONSTITUENCIES_MAX, 1), 'in index order'),
        field(10, 'codeLengths', bytesUpTo(bound.ROLL_CLASSES_MAX), 'of the prefix code of classes'),
      ],
    },
    RollDelta: {
      doc: 'The signed head of one day of changes to a roll.',
      fields: [
        field(1, 'roll', digest, "of the roll head's payload"),
        field(2, 'sequence', uintOf(bound.ROLL_DELTAS_MAX), 'from 1'),
        field(3, 'previous', digest, 'payload before: of the roll head, or of the delta before'),
        field(4, 'asOf', epochSeconds, ''),
        field(5, 'entries', uintOf(bound.ROLL_CHANGES_MAX), ''),
        field(6, 'riceBits', uintOf(30), ''),
        field(7, 'bodyDigest', digest, 'SHA-256 of the body'),
        field(8, 'codeLengths', bytesUpTo(bound.ROLL_CLASSES_MAX), ''),
      ],
    },
    EventLine: {
      doc: "One line of a hash-chained log: its digest is the next line's `previous`.",
      fields: [
        field(1, 'previous', digest, ''),
        field(2, 'event', oneOf('LogEvent'), ''),
        field(3, 'bucket', epochSeconds, 'coarse while voting'),
        optionalField(4, 'role', oneOf('Role'), ''),
        optionalField(5, 'counters', listOf(count, 8), 'public counters, meaning by event'),
        optionalField(6, 'refusal', textOf(48), 'name of a refusal'),
      ],
    },
    LogCheckpoint: {
      doc: 'A signed head of a log.',
      fields: [field(1, 'subject', subject, ''), field(2, 'lines', count, ''), field(3, 'head', digest, '')],
    },
    Claim: {
      doc: 'One person of one round at one station. The person is a keyed digest: see docs/CLAIMS.md.',
      fields: [
        field(1, 'person', bytesOf(bound.PERSON_DIGEST_BYTES), 'of the national code, under the round key'),
        field(2, 'turn', uintOf(bound.CLAIM_TURN_MAX), 'from 1: how many times this station claimed her'),
        field(3, 'step', oneOf('ClaimStep'), ''),
        field(4, 'bucket', epochSeconds, 'start of the time bucket of the admission'),
      ],
    },
    ClaimRequest: {
      doc: "A station's claims, in ascending order of persons: the order says nothing. None: is anybody there?",
      fields: [
        field(1, 'stationId', id, ''),
        field(2, 'mode', oneOf('Mode'), 'a rehearsal claims nobody for the official day'),
        field(3, 'keyCheck', bytesOf(bound.KEY_CHECK_BYTES), 'which round key the digests were made with'),
        field(4, 'challenge', bytesOf(bound.CLAIM_CHALLENGE_BYTES), 'so that an answer fits one request'),
        field(5, 'claims', listOf(structOf('Claim'), bound.CLAIMS_BATCH_MAX), ''),
        field(
          6,
          'journal',
          bytesOf(bound.JOURNAL_ID_BYTES),
          "the station's journal: a lost one's admissions stand",
        ),
      ],
    },
    AdmittedAt: {
      doc: 'Another station that has this person among its admitted.',
      fields: [
        field(1, 'stationId', id, ''),
        field(2, 'name', structOf('Bilingual'), 'for the officer'),
        field(3, 'bucket', epochSeconds, 'start of the time bucket'),
      ],
    },
    ClaimVerdictLine: {
      doc: '',
      fields: [
        field(1, 'verdict', oneOf('ClaimVerdict'), ''),
        field(2, 'others', listOf(structOf('AdmittedAt'), bound.CLAIM_OTHERS_MAX), 'the first of them'),
      ],
    },
    ClaimAnswer: {
      doc: "The province's word on a ClaimRequest, durable before it is given.",
      fields: [
        field(1, 'requestDigest', digest, "of the request's payload"),
        field(
          2,
          'verdicts',
          listOf(structOf('ClaimVerdictLine'), bound.CLAIMS_BATCH_MAX),
          'one a claim, in the order of the request',
        ),
      ],
    },
    Participation: {
      doc: 'Who took part, for the civil registry: from the admission side alone. Personal data, never published.',
      fields: [
        field(1, 'stationId', id, ''),
        field(2, 'mode', oneOf('Mode'), ''),
        field(3, 'constituency', id, 'where a runoff binds these people'),
        field(
          4,
          'people',
          bytesUpTo(bound.PARTICIPATION_BYTES_MAX),
          'national codes as five bytes each, ascending: no order of coming, no time, no document',
        ),
      ],
    },
  },
  unions: {
    AmendmentChange: {
      doc: 'What an amendment changes.',
      variants: {
        candidate_withdrawn: { tag: 1, of: 'CandidateWithdrawn' },
        hours_changed: { tag: 2, of: 'HoursChanged' },
        station_replaced: { tag: 3, of: 'StationReplaced' },
      },
    },
    SegmentKind: {
      doc: 'Whose evidence a segment is.',
      variants: {
        box: { tag: 1, of: 'Segment' },
        station: { tag: 2, of: 'Segment' },
        replacement: { tag: 3, of: 'Segment' },
        paper: { tag: 4, of: 'PaperSegment' },
      },
    },
  },
};
