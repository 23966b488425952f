import { type InfiniteData, useInfiniteQuery } from '@tanstack/react-query';
import type { Bundle, FhirResource } from 'fhir/r4';
import { entries, nextOf } from '../fhir/client.ts';
import { useFhir } from '../session/SessionContext.tsx';
import { useKept } from './live.ts';

/** What pages of a search have brought so far. */
export interface Paged<T> {
  items: T[];
  total: number | undefined;
  fault: unknown;
  loading: boolean;
  /** Loads the next page; absent at the end. */
  more: (() => void) | undefined;
  loadingMore: boolean;
  again: () => void;
  /** When it was loaded, and whether loading it again failed. */
  at: number;
  failed: boolean;
}

/** A search of a patient's resources, a page at a time. */
export function usePages<T extends FhirResource>(
  patient: string,
  type: T['resourceType'],
  query: string,
): Paged<T> {
  const fhir = useFhir();
  const kept = useKept();
  const found = useInfiniteQuery<Bundle, unknown, InfiniteData<Bundle>, string[], string>({
    queryKey: ['chart', patient, type, query],
    ...kept,
    initialPageParam: `${type}?patient=${patient}&${query}`,
    queryFn: ({ pageParam }) => fhir.get<Bundle>(pageParam),
    getNextPageParam: nextOf,
  });
  const pages = found.data?.pages ?? [];
  return {
    items: pages.flatMap((page) => entries<T>(page, type)),
    total: pages[0]?.total,
    fault: found.error ?? undefined,
    loading: found.isPending,
    more: found.hasNextPage ? () => void found.fetchNextPage() : undefined,
    loadingMore: found.isFetchingNextPage,
    again: () => void found.refetch(),
    at: found.dataUpdatedAt,
    failed: found.isRefetchError,
  };
}
