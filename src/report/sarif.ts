import { createHash } from 'node:crypto';
import type { Assessment, Check, Result, Spot } from '../audit/assessment.ts';
import type { Severity } from '../audit/finding.ts';
import { rank, worstFirst } from '../audit/hold.ts';
import { checkPage } from './check-page.ts';

/** What a SARIF file says beside the findings. */
export interface SarifSubject {
  /** Address of the action's own files; empty where there is none. */
  readonly home: string;
  /** `ghcr.io/acme/app`: one repository of code may have several images. */
  readonly image: string;
  /** Where findings go that have no line; by the path within the work tree. */
  readonly dockerfile: string;
}

/** GitHub takes 25,000 results and shows 5,000. */
const mostSpots = 200;

const levels: Readonly<Record<Severity, 'error' | 'warning' | 'note'>> = {
  high: 'error',
  medium: 'warning',
  low: 'note',
  info: 'note',
};

/** Shown by GitHub for what is about security, as CVSS counts: high from 7, medium from 4. */
const securitySeverities: Readonly<Record<Severity, string>> = { high: '8.0', medium: '5.5', low: '3.0', info: '1.0' };

/** The open findings as a SARIF 2.1.0 log (docs.oasis-open.org/sarif/sarif/v2.1.0), as GitHub's code scanning takes it. What is ignored is not
 * in it: GitHub would show it. */
export function renderSarif({ results }: Assessment, about: SarifSubject): string {
  const checks = results.map(({ check }) => check);
  const open = worstFirst(results.filter(({ state }) => state === 'open'));
  const run = {
    tool: {
      driver: {
        name: 'Slipway',
        ...(about.home === '' ? {} : { informationUri: encodeURI(about.home) }),
        rules: checks.map((check) => renderRule(check, about.home)),
      },
    },
    automationDetails: { id: `slipway/${about.image}/` },
    columnKind: 'utf16CodeUnits',
    results: open.flatMap((one) => renderResults(one, checks.indexOf(one.check), about)),
  };
  const log = { $schema: 'https://json.schemastore.org/sarif-2.1.0.json', version: '2.1.0', runs: [run] };
  return `${JSON.stringify(log, null, 2)}\n`;
}

function renderRule(check: Check, home: string) {
  const { id, title, why, remedy, severity, stride } = check;
  const page = checkPage(check, home);
  return {
    id,
    shortDescription: { text: title },
    fullDescription: { text: why === '' ? title : why },
    help: {
      text: remedy === '' ? page || title : remedy,
      ...(remedy === '' ? {} : { markdown: `\`\`\`\n${remedy}\n\`\`\`` }),
    },
    ...(page === '' ? {} : { helpUri: encodeURI(page) }),
    defaultConfiguration: { level: levels[severity] },
    properties: {
      tags: [stride, ...(stride === 'secure' ? ['security'] : [])],
      ...(stride === 'secure' ? { 'security-severity': securitySeverities[severity] } : {}),
    },
  };
}

function renderResults({ check, spots }: Result, ruleIndex: number, about: SarifSubject) {
  const seen = new Map<string, number>();
  return spots.slice(0, mostSpots).map((spot) => {
    const nth = (seen.get(keyOf(spot)) ?? 0) + 1;
    seen.set(keyOf(spot), nth);
    const fingerprint = hash([check.id, about.image, keyOf(spot), String(nth)]);
    return {
      ruleId: check.id,
      ruleIndex,
      level: levels[check.severity],
      rank: 100 - 25 * rank(check.severity),
      message: { text: `${check.title}: ${spot.detail}${tellPath(spot)}` },
      locations: [renderLocation(spot, about)],
      // the first is GitHub's own name: without it all of one line would be one alert
      partialFingerprints: { primaryLocationLineHash: fingerprint, 'slipwayFinding/v1': fingerprint },
    };
  });
}

/** GitHub shows a result at a line of the repository's files, and one in the image has none. */
function renderLocation({ place, subject }: Spot, { dockerfile }: SarifSubject) {
  const { file, line } = place ?? { file: dockerfile, line: 1 };
  const name = subject.kind === 'file' ? subject.path : subject.kind === 'package' ? subject.name : '';
  return {
    physicalLocation: {
      artifactLocation: {
        uri: file.toWellFormed().split('/').map(encodeURIComponent).join('/'),
        uriBaseId: '%SRCROOT%',
      },
      region: { startLine: Math.max(1, line) },
    },
    ...(name === '' ? {} : { logicalLocations: [{ fullyQualifiedName: name, kind: 'resource' }] }),
  };
}

/** The path in the image, where the sentence does not name it. */
function tellPath({ subject, detail }: Spot): string {
  return subject.kind === 'file' && !detail.includes(subject.path) ? ` (${subject.path})` : '';
}

/** Lines and layers move from commit to commit; what is found stays. */
function keyOf({ subject, key }: Spot): string {
  return `${subject.kind}\n${key}`;
}

function hash(parts: readonly string[]): string {
  return createHash('sha256').update(parts.join('\0')).digest('hex').slice(0, 32);
}
