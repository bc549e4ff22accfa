import { judgeDockerfile } from '../dockerfile-view.ts';
import { type Answer, answerBy, notApplicable } from '../finding.ts';
import type { ImageFacts } from '../image-facts.ts';
import { normalizeName } from '../package-names.ts';
import { readProjectFile } from '../project-file.ts';
import type { Rule } from '../rule.ts';

/** Whether what a package needs beside its modules came along. */
export const packageDataRules: readonly Rule[] = [
  {
    id: 'package-data-missing',
    stride: 'working',
    severity: 'medium',
    title: 'Files of the project’s package were left out when it was installed',
    why: 'setuptools takes modules alone unless it is told: templates, static files and SQL are there in every test from the work tree, and missing in the image.',
    remedy: '# pyproject.toml\n[tool.setuptools.package-data]\n"*" = ["templates/**", "static/**", "*.sql"]',
    ignoreWhen: 'the files are only there for development',
    needs: 'dockerfile',
    judge: (facts) =>
      judgeDockerfile(facts, (_, dockerfile) => {
        const name = normalizeName(readProjectFile(dockerfile)?.name ?? '');
        const isInstalled = facts.packages.some((one) => one.kind === 'python' && normalizeName(one.name) === name);
        return name !== '' && isInstalled
          ? judgeData(facts, name, dockerfile.contextFiles)
          : notApplicable('the project is not installed as a package');
      }),
  },
];

/** What a program reads when it runs, and no tool, compiler or manual does. */
const data = /\.(?:html?|jinja2?|j2|mako|sql|mo)$|\/static\/.*\.(?:css|js|svg|png|ico|woff2?)$/;
const aside = /\/(?:tests?|testing|docs?|examples?|fixtures|node_modules|\.[^/]*)\//;

function judgeData(facts: ImageFacts, name: string, files: readonly string[]): Answer {
  const { tree, config } = facts;
  const sites = facts.pythons.flatMap(({ sitePackages }) => sitePackages);
  const installed = files.flatMap((file) => {
    const [, folder, own] = /^((?:src\/)?([^/]+))\/__init__\.py$/.exec(file) ?? [];
    const site = sites.find((one) => tree.at(`${one}/${own}/__init__.py`) !== undefined);
    return folder === undefined || site === undefined ? [] : [{ folder, at: `${site}/${own}` }];
  });
  if (installed.length === 0) return notApplicable('no package of the context lies among the installed ones');
  const missing = installed.flatMap(({ folder, at }) =>
    files
      .filter((file) => file.startsWith(`${folder}/`) && data.test(file) && !aside.test(file))
      .map((file) => ({ file, to: `${at}${file.slice(folder.length)}` }))
      // beside the work folder's own copy nobody misses it
      .filter(({ file, to }) => tree.at(to) === undefined && tree.at(`${config.workingDir}/${file}`) === undefined),
  );
  const [first, ...others] = missing;
  const more = others.length === 0 ? '' : ` (and ${others.length} more)`;
  const detail = `${first?.file} of the context${more} is not in the image: there is no ${first?.to}`;
  return answerBy(first === undefined ? [] : [{ subject: { kind: 'package', name }, detail }]);
}
