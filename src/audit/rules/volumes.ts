import { atLine, judgeDockerfile } from '../dockerfile-view.ts';
import { answerBy, type Sighting } from '../finding.ts';
import type { Rule } from '../rule.ts';

/** Volumes and ports that an image declares. */
export const volumeRules: readonly Rule[] = [
  {
    id: 'sensitive-volume',
    stride: 'secure',
    severity: 'high',
    title: 'The image declares a volume, or works, in a folder of the system',
    why: 'A volume over /etc or /usr keeps old programs across updates; one over the engine’s socket hands the host over.',
    remedy: '# no VOLUME; data in a folder of its own, mounted when the container starts\nWORKDIR /app',
    ignoreWhen: 'never',
    needs: 'image',
    judge: ({ config }) =>
      answerBy([
        ...config.volumes.flatMap((path): Sighting[] =>
          isOfSystem(path) ? [{ subject: { kind: 'config', field: 'Volumes' }, detail: `${path} is a volume` }] : [],
        ),
        ...(/^\/(?:proc|sys|dev|boot)(?:\/|$)/.test(config.workingDir)
          ? [{ subject: { kind: 'config', field: 'WorkingDir' }, detail: `WORKDIR is ${config.workingDir}` } as const]
          : []),
      ]),
  },
  {
    id: 'volume-over-code',
    stride: 'small',
    severity: 'low',
    title: 'A volume covers a folder that a later instruction writes to',
    why: 'What is written below a VOLUME after it is thrown away by older builders, and each container starts with an anonymous volume of its own.',
    remedy:
      '# no VOLUME; where data must outlive the container\ndocker run --mount type=volume,source=data,target=/data IMAGE',
    ignoreWhen: 'the folder is for data, and nothing of the build belongs there',
    needs: 'dockerfile',
    judge: (facts) =>
      judgeDockerfile(facts, ({ shipped }) => {
        const volumes: string[] = [];
        let folder = '/';
        return answerBy(
          shipped
            .flatMap(({ instructions }) => instructions)
            .flatMap((at) => {
              const last = at.words.at(-1) ?? '';
              if (at.keyword === 'WORKDIR') folder = last.startsWith('/') ? last : `${folder}/${last}`;
              if (at.keyword === 'VOLUME') volumes.push(...at.words);
              if (at.keyword !== 'COPY' && at.keyword !== 'ADD') return [];
              const to = `${last.startsWith('/') ? last : `${folder}/${last}`}/`.replace(/\/\.?\/+/g, '/');
              const over = volumes.find((one) => to.startsWith(`${one.replace(/\/$/, '')}/`));
              return over === undefined ? [] : [atLine(at, `it writes below ${over}, which is a volume already`)];
            }),
        );
      }),
  },
  {
    id: 'privileged-port',
    stride: 'secure',
    severity: 'low',
    title: 'The image listens on a port that only root may open',
    why: 'Below 1024 a process without root needs a capability or an engine that is set up for it.',
    remedy: 'EXPOSE 8000',
    ignoreWhen: 'Docker 20.10 or later runs it everywhere, which lets every user open these ports',
    needs: 'image',
    judge: ({ config }) =>
      answerBy(
        /^(?:root|0)?(?::|$)/.test(config.user)
          ? []
          : config.exposedPorts.flatMap((port): Sighting[] =>
              Number.parseInt(port, 10) < 1024
                ? [
                    {
                      subject: { kind: 'config', field: 'ExposedPorts' },
                      detail: `${port} is exposed, and USER is ${config.user}`,
                    },
                  ]
                : [],
            ),
      ),
  },
];

/** Folders of the kernel at any depth, the system's programs and settings as a whole, and sockets of engines. */
function isOfSystem(path: string): boolean {
  const plain = path.replace(/\/+$/, '') || '/';
  if (
    /^\/(?:proc|sys|dev|boot)(?:\/(?!shm$)|$)/.test(plain) ||
    /\/(?:docker|containerd|podman|crio)\.sock$/.test(plain)
  )
    return true;
  return /^\/(?:etc|s?bin|lib(?:32|64)?|usr(?:\/(?:local\/)?(?:s?bin|lib(?:32|64)?)|\/local)?)?$/.test(plain);
}
