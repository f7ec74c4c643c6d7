/**
 * Pages as one tagged PDF (PDF/UA-1 in form): real text that can be copied and read aloud, in its logical order; headings,
 * tables and figures marked as what they are; the language named. The same records give the same bytes.
 */
import { type Bytes, concatBytes } from '@sandoq/protocol';
import PDFDocument from 'pdfkit';
import { visualRuns } from './bidi-runs.ts';
import { FONTS, RTL_FEATURES } from './fonts.ts';
import type { CodeMark, Element, Mark, Paper, PaperPage, RuleMark, TextMark } from './page.ts';
import { codeOf } from './qr.ts';

type Document = PDFKit.PDFDocument;
type Structure = PDFKit.PDFStructureElement;

function drawText(document: Document, mark: TextMark, paper: Paper): void {
  document.font(mark.isStrong ? FONTS.strong : FONTS.normal).fontSize(mark.size);
  let x =
    mark.anchor === 'left' ? mark.x : mark.anchor === 'right' ? mark.x - mark.width : mark.x - mark.width / 2;
  for (const { text, isRtl } of visualRuns(mark.text, paper.locale)) {
    const features = isRtl ? RTL_FEATURES : [];
    document.text(text, x, mark.baseline, { lineBreak: false, baseline: 'alphabetic', features });
    x += document.widthOfString(text, { features });
  }
}

function drawCode(document: Document, { content, x, y, side }: CodeMark): void {
  const code = codeOf(content);
  const module = side / code.side;
  for (const run of code.runs)
    document.rect(x + run.x * module, y + run.y * module, run.width * module, module);
  document.fill('black');
}

const drawRule = (document: Document, { x, y, width, weight }: RuleMark): void => {
  document.rect(x, y, width, weight).fill('black');
};

function drawMarks(document: Document, marks: readonly Mark[], paper: Paper): void {
  for (const mark of marks) {
    if (mark.kind === 'text') drawText(document, mark, paper);
    else if (mark.kind === 'code') drawCode(document, mark);
    else drawRule(document, mark);
  }
}

const wordsOf = (marks: readonly Mark[]): string =>
  marks.flatMap((mark) => (mark.kind === 'text' ? [mark.text] : [])).join(' ');

/** @returns undefined for what is there for the eye alone */
function tagged(document: Document, element: Element, paper: Paper): Structure | undefined {
  if (element.tag === 'Artifact') {
    document.markContent('Artifact', { type: 'Layout' });
    drawMarks(document, element.marks, paper);
    document.endMarkedContent();
    return undefined;
  }
  const parts: (Structure | PDFKit.PDFStructureContent)[] = [];
  if (element.marks.length > 0) {
    const content = document.markStructureContent(element.tag);
    drawMarks(document, element.marks, paper);
    document.endMarkedContent();
    parts.push(content);
  }
  for (const child of element.children) {
    const structure = tagged(document, child, paper);
    if (structure !== undefined) parts.push(structure);
  }
  const actual = wordsOf(element.marks);
  const options = {
    ...(element.alt === undefined ? {} : { alt: element.alt }),
    ...(element.alt !== undefined || actual === '' ? {} : { actual }),
  };
  const structure = document.struct(element.tag, options, parts);
  structure.end();
  return structure;
}

function drawPage(document: Document, root: Structure, page: PaperPage, paper: Paper): void {
  document.addPage({ size: [page.width, page.height], margin: 0 });
  for (const element of page.elements) {
    const structure = tagged(document, element, paper);
    if (structure !== undefined) root.add(structure);
  }
}

/** @param madeAt epoch seconds, of the record that the paper shows */
export async function pdfOf(paper: Paper, madeAt: number): Promise<Bytes> {
  const date = new Date(madeAt * 1000);
  const document = new PDFDocument({
    autoFirstPage: false,
    font: FONTS.normal,
    pdfVersion: '1.7',
    // Known to the library, not yet to its types.
    subset: 'PDF/UA' as unknown as PDFKit.Mixins.PDFSubsets,
    tagged: true,
    lang: paper.locale,
    displayTitle: true,
    info: { Title: paper.title, CreationDate: date, ModDate: date },
  });
  const parts: Uint8Array[] = [];
  const whole = new Promise<Bytes>((resolve, reject) => {
    document.on('data', (part: Uint8Array) => parts.push(new Uint8Array(part)));
    document.on('end', () => resolve(concatBytes(...parts)));
    document.on('error', reject);
  });
  const root = document.struct('Document');
  document.addStructure(root);
  for (const page of paper.pages) drawPage(document, root, page, paper);
  root.end();
  document.end();
  return whole;
}
