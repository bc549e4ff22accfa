import { atLine, judgeDockerfile } from '../dockerfile-view.ts';
import { answerBy, type Sighting } from '../finding.ts';
import { type Installation, readInstallations } from '../installations.ts';
import { hasOption } from '../python-installs.ts';
import type { Rule } from '../rule.ts';

/** Whose package it is that a name stands for. */
export const packageIndexRules: readonly Rule[] = [
  {
    id: 'extra-index-url',
    stride: 'secure',
    severity: 'medium',
    title: 'pip takes each package from whichever of two indexes has the higher version',
    why: 'Whoever gives the name of your private package a higher version on the public index has their code run in your build.',
    remedy:
      '# one index, which passes on what it does not have itself\nRUN pip install --no-cache-dir --index-url https://pypi.example.com/simple -r requirements.txt\n# or uv, which asks the next index only for what the first one lacks\nRUN uv pip install --index https://pypi.example.com/simple -r requirements.txt',
    ignoreWhen: 'every name of the private index is yours on the public one too',
    needs: 'dockerfile',
    judge: (facts) =>
      judgeDockerfile(facts, (view, dockerfile) =>
        answerBy(
          readInstallations(view, dockerfile).flatMap((one): Sighting[] => {
            if (one.install.by !== 'pip' || isHashed(one)) return [];
            const hosts = indexesOf(one, dockerfile.contextTexts);
            return hosts.length < 2 ? [] : [atLine(one.at, `pip asks ${hosts.join(' and ')} alike`)];
          }),
        ),
      ),
  },
];

/** What has a hash is the right file, wherever it comes from; where one has, pip asks all for theirs ("Secure installs"). */
function isHashed({ install, requirements }: Installation): boolean {
  const isAnyHashed = requirements.some(({ lines }) => lines.some(({ hasHash }) => hasHash));
  return isAnyHashed || hasOption(install, '--require-hashes');
}

/** The hosts that are asked for the same names. */
function indexesOf(
  { install, stage, requirements }: Installation,
  texts: ReadonlyMap<string, string>,
): readonly string[] {
  const variables = stage.instructions.flatMap((one) => one.variables);
  const asked = (options: readonly string[], variable: string): readonly string[] => [
    ...install.options.flatMap(([name, value]) => (options.includes(name) ? [value] : [])),
    ...variables.flatMap(([name, value = '']) => (name === variable ? value.split(/\s+/) : [])),
    ...requirements.flatMap(({ file }) => readOption(texts.get(file) ?? '', options)),
  ];
  const [first = 'https://pypi.org/simple'] = asked(['-i', '--index-url'], 'PIP_INDEX_URL');
  const others = asked(['--extra-index-url'], 'PIP_EXTRA_INDEX_URL');
  const hosts = [first, ...others].map(hostOf).filter((host) => host !== '' && !wheels.has(host));
  return [...new Set(hosts)];
}

function readOption(text: string, options: readonly string[]): readonly string[] {
  return text.split('\n').flatMap((line) => {
    const [, name = '', value = ''] = /^\s*(-[-\w]+)[\s=]+(\S+)/.exec(line) ?? [];
    return options.includes(name) ? [value] : [];
  });
}

/** Empty for what is no address: which host a variable stands for is not known. */
function hostOf(address: string): string {
  const [, host = ''] = /^https?:\/\/(?:[^\s/]*@)?([\w.-]+)/i.exec(address) ?? [];
  return host.toLowerCase();
}

/** They have builds of well-known packages for other processors, and no names of anybody else. */
const wheels: ReadonlySet<string> = new Set([
  'download.pytorch.org',
  'data.pyg.org',
  'pypi.nvidia.com',
  'pypi.ngc.nvidia.com',
  'www.piwheels.org',
]);
