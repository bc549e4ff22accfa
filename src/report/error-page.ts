import { ActionError } from '../errors.ts';

/** The code of an error, as annotation, receipt and documentation name it; what is no ActionError is a mistake of ours. */
export function codeOf(error: Error): string {
  return error instanceof ActionError ? error.code : 'internal';
}

/** Address of the page about an error in the version of the action that runs; empty where that is not known.
 * @param home address of the action's own files, empty for an action that is part of the workflow's repository */
export function errorPage(error: Error, home: string): string {
  return home === '' ? '' : `${home}/docs/errors/${codeOf(error)}.md`;
}
