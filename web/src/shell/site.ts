/** What a site decides, read from `/site.json` at start; `docs/guide/site.md` has every member. */
interface Site {
  /** What the product is called there. */
  name: string;
  /** The id under which this app is registered for sign-in. */
  clientId: string;
  /** Under which its self check-in is, with the scopes of that alone; without it there is none. */
  kioskClientId?: string;
  /** After how many minutes without use a session ends by itself. */
  idleMinutes: number;
  /** The identifier that the banner shows, and searches understand. */
  nationalIdentifier: { system: string; label: string };
  /** Members of a Mantine theme that take the place of ours. */
  theme?: Record<string, unknown>;
}

const DEFAULT: Site = {
  name: 'Accord',
  clientId: 'accord-web',
  kioskClientId: 'accord-check-in',
  idleMinutes: 15,
  nationalIdentifier: { system: 'https://fhir.nhs.uk/Id/nhs-number', label: 'NHS No.' },
};

let current = DEFAULT;

/** The site's decisions, once they are read. */
export function site(): Site {
  return current;
}

/** Reads them; a site without the file has ours. */
export async function readSite(): Promise<Site> {
  try {
    const response = await fetch('/site.json', { cache: 'no-cache' });
    const own = response.ok ? ((await response.json()) as Partial<Site>) : {};
    current = { ...DEFAULT, ...own };
  } catch {
    current = DEFAULT;
  }
  return current;
}
