import react from '@vitejs/plugin-react';
import { defineConfig } from 'vite';

// While developing, pages come from here and everything else from a server: one origin, as later.
const server = process.env.ACCORD_URL ?? 'http://127.0.0.1:8080';
const proxy = Object.fromEntries(
  ['/fhir', '/auth', '/health'].map((path) => [path, { target: server, changeOrigin: false }]),
);

export default defineConfig({
  plugins: [react()],
  server: { host: '127.0.0.1', port: 5173, strictPort: true, proxy },
  build: {
    target: 'es2022',
    // Sources of every small asset are files: the policy of the pages allows no data: address.
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    reportCompressedSize: false,
  },
});
