/** Every bound of a record, named. A change here is a change of format. */
export const CONTESTS_MAX = 8;
export const STYLES_MAX = 16;
/** Tehran had on the order of 3,500 candidates in one constituency (1402). */
export const CANDIDATES_MAX = 4096;
/** Tehran's 30 seats are the most; 32 leaves room. */
export const CHOICES_MAX = 32;
export const ID_BYTES_MAX = 40;
export const SUBJECT_BYTES_MAX = 64;
/** A Persian name of forty letters is 80 bytes; precinct and district names run longer. */
export const NAME_BYTES_MAX = 160;
export const REMARK_BYTES_MAX = 1024;
/** A page and a half of Persian. */
export const REPORT_BYTES_MAX = 4096;
export const DEVICES_MAX = 32;
export const ROLES_MAX = 32;
export const SEGMENTS_MAX = 16;
export const VOTES_MAX = 20_000;
export const RECORD_NAME_BYTES = 16;
export const SESSION_ID_BYTES = 16;
export const DIGEST_BYTES = 32;
export const NONCE_BYTES = 32;
export const ARMING_NONCE_BYTES = 16;
/** Header of a COSE_Sign1 record plus a small payload: approvals, tarefe statements. */
export const APPROVAL_BYTES_MAX = 512;
export const TAREFE_BYTES_MAX = 1536;
/** The package proper, without candidate lists and rasters, so that the box reads it whole. */
export const PACKAGE_BYTES_MAX = 8192;
export const STATION_BYTES_MAX = 8192;
export const CANDIDATE_LIST_BYTES_MAX = 2 * 1024 * 1024;
/** A portrait of 300 × 400 points; thousands of them must fit beside a package. */
export const PICTURE_BYTES_MAX = 64 * 1024;
export const SMALL_RECORD_BYTES_MAX = 4096;
export const SLIP_BYTES_MAX = 256 * 1024;
/** A slip, and what a correction says about it. */
export const CORRECTION_BYTES_MAX = SLIP_BYTES_MAX + 4096;
export const BUNDLE_BYTES_MAX = 512 * 1024;
/** Seals of box, bins and doors: eight numbers of forty letters. */
export const SEALS_MAX = 8;
export const SEAL_BYTES_MAX = 160;
/** Kinds of events that minutes tell of. */
export const INCIDENTS_MAX = 32;
/** Written reports that the minutes carry: as many as a station takes in a day. */
export const MINUTES_REPORTS_MAX = 200;
/** All of them at their longest, each signed. */
export const MINUTES_BYTES_MAX = 1024 * 1024;
/** First bytes of a vote's plaintext before the choices; see `ballot.ts`. */
export const BALLOT_HEADER_BYTES = 4;
/** What the two layers of HPKE add to a plaintext: twice 32 + 16. */
export const SEAL_OVERHEAD_BYTES = 96;
export const SEALED_BYTES_MAX = BALLOT_HEADER_BYTES + 2 * CHOICES_MAX + SEAL_OVERHEAD_BYTES;
/** Constituencies of one roll; a roll's entry keeps their index in ten bits. */
export const ROLL_CONSTITUENCIES_MAX = 1023;
/** Classes of entries: five for each constituency, and "taken off" in a delta. */
export const ROLL_CLASSES_MAX = 5 * ROLL_CONSTITUENCIES_MAX + 1;
/** Nine digits of a national code: the tenth is computed from them. */
export const ROLL_POSITIONS = 1_000_000_000;
export const ROLL_BLOCKS_MAX = 2 ** 20;
export const ROLL_HEAD_BYTES_MAX = 128 * 1024;
export const ROLL_KEY_CHECK_BYTES = 16;
/** Changes in all deltas of one roll that a station carries at a time. */
export const ROLL_CHANGES_MAX = 2_000_000;
/** A roll is made anew before a year of daily deltas has gathered. */
export const ROLL_DELTAS_MAX = 366;

/** A person at the province: 2^128 digests for 10^9 codes never collide by chance. */
export const PERSON_DIGEST_BYTES = 16;
export const KEY_CHECK_BYTES = 8;
export const CLAIM_CHALLENGE_BYTES = 16;
export const JOURNAL_ID_BYTES = 8;
/** One byte in the journal. More attempts by one person at one station are no accident. */
export const CLAIM_TURN_MAX = 255;
/** A station cut off for a day sends its journal in some hundred messages. */
export const CLAIMS_BATCH_MAX = 200;
/** Of a person admitted at more stations than this, the first in order of their ids are named. */
export const CLAIM_OTHERS_MAX = 4;
export const CLAIM_REQUEST_BYTES_MAX = 16 * 1024;
/** CLAIMS_BATCH_MAX lines that each name CLAIM_OTHERS_MAX stations with their longest names. */
export const CLAIM_ANSWER_BYTES_MAX = 512 * 1024;
export const NATIONAL_CODE_BYTES = 5;
export const PARTICIPATION_BYTES_MAX = NATIONAL_CODE_BYTES * VOTES_MAX;
