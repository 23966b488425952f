import { convertCssVariables, defaultCssVariablesResolver, useMantineTheme } from '@mantine/core';
import { useLayoutEffect } from 'react';

/** Where the components' own colours would be too pale to read, ours by meaning stand instead. */
const OURS = `:root[data-mantine-color-scheme] {
  --mantine-color-body: var(--card);
  --mantine-color-text: var(--text);
  --mantine-color-dimmed: var(--soft);
  --mantine-color-placeholder: var(--soft);
  --mantine-color-error: var(--bad);
  --mantine-color-default-border: var(--line);
}`;

/**
 * The theme as CSS variables, in a sheet that the page adopts. Mantine would write a style element
 * into the page, which the policy of the pages (`default-src 'self'`) forbids; sheets made by scripts
 * are allowed.
 */
export function ThemeVariables() {
  const theme = useMantineTheme();
  useLayoutEffect(() => {
    const sheet = new CSSStyleSheet();
    sheet.replaceSync(convertCssVariables(defaultCssVariablesResolver(theme)) + OURS);
    document.adoptedStyleSheets = [...document.adoptedStyleSheets, sheet];
    return () => {
      document.adoptedStyleSheets = document.adoptedStyleSheets.filter((s) => s !== sheet);
    };
  }, [theme]);
  return null;
}
