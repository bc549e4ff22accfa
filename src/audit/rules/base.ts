import { atLine, judgeDockerfile } from '../dockerfile-view.ts';
import { answerBy, notApplicable } from '../finding.ts';
import type { Rule } from '../rule.ts';

/** What the image is built on. */
export const baseRules: readonly Rule[] = [
  {
    id: 'full-base-image',
    stride: 'small',
    severity: 'low',
    title: 'The image stands on a base made for building',
    why: '`python:3.13` holds compilers and 300 development packages, about 1 GB unpacked; the slim one about 120 MB.',
    remedy: 'FROM python:3.13-slim-trixie',
    ignoreWhen: 'the application compiles when it runs',
    needs: 'dockerfile',
    judge: (facts) =>
      judgeDockerfile(facts, ({ shipped }) => {
        const from = shipped[0]?.from;
        const name = from?.words[0] ?? '';
        const isFull =
          /^(?:(?:docker\.io\/)?(?:library\/)?)(?:python|node|ruby|golang|rust|openjdk|gcc|buildpack-deps)(?::(?!.*(?:slim|alpine|-jre|distroless))[^@]*)?(?:@.*)?$/.test(
            name,
          );
        return answerBy(
          from === undefined || !isFull || name.includes('$') ? [] : [atLine(from, `${name} is the full image`)],
        );
      }),
  },
  {
    id: 'platform-const',
    stride: 'reproducible',
    severity: 'low',
    title: 'A base image is fixed to one platform',
    why: 'The same Dockerfile for another platform then ships programs that run there under emulation, or not at all.',
    remedy: 'FROM --platform=$BUILDPLATFORM golang:1.25 AS build',
    ignoreWhen: 'the stage only makes files that are the same everywhere',
    needs: 'dockerfile',
    judge: (facts) =>
      judgeDockerfile(facts, ({ shipped }) =>
        answerBy(
          shipped.flatMap(({ from }) =>
            from.flags.flatMap(([name, value]) => {
              if (name !== 'platform' || value === '') return [];
              if (/^\$(?:BUILDPLATFORM|\{BUILDPLATFORM\})$/.test(value))
                return [atLine(from, 'the platform is always that of the machine that builds')];
              return value.includes('$') ? [] : [atLine(from, `the platform is always ${value}`)];
            }),
          ),
        ),
      ),
  },
  {
    id: 'copy-root-from-stage',
    stride: 'small',
    severity: 'low',
    title: 'A whole file system is copied from another stage',
    why: 'It takes along everything that the stage was there to leave behind: compilers, caches, secrets that were mounted wrongly.',
    remedy: 'COPY --from=build /opt/venv /opt/venv',
    ignoreWhen: 'an image is flattened on purpose',
    needs: 'dockerfile',
    judge: (facts) =>
      judgeDockerfile(facts, ({ shipped, stages }) => {
        const isScratch = shipped[0]?.base === 'scratch' || stages.length === 0;
        if (isScratch) return notApplicable('the image is made from scratch');
        return answerBy(
          shipped.flatMap(({ instructions }) =>
            instructions.flatMap((at) =>
              at.keyword === 'COPY' && at.flags.some(([name]) => name === 'from') && at.words[0] === '/'
                ? [atLine(at, 'it copies / of another stage')]
                : [],
            ),
          ),
        );
      }),
  },
];
