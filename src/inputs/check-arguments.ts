import { parseArgs } from 'node:util';
import { type Ignore, parseIgnore } from '../model/ignore.ts';
import { type Platform, parsePlatform } from '../model/platform.ts';

export const checkUsage = `npm run check -- [OPTION…] IMAGE
  IMAGE                    what the local engine has by that name, else what its registry has
  --file DOCKERFILE        findings name its lines; its folder is the build context
  --target STAGE           the stage of it that was built
  --platform PLATFORM      which image of several, linux/amd64 or linux/arm64; without it, this machine's
  --run                    starts it too, without network and with no right but its own; the engine must have it
  --ignore 'ID: REASON'    leaves a finding out, as a line of checks-ignore does; may be given several times
  --hold high|medium|low   ends with exit status 1 where a finding is as bad as that
`;

/** What `npm run check` is asked. */
export interface CheckArguments {
  readonly name: string;
  readonly platform: Platform;
  /** Whether the platform was said, and is not this machine's alone. */
  readonly wantsPlatform: boolean;
  readonly file: string | undefined;
  readonly target: string | undefined;
  readonly run: boolean;
  readonly ignores: readonly Ignore[];
  readonly hold: 'high' | 'medium' | 'low' | undefined;
}

const text = { type: 'string' } as const;
const options = {
  file: text,
  target: text,
  platform: text,
  hold: text,
  ignore: { ...text, multiple: true },
  run: { type: 'boolean' },
  help: { type: 'boolean', short: 'h' },
} as const;

/** Reads the words of a command line.
 * @throws Error saying what makes no sense. */
export function parseCheckArguments(args: readonly string[]): CheckArguments | 'help' {
  const { values, positionals } = parseArgs({ args: [...args], allowPositionals: true, options });
  const { file, target, hold, ignore = [], platform } = values;
  if (values.help === true) return 'help';
  const [name, ...others] = positionals;
  if (name === undefined || others.length > 0) throw new Error(`one image is needed, and ${positionals.length} came`);
  if (hold !== undefined && hold !== 'high' && hold !== 'medium' && hold !== 'low')
    throw new Error(`--hold is high, medium or low, and not ${JSON.stringify(hold)}`);
  if (target !== undefined && file === undefined) throw new Error('--target is a stage of --file DOCKERFILE');
  return {
    name,
    platform: parsePlatform(platform ?? `linux/${process.arch === 'x64' ? 'amd64' : process.arch}`),
    wantsPlatform: platform !== undefined,
    file,
    target,
    run: values.run === true,
    ignores: ignore.map(parseIgnore),
    hold,
  };
}
