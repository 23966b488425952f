import './shell/mantine.ts';
import './shell/tokens.css';
import { StrictMode } from 'react';
import { createRoot } from 'react-dom/client';
import { start } from './session/session.ts';
import { App } from './shell/App.tsx';
import { readSite } from './shell/site.ts';

const root = document.getElementById('root');

async function begin(): Promise<void> {
  const site = await readSite();
  document.title = site.name;
  if (root) {
    createRoot(root).render(
      <StrictMode>
        <App />
      </StrictMode>,
    );
  }
  await start();
}

void begin();
