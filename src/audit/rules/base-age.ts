import { commandsIn, viewDockerfile } from '../dockerfile-view.ts';
import { type Answer, answerBy, notApplicable, unknownBecause } from '../finding.ts';
import type { ImageFacts } from '../image-facts.ts';
import { knowsOwn, shippedFiles } from '../image-files.ts';
import type { Rule } from '../rule.ts';
import { programOf } from '../shell-commands.ts';

/** Since when nobody has looked after what is beneath. */
export const baseAgeRules: readonly Rule[] = [
  {
    id: 'stale-base',
    stride: 'secure',
    severity: 'medium',
    title: 'The base image is older than half a year',
    why: 'Distributions repair holes every week, and official images are built anew with that each month: what a cache or a digest holds on to has none of it.',
    remedy: 'pull: true # an input of Slipway, as are schedule runs; with a digest in FROM: let Dependabot move it',
    ignoreWhen: 'the packages of the base are brought up to date in another way',
    needs: 'image',
    judge: judgeBaseAge,
  },
];

const ledgers =
  /^\/(?:var\/lib\/dpkg\/status|(?:usr\/)?lib\/apk\/db\/installed|(?:usr\/lib\/sysimage|var\/lib)\/rpm\/rpmdb\.sqlite)$/;
const most = 182;
/** Earlier than any image: times that a build has flattened. */
const credible = Date.UTC(2015, 0, 1) / 1000;

/** A package manager's ledger has the time of the last package that came, also where all times are cut to that of a release. */
function judgeBaseAge(facts: ImageFacts): Answer {
  const all = shippedFiles(facts).filter(({ path }) => ledgers.test(path));
  if (all.length === 0) return notApplicable('the base has no package manager');
  if (!knowsOwn(facts)) return unknownBecause('which layers are the base’s is not known');
  const own = all.filter(({ layer }) => facts.layers[layer]?.from === 'base');
  if (own.length === 0) return notApplicable('the base has no package manager');
  const upgrades = commandsIn(facts.dockerfile === undefined ? [] : viewDockerfile(facts.dockerfile).shipped).some(
    ({ command }) =>
      (/^(?:apt|apt-get|apk|aptitude)$/.test(programOf(command)) &&
        command.words.some((word) => word.endsWith('upgrade'))) ||
      (/^(?:dnf|yum|microdnf|zypper)$/.test(programOf(command)) &&
        command.words.some((word) => /^(?:up|update|upgrade)$/.test(word))),
  );
  if (upgrades) return { kind: 'pass' };
  const newest = own.reduce((a, b) => (b.entry.mtime > a.entry.mtime ? b : a));
  if (newest.entry.mtime < credible) return unknownBecause('the base does not say when its packages came');
  const days = Math.floor((Date.parse(facts.day) / 1000 - newest.entry.mtime) / 86_400);
  const day = new Date(newest.entry.mtime * 1000).toISOString().slice(0, 10);
  return answerBy(
    days <= most
      ? []
      : [{ subject: { kind: 'image' }, detail: `the packages of the base are of ${day}, ${days} days ago` }],
  );
}
