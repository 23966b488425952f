// What a browser loads before the first page stands, compressed; more than the limit is a fault.
import { readdirSync, readFileSync } from 'node:fs';
import { gzipSync } from 'node:zlib';

const LIMIT_KIB = 250;

const size = (path) => gzipSync(readFileSync(path)).length;
const html = readFileSync('dist/index.html', 'utf8');
const first = ['dist/index.html', 'dist/site.json', 'dist/favicon.svg'];
for (const [, path] of html.matchAll(/(?:src|href)="(\/assets\/[^"]+)"/g))
  first.push(`dist${path}`);
const all = readdirSync('dist/assets').map((name) => `dist/assets/${name}`);
let total = 0;
for (const path of first) {
  total += size(path);
  console.log(`${(size(path) / 1024).toFixed(1).padStart(7)} KiB  ${path}`);
}
const later = all
  .filter((path) => !first.includes(path))
  .reduce((sum, path) => sum + size(path), 0);
console.log(`${(total / 1024).toFixed(1).padStart(7)} KiB  first load (at most ${LIMIT_KIB})`);
console.log(`${(later / 1024).toFixed(1).padStart(7)} KiB  on demand`);
if (total > LIMIT_KIB * 1024) process.exit(1);
