import { parse } from 'shell-quote';
import type { ImageConfig } from '../../model/image-config.ts';

/** The module that an image's command is about, where its words tell: what to import where the command itself cannot be started. Undefined
 * where they do not. */
export function findEntryModule({
  entrypoint,
  cmd,
  env,
}: Pick<ImageConfig, 'entrypoint' | 'cmd' | 'env'>): string | undefined {
  const words = [...entrypoint, ...cmd].flatMap(splitScript);
  for (const [at, word] of words.entries()) {
    const found = readProgram(baseName(word), words.slice(at + 1), env);
    if (found !== undefined) return found;
  }
  return undefined;
}

/** A word that is a script for a shell (`sh -c 'exec gunicorn app:app'`) falls apart into its own words. */
function splitScript(word: string): readonly string[] {
  return /\s/.test(word) ? parse(word).filter((one) => typeof one === 'string') : [word];
}

const servers = new Set(['gunicorn', 'uvicorn', 'hypercorn', 'daphne', 'granian', 'waitress-serve']);

function readProgram(program: string, rest: readonly string[], env: ReadonlyMap<string, string>): string | undefined {
  if (/^python(?:3(?:\.\d+)?)?$/.test(program)) return readPython(rest, env);
  if (servers.has(program)) return rest.map(readTarget).find((one) => one !== undefined);
  if (program === 'celery') return readOption(rest, ['-A', '--app']);
  if (program === 'flask') return readOption(rest, ['-A', '--app']) ?? readModule(env.get('FLASK_APP'));
  return undefined;
}

/** `python -m`: a server or a module. */
function readPython(rest: readonly string[], env: ReadonlyMap<string, string>): string | undefined {
  const at = rest.indexOf('-m');
  const module = at < 0 || rest.slice(0, at).some((word) => !word.startsWith('-')) ? undefined : rest[at + 1];
  if (module === undefined) return undefined;
  return readProgram(module, rest.slice(at + 2), env) ?? (servers.has(module) ? undefined : readModule(module));
}

/** `module:app`, as servers take it. */
function readTarget(word: string): string | undefined {
  return /^([A-Za-z_]\w*(?:\.[A-Za-z_]\w*)*):[A-Za-z_][\w.]*(?:\(.*\))?$/.exec(word)?.[1];
}

function readOption(words: readonly string[], names: readonly string[]): string | undefined {
  for (const [at, word] of words.entries()) {
    if (names.includes(word)) return readModule(words[at + 1]);
    const long = names.find((name) => name.startsWith('--') && word.startsWith(`${name}=`));
    if (long !== undefined) return readModule(word.slice(long.length + 1));
  }
  return undefined;
}

function readModule(text: string | undefined): string | undefined {
  return /^([A-Za-z_]\w*(?:\.[A-Za-z_]\w*)*)(?::|$)/.exec(text ?? '')?.[1];
}

function baseName(word: string): string {
  return word.slice(word.lastIndexOf('/') + 1);
}
