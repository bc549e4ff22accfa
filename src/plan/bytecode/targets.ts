import { globPattern } from '../../model/glob-pattern.ts';
import type { BytecodeRequest } from '../build-request.ts';
import survey from './survey.py';
import worker from './worker.py';

/** Raised whenever the compile step would make other bytecode of the same files. */
export const bytecodeFormat = 1;

/** Where the compile step works, in a stage that is thrown away; the image must have nothing there. */
const home = '/.slipway-bytecode';
/** A line that neither script has. */
const end = 'SLIPWAY-BYTECODE';

/** Dockerfiles of the bake targets that turn target `app` into the image that ships. Its last layer holds nothing but bytecode, and
 * its configuration is that of `app`: all that needs another user happens in a stage beside it. */
export interface BytecodeDockerfiles {
  /** `FROM app`: compiles, as root and without a network. */
  readonly bytecode: string;
  /** `FROM app` and one layer. */
  readonly image: string;
  /** The step's report alone. */
  readonly report: string;
}

/** Writes them: a function of what is asked alone, so that the step is cached like any other. */
export function planDockerfiles({ invalidation, paths, exclude, places }: BytecodeRequest): BytecodeDockerfiles {
  const settings = { checked: invalidation === 'checked-hash', paths, exclude: exclude.map(globPattern) };
  const command = ['python3', '-I', '-S', '-B', '-X', 'utf8', `${home}/survey.py`, toAscii(settings)];
  return {
    bytecode: [
      'FROM app',
      'USER 0:0', // a name, or a user without a group, has to be in /etc/passwd, which not every image has
      `ENV PATH=\${PATH:+$PATH:}${places.join(':')}`,
      ...Object.entries({ survey, worker }).flatMap(([name, text]) => [
        `COPY <<'${end}' ${home}/${name}.py`,
        text.trimEnd(),
        end,
      ]),
      `RUN --network=none ${toAscii(command)}`,
      '',
    ].join('\n'),
    image: `FROM app\nCOPY --from=bytecode ${home}/out/ /\n`,
    report: `FROM scratch\nCOPY --from=bytecode ${home}/report.json /\n`,
  };
}

/** Whether a step of BuildKit's progress is one of these, by its name: of several platforms not every target's progress names each step
 * before it fails. */
export function isCompileStep(name: string): boolean {
  const instructions = ['RUN --network=none ["python3",', `COPY <<${end} `, 'COPY --from=bytecode '];
  return name.includes(`${home}/`) && instructions.some((one) => name.includes(`] ${one}`));
}

/** Where `python3` is looked for after the image's own PATH: the usual folders, and what the Dockerfile names as one. */
export function planPlaces(dockerfile: string): readonly string[] {
  const named = [...dockerfile.matchAll(/(?:\/[\w.@+-]+)+?\/bin(?=[/:"'\s\\,;\]]|$)/g)].map(([path]) => path);
  const made = [...dockerfile.matchAll(/\bvenv(?:\s+-\S+)*\s+((?:\/[\w.@+-]+)+)/g)].map(([, path]) => `${path}/bin`);
  const work = [...dockerfile.matchAll(/^\s*WORKDIR\s+((?:\/[\w.@+-]+)+)\/?\s*$/gim)].flatMap(([, path]) =>
    ['.venv', 'venv'].map((name) => `${path}/${name}/bin`),
  );
  return [...new Set([...usual, ...named, ...made, ...work])];
}

const usual = ['/usr/local/bin', '/usr/bin', '/bin', '/opt/venv/bin', '/venv/bin', '/app/.venv/bin', '/opt/conda/bin'];

/** JSON whose strings hold printable ASCII alone. */
function toAscii(value: unknown): string {
  return JSON.stringify(value).replace(
    /[^\u0020-\u007e]/g,
    (one) => `\\u${one.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );
}
