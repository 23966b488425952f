// Compiles the tests of one kind and runs them with Node's own runner:
// `node scripts/test.mjs unit | journeys | screenshots | figures [NAME]`.
import { spawnSync } from 'node:child_process';
import { readdirSync, rmSync } from 'node:fs';
import { build } from 'vite';

const [kind = 'unit', only = ''] = process.argv.slice(2);
const from = `tests/${kind}`;
const to = `node_modules/.tests/${kind}`;

const named = readdirSync(from).filter((name) => name.endsWith('.test.ts') && name.includes(only));
rmSync(to, { recursive: true, force: true });
await build({
  configFile: false,
  logLevel: 'warn',
  build: {
    ssr: true,
    target: 'node20',
    outDir: to,
    rolldownOptions: { input: named.map((name) => `${from}/${name}`) },
  },
});
// One file at a time: journeys share the machine with a server and a browser.
const files = named.map((name) => `${to}/${name.replace('.ts', '.js')}`);
const args = ['--test', '--test-concurrency=1', '--test-reporter=spec'];
const run = (file) => spawnSync(process.execPath, [...args, file], { stdio: 'inherit' }).status;
// A journey waits for a browser on a machine that may be busy: what fails is tried once more.
const tries = kind === 'journeys' ? Number(process.env.TRIES ?? 2) : 1;
const again = [];
const failed = named.filter((name, index) => {
  for (let left = tries; left > 0; left -= 1) {
    if (run(files[index]) === 0) return false;
    if (left === 1) continue;
    console.error(`${name} failed; once more`);
    again.push(name);
  }
  return true;
});
// A try that was needed is not to be overlooked above hundreds of lines.
if (tries > 1) {
  const needed = again.map((name) => (failed.includes(name) ? `${name} (failed again)` : name));
  console.log(
    `${again.length} of ${named.length} files needed a second try: ${needed.join(', ') || 'none'}`,
  );
}
if (failed.length > 0) console.error(`failed: ${failed.join(', ')}`);
process.exit(failed.length === 0 ? 0 : 1);
