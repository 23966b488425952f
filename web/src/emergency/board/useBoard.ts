import { useQuery, useQueryClient } from '@tanstack/react-query';
import type { Location } from 'fhir/r4';
import { useMemo } from 'react';
import { coalesced, type LiveState } from '../../live/listen.ts';
import { useLive } from '../../live/useLive.ts';
import { useSession } from '../../session/SessionContext.tsx';
import type { Session } from '../../session/session.ts';
import { told } from '../../session/who.ts';
import { placesOf } from '../places.ts';
import { ticking } from '../ticking.ts';
import { type Board, boardOf } from './board.ts';
import { criteriaOf } from './criteria.ts';

/** Without a stream the board is asked for this often. */
const POLL_MS = 5_000;
/** With one as well, seldom: who acts next changes with time alone. */
const LIVE_MS = 30_000;

/** The board of one's organisation, and how it is kept up to date. */
interface BoardState {
  organization: string | undefined;
  board: Board | undefined;
  fault: unknown;
  live: LiveState;
  again: () => void;
}

/** Under which the board is kept. */
export const boardKey = (organization: string | undefined) => ['emergency-board', organization];

/** Which organisation's department is shown. */
export function useOrganization(): string | undefined {
  return told(useSession()).organization;
}

/** The board, loaded again whenever the server says that something changed. */
export function useBoard(): BoardState {
  const session = useSession();
  const organization = useOrganization();
  const queries = useQueryClient();
  const live = useListening(session, organization);
  const queryKey = boardKey(organization);
  const { data, error, refetch } = useQuery({
    queryKey,
    enabled: organization !== undefined,
    queryFn: async () => {
      const places = await queries.ensureQueryData(placesOf(session.fhir, organization));
      return load(session, organization, queries.getQueryData<Board>(queryKey), places);
    },
    structuralSharing: false,
    staleTime: 2_000,
    // A machine that slept shows at once how it is now.
    refetchOnWindowFocus: 'always',
    refetchInterval: live === 'live' ? LIVE_MS : POLL_MS,
  });
  return {
    organization,
    board: data,
    fault: error ?? undefined,
    live,
    again: () => void refetch(),
  };
}

/** The desk is shown nothing clinical. */
const isClinical = (session: Session) => told(session).role !== 'registration';

async function load(
  session: Session,
  organization: string | undefined,
  before: Board | undefined,
  places: Location[],
): Promise<Board> {
  const path = `Encounter/$board?organization=Organization/${organization}`;
  const asked = Date.now();
  const names = new Map(places.map((place) => [place.id ?? '', place.name ?? '']));
  const board = boardOf(
    await session.fhir.get(path),
    Date.now(),
    before,
    names,
    !isClinical(session),
  );
  // The answer was made somewhere between asking and having it.
  ticking.set(board.at, (asked + board.received) / 2);
  return board;
}

function useListening(session: Session, organization: string | undefined): LiveState {
  const queries = useQueryClient();
  const reload = useMemo(
    () =>
      coalesced(() =>
        // An answer that was under way may be from before the change.
        queries.refetchQueries({ queryKey: boardKey(organization) }, { cancelRefetch: true }),
      ),
    [organization, queries],
  );
  return useLive(organization ? criteriaOf(told(session).role) : [], reload);
}
