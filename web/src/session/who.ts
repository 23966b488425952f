import { useQuery } from '@tanstack/react-query';
import type { Organization, Practitioner, PractitionerRole } from 'fhir/r4';
import { entries, type Fhir } from '../fhir/client.ts';
import { words } from '../fhir/codes.ts';
import { formal, plain } from '../fhir/name.ts';
import { claims } from './pkce.ts';
import { useSession } from './SessionContext.tsx';
import type { Session } from './session.ts';

/** Who is signed in, as the corner of every page tells. */
export interface Who {
  /** `Practitioner/dr-alder`. */
  reference: string;
  name: string;
  /** `clinician`, `registration`, …; absent where the sign-in does not tell. */
  role?: string;
  /** What the directory calls the person's work. */
  job?: string;
  organization?: { id: string; name: string };
  purpose?: string;
}

/** Purposes of use (v3-ActReason) in words. */
const PURPOSES: Record<string, string> = {
  TREAT: 'treatment',
  HOPERAT: 'operations',
  PATRQT: 'own record',
  HRESCH: 'research',
  ETREAT: 'emergency treatment',
};

/** What the token says of who asks. Shown, never relied on: the server decides by itself. */
export function told(session: Session): Pick<Who, 'reference' | 'role' | 'purpose'> & {
  organization?: string;
} {
  const access = claims(session.granted.access_token);
  const user = String(claims(session.granted.id_token).fhirUser ?? access.sub ?? '');
  const text = (value: unknown) => (typeof value === 'string' ? value : undefined);
  const purpose = text(access.accord_purpose);
  return {
    reference: user.split('/').slice(-2).join('/'),
    role: text(access.accord_role),
    purpose: purpose && (PURPOSES[purpose] ?? purpose),
    organization: text(access.accord_org),
  } as ReturnType<typeof told>;
}

async function look(session: Session, fhir: Fhir): Promise<Who> {
  const { organization, ...known } = told(session);
  const id = known.reference.split('/')[1];
  const urls = [known.reference, `PractitionerRole?practitioner=${id}&_count=20`];
  if (organization) urls.push(`Organization/${organization}`);
  const [person, roles, place] = await fhir.batch(urls);
  const name = (person?.resource as Practitioner | undefined)?.name?.[0];
  const all = entries<PractitionerRole>(roles?.resource, 'PractitionerRole');
  const here = all.find((r) => r.organization?.reference === `Organization/${organization}`);
  const home = place?.resource as Organization | undefined;
  const job = words(here?.code?.[0]);
  return {
    ...known,
    name: plain(name) ?? formal(name),
    ...(job ? { job } : {}),
    ...(organization
      ? { organization: { id: organization, name: home?.name ?? organization } }
      : {}),
  };
}

/** Who is signed in; the name comes a moment later. */
export function useWho(): Who | undefined {
  const session = useSession();
  return useQuery({
    queryKey: ['who'],
    queryFn: () => look(session, session.fhir),
    staleTime: Number.POSITIVE_INFINITY,
  }).data;
}

/** The role of the session, at once. */
export function useRole(): string | undefined {
  return told(useSession()).role;
}
