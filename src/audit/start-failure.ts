import type { StartFacts } from './probe-facts.ts';

/** Why a start ended badly: `wants-…` is what it has here for no fault of its own, all else is the image's. */
export type StartFailure = 'wants-network' | 'wants-settings' | 'wants-arguments' | 'wants-memory' | 'its-own';

const own =
  /\b(?:ModuleNotFoundError|ImportError|SyntaxError|IndentationError|NameError)\b|cannot open shared object file|command not found|: not found$|No module named|can't open file|Cannot find module|exec format error/im;
const network =
  /ECONNREFUSED|ENOTFOUND|EAI_AGAIN|ENETUNREACH|EHOSTUNREACH|Connection refused|Network is unreachable|Name or service not known|Temporary failure in name resolution|getaddrinfo|could not translate host name|No route to host|network is unreachable|no such host|Could not resolve host|ConnectionError|NameResolutionError|could not connect|can't connect|failed to connect|unable to connect|Connection timed out/i;
const settings =
  /KeyError: ['"][A-Z][A-Z0-9_]+['"]|\b[A-Z][A-Z0-9_]{3,}\b.{0,60}\b(?:not set|must be set|required|missing|not defined|must not be empty|unset)|[Ee]nvironment\b.{0,80}\b(?:variable|required|missing|not set)|ImproperlyConfigured|UndefinedValueError|validation errors? for \w*(?:Settings|Config)|parameter not set|unbound variable/;
const usage =
  /^\s*(?:error: )?usage:|\bthe following arguments are required|^Commands:$|Missing (?:command|argument|option)/im;

/** Tells from what it printed why a start ended badly; it had no network, no variable but its own, and no argument. */
export function explainFailure({ output, outOfMemory }: StartFacts): StartFailure {
  if (outOfMemory) return 'wants-memory';
  const tail = output.slice(-3_000);
  // a failed import is what it is, whatever was said before
  if (own.test(lastLines(tail))) return 'its-own';
  if (network.test(tail)) return 'wants-network';
  if (settings.test(tail)) return 'wants-settings';
  return usage.test(tail) ? 'wants-arguments' : 'its-own';
}

function lastLines(text: string): string {
  return text.trimEnd().split('\n').slice(-2).join('\n');
}

/** Whether an engine's refusal to start says that the program is missing, and not its user or folder. */
export function blamesProgram(refusal: string): boolean {
  return refusal !== '' && !/unable to find (?:user|group)|chdir to cwd/.test(refusal);
}
