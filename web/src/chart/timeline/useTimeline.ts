import { useInfiniteQuery } from '@tanstack/react-query';
import type { Bundle, FhirResource } from 'fhir/r4';
import { type Answer, entries, nextOf } from '../../fhir/client.ts';
import { useFhir } from '../../session/SessionContext.tsx';
import { useKept } from '../live.ts';
import { type Event, eventOf, merge, missingOf, SOURCES, type Told } from './events.ts';

/** Entries of a source on a page. */
const COUNT = 40;

/** Where each source goes on; nothing for those that have told everything, or are refused. */
type Cursor = (string | undefined)[];

interface Page {
  answers: (Answer | undefined)[];
  next: Cursor;
}

/** The timeline of a patient: all sources of a page are asked in one request. */
export function useTimeline(id: string) {
  const fhir = useFhir();
  const kept = useKept();
  const found = useInfiniteQuery({
    queryKey: ['chart', id, 'timeline'],
    ...kept,
    initialPageParam: SOURCES.map(
      ({ type, sort }) => `${type}?patient=${id}&_sort=${sort}&_count=${COUNT}`,
    ) as Cursor,
    queryFn: async ({ pageParam }): Promise<Page> => {
      const going = pageParam.flatMap((url, i) => (url ? [{ url, i }] : []));
      const told = await fhir.batch(going.map(({ url }) => url));
      // One that cannot go on is not to look complete: the list is loaded anew.
      const old = told.find((answer) => answer.fault?.status === 410);
      if (old?.fault) throw old.fault;
      const answers: Page['answers'] = SOURCES.map(() => undefined);
      for (const [at, { i }] of going.entries()) answers[i] = told[at];
      const next = answers.map((answer) => relative(nextOf(answer?.resource as Bundle)));
      return { answers, next };
    },
    getNextPageParam: (last) => (last.next.some(Boolean) ? last.next : undefined),
  });
  const pages = found.data?.pages ?? [];
  const last = pages.at(-1);
  const missing = missingOf(pages.map((page) => page.answers));
  const told: Told[] = SOURCES.map((source, i) => ({
    events: pages
      .flatMap((page) => entries<FhirResource>(page.answers[i]?.resource, source.type))
      .map((resource) => eventOf(source, resource)),
    more: last?.next[i] !== undefined,
  }));
  return {
    events: merge(told) as Event[],
    missing,
    fault: found.error ?? undefined,
    loading: found.isPending,
    more: found.hasNextPage ? () => void found.fetchNextPage() : undefined,
    loadingMore: found.isFetchingNextPage,
    again: () => void found.refetch(),
  };
}

/** A link of the server as an address of a batch. */
function relative(url: string | undefined): string | undefined {
  return url?.slice(url.indexOf('/fhir/') + '/fhir/'.length);
}
