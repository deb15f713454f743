// A node:test reporter that writes what a run counted, by file, as JSON, for the closing lines of `npm test`.
import {relative} from 'node:path';

/** Nothing yet, of one file. */
export const noCounts = () => ({passed: 0, skipped: 0, failures: []});

export default async function* countReporter(events) {
  const files = {};
  for await (const {type, data} of events) {
    if (type !== 'test:pass' && type !== 'test:fail') continue;
    // Suites and files report themselves too.
    if (data.details?.type === 'suite') continue;
    const file = (files[relative('.', data.file ?? '')] ??= noCounts());
    if (data.skip !== undefined || data.todo !== undefined) {
      file.skipped++;
    } else if (type === 'test:pass') {
      file.passed++;
    } else {
      const {error} = data.details;
      file.failures.push(`${data.name}\n${(error?.cause ?? error)?.stack ?? error}`);
    }
  }
  yield JSON.stringify(files);
}
