import { realpath } from 'node:fs/promises';
import { splitReportGlobs } from '../../model/report-glob.ts';
import { mergeCounts } from '../../model/test-counts.ts';
import type { TestReports } from '../../report/facts.ts';
import type { ContainerWatch } from '../engine/containers.ts';
import type { Workbench } from '../workbench.ts';
import { readContainerReports } from './container.ts';
import type { FoundReports } from './reader.ts';
import { placeFailures, readTestReports } from './work-tree.ts';

/** Gathers what the tests' own reports say, wherever they were written. */
export interface ReportCollector {
  /** For each container of `test-image`. */
  readonly afterwards: ContainerWatch['afterwards'];
  /** Reads the work tree's and adds them all up. */
  readonly collect: () => Promise<TestReports & { readonly notices: readonly string[] }>;
}

const mostNotices = 20;

/** Opens a collection for the globs of `test-reports`. */
export function openReports(bench: Workbench, globs: readonly string[]): ReportCollector {
  const { engine, environment, cancel } = bench;
  const { workspace } = environment;
  const { workTree, container: within } = splitReportGlobs(globs, workspace);
  const copied: FoundReports[] = [];
  const afterwards = async (container: string): Promise<void> => {
    copied.push(await readContainerReports(engine, { container, globs: within }, cancel));
  };
  const collect = async () => {
    const all = [await readTestReports({ workspace, globs: workTree, since: performance.timeOrigin }), ...copied];
    const notices = all.flatMap((one) => one.notices);
    if (copied.length === 0) notices.push(...within.map(({ glob }) => tellUnlooked(glob)));
    const counts = mergeCounts(all.flatMap((one) => one.counts));
    return {
      files: all.flatMap(({ files }) => files),
      counts: placeFailures(await realpath(workspace), counts),
      notices: cutNotices(notices),
    };
  };
  return { afterwards: within.length === 0 ? undefined : afterwards, collect };
}

function tellUnlooked(glob: string): string {
  return `test-reports: ${JSON.stringify(glob)} is looked for in containers of \`test-image\`, and none ran`;
}

function cutNotices(notices: readonly string[]): readonly string[] {
  const more = notices.length - mostNotices;
  return more <= 0 ? notices : [...notices.slice(0, mostNotices), `test-reports: and ${more} more of these`];
}
