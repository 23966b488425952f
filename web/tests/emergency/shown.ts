import { MantineProvider } from '@mantine/core';
import { QueryClient, QueryClientProvider } from '@tanstack/react-query';
import type { Parameters as FhirParameters, ParametersParameter } from 'fhir/r4';
import { createElement, type ReactElement } from 'react';
import { renderToStaticMarkup } from 'react-dom/server';
import { type Attendance, boardOf } from '../../src/emergency/board/board.ts';

// Pages are loaded once there is a window: `await import`, in tests as well as here.
import './window.ts';

const { SessionProvider } = await import('../../src/session/SessionContext.tsx');
const { Session } = await import('../../src/session/session.ts');

type Parts = ParametersParameter[];

/** A row of the board as a server tells it, with what a test adds. */
export function rowWith(parts: Parts = [], closed = false): Attendance {
  const named = { name: 'encounter', valueReference: { reference: 'Encounter/e' } };
  const parameter = [{ name: 'encounter', part: [named, ...parts] }];
  const answer: FhirParameters = { resourceType: 'Parameters', parameter };
  const [row] = boardOf(answer, 0, undefined, undefined, closed).rows;
  if (!row) throw new Error('no row');
  return row;
}

/** A token with claims, as far as pages read them. */
const token = (claims: object) => `.${Buffer.from(JSON.stringify(claims)).toString('base64url')}.`;

/** Draws part of a page for somebody with a role, as text with `|` for every mark. */
export function shown(element: ReactElement, role = 'clinician'): string {
  return drawn(element, role).replace(/<[^>]+>/g, '|');
}

/** The same with its marks. */
export function drawn(element: ReactElement, role = 'clinician'): string {
  const session = new Session({
    access_token: token({ accord_role: role, accord_org: 'o' }),
    id_token: token({}),
  } as never);
  const inSession = createElement(SessionProvider, { value: session }, element);
  const inQueries = createElement(QueryClientProvider, { client: new QueryClient() }, inSession);
  return renderToStaticMarkup(createElement(MantineProvider, null, inQueries));
}
