import {
  createTheme,
  defaultVariantColorsResolver,
  Input,
  type MantineThemeOverride,
  mergeThemeOverrides,
  type VariantColorsResolver,
} from '@mantine/core';
import { site } from './site.ts';

/** Fonts that are on the machine: nothing is fetched, nothing jumps when it arrives. */
const FONTS =
  'system-ui, -apple-system, "Segoe UI", Roboto, "Noto Sans", "Liberation Sans", Arial, sans-serif';

/** Filled buttons: letters and grounds that go together in light and in dark. */
const colors: VariantColorsResolver = (input) => {
  const found = defaultVariantColorsResolver(input);
  if (input.variant !== 'filled') return found;
  if (input.color !== 'danger') return { ...found, color: 'var(--on-accent)' };
  const background = 'var(--bad)';
  return { background, hover: background, color: 'var(--on-bad)', border: 'none' };
};

/**
 * The look, in one object. One accent; greys for the rest. The colours of acuity are kept for the
 * emergency board and for nothing else. A site puts members of its own over it (`theme` in
 * `site.json`).
 */
const ours: MantineThemeOverride = createTheme({
  fontFamily: FONTS,
  headings: { fontFamily: FONTS, fontWeight: '600' },
  fontSizes: { xs: '0.75rem', sm: '0.8125rem', md: '0.875rem', lg: '1rem', xl: '1.25rem' },
  lineHeights: { xs: '1.35', sm: '1.4', md: '1.45', lg: '1.45', xl: '1.3' },
  defaultRadius: 'sm',
  primaryColor: 'accent',
  primaryShade: { light: 7, dark: 3 },
  variantColorResolver: colors,
  components: {
    InputWrapper: Input.Wrapper.extend({
      vars: () => ({
        label: {},
        success: {},
        error: { '--input-error-size': 'var(--mantine-font-size-sm)' },
        description: { '--input-description-size': 'var(--mantine-font-size-xs)' },
      }),
    }),
  },
  respectReducedMotion: true,
  cursorType: 'pointer',
  colors: {
    accent: [
      '#eef5fb',
      '#d9e9f6',
      '#b5d4ee',
      '#8cc4f5',
      '#5fa3dc',
      '#3c86c4',
      '#1d69a8',
      '#0b4f8a',
      '#083e6d',
      '#062d50',
    ],
  },
});

/** The look with what the site changes. */
export function themeOfSite(): MantineThemeOverride {
  const own = site().theme as MantineThemeOverride | undefined;
  return own ? mergeThemeOverrides(ours, own) : ours;
}
