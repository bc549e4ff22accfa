import type { Check } from '../audit/assessment.ts';

/** Address of the page about a check, of the version of the action that runs; empty where that is not known.
 * @param home address of the action's own files, empty for an action that is part of the workflow's repository */
export function checkPage({ id, by, page }: Check, home: string): string {
  if (by === 'buildkit') return page.startsWith('https://') && URL.canParse(page) ? page.toWellFormed() : '';
  return home === '' ? '' : `${home}/docs/checks/${id}.md`;
}
