import { type Distribution, endOfLife, parseOsRelease } from '../end-of-life.ts';
import { type Answer, answerBy, notApplicable, unknownBecause } from '../finding.ts';
import { type ImageFacts, textOf } from '../image-facts.ts';
import type { Rule } from '../rule.ts';

/** The distribution beneath. */
export const distributionRules: readonly Rule[] = [
  {
    id: 'distro-eol',
    stride: 'secure',
    severity: 'high',
    title: 'The image stands on a distribution that nobody repairs any more',
    why: 'Its packages get no security fixes: rebuilding and `apt-get upgrade` bring nothing, and the holes that are known stay open.',
    remedy: '# the current stable release by its name\nFROM python:3.13-slim-trixie',
    ignoreWhen: 'you pay for extended support and its packages are installed',
    needs: 'image',
    judge: judgeAge,
  },
  {
    id: 'base-unstable-distro',
    stride: 'reproducible',
    severity: 'medium',
    title: 'The image stands on a release that is not meant to last',
    why: 'A testing or interim release changes under a build or is gone in nine months; a stable one gets fixes alone for years.',
    remedy: 'FROM python:3.13-slim-trixie',
    ignoreWhen: 'the image is there to try out what comes next',
    needs: 'image',
    judge: (facts) => {
      const release = readRelease(facts);
      if (release === undefined) return notApplicable('the image names no distribution');
      const detail = tellUnstable(release);
      return answerBy(
        detail === undefined ? [] : [{ subject: { kind: 'file', path: '/etc/os-release', layer: 0 }, detail }],
      );
    },
  },
];

interface Release {
  readonly id: string;
  readonly version: string;
  readonly codename: string;
  readonly name: string;
}

function readRelease({ tree }: ImageFacts): Release | undefined {
  const text = ['/etc/os-release', '/usr/lib/os-release']
    .map((path) => textOf(tree.resolve(path)?.entry.content))
    .find((one) => one !== undefined);
  if (text === undefined) return undefined;
  const fields = parseOsRelease(text);
  return {
    id: fields.get('ID') ?? '',
    version: fields.get('VERSION_ID') ?? '',
    codename: fields.get('VERSION_CODENAME') ?? '',
    name: fields.get('PRETTY_NAME') ?? fields.get('ID') ?? '',
  };
}

function judgeAge(facts: ImageFacts): Answer {
  const release = readRelease(facts);
  if (release === undefined) return notApplicable('the image names no distribution');
  const name = isDistribution(release.id) ? release.id : undefined;
  const version = name === 'alpine' ? release.version.split('.').slice(0, 2).join('.') : release.version;
  const end = name === undefined ? undefined : endOfLife[name].get(version);
  if (end === undefined)
    return unknownBecause(`the end of support of ${JSON.stringify(release.name)} is not in the table`);
  const detail = `the support of ${release.name} ended on ${end}`;
  return answerBy(facts.day > end ? [{ subject: { kind: 'file', path: '/etc/os-release', layer: 0 }, detail }] : []);
}

function isDistribution(id: string): id is Distribution {
  return id === 'debian' || id === 'ubuntu' || id === 'alpine';
}

function tellUnstable({ id, version, codename, name }: Release): string | undefined {
  if (id === 'debian' && version === '') return `${name || 'Debian'} is not released`;
  if (id === 'alpine' && /edge|_alpha|_beta/.test(version)) return `Alpine ${version} is not released`;
  if (id === 'ubuntu' && /^\d+\.\d+$/.test(version) && !/^(?:\d*[02468])\.04$/.test(version))
    return `Ubuntu ${version} is an interim release, supported for nine months`;
  if (id === 'fedora') return `${name} is supported for about 13 months`;
  return codename === 'rolling' ? `${name} is a rolling release` : undefined;
}
