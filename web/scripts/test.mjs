// Compiles the tests of one kind and runs them with Node's own runner:
// `node scripts/test.mjs unit | journeys | screenshots [NAME]`.
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
const args = ['--test', '--test-concurrency=1', '--test-reporter=spec', ...files];
process.exit(spawnSync(process.execPath, args, { stdio: 'inherit' }).status ?? 1);
