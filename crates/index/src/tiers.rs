//! Which segments are to be merged, and the merged one in their place.
//!
//! A look-up asks every segment, so there must be few. Segments of one tier are merged as soon as
//! there are enough of them, which makes one of the next tier: a row is written again once for each
//! tier, and the number of segments grows with the logarithm of the number of rows, until segments
//! are so large that merging them gains little and would hold on to much disk.

use std::sync::Arc;

use crate::error::IndexError;
use crate::index::Index;
use crate::part::Part;
use crate::segment::{Merge, Segment};

/// How segments are merged.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Tiers {
    /// How many segments of one tier become one of the next; below 2, nothing is merged.
    pub ratio: u32,
    /// Most chunks in a segment.
    pub most_chunks: u32,
}

impl Default for Tiers {
    /// Eight to one, up to 64 chunks: 4,194,304 rows where chunks have 65,536.
    fn default() -> Tiers {
        Tiers { ratio: 8, most_chunks: 64 }
    }
}

impl Tiers {
    /// The tier of a segment: 0 for a chunk as it was sealed.
    fn of(self, chunks: u32) -> usize {
        if self.ratio < 2 {
            return 0;
        }
        chunks.max(1).ilog(self.ratio) as usize
    }
}

impl Index {
    /// The segments that are to be merged next: the oldest ones of the lowest tier that has
    /// enough.
    pub fn due_merge(&self, tiers: Tiers) -> Option<Merge> {
        let snapshot = self.snapshot();
        let segments: Vec<&Arc<Segment>> = snapshot
            .parts()
            .iter()
            .map_while(|part| match part {
                Part::Segment(segment) => Some(segment),
                Part::Chunk(_) => None,
            })
            .collect();
        let kind =
            |segment: &Segment| (tiers.of(self.chunks_of(segment)), segment.extractor_version());
        let runs = segments.chunk_by(|a, b| kind(a) == kind(b));
        let due = runs.filter_map(|run| {
            let run = run.get(..tiers.ratio.max(2) as usize).filter(|_| tiers.ratio >= 2)?;
            let chunks: u32 = run.iter().map(|segment| self.chunks_of(segment)).sum();
            (chunks <= tiers.most_chunks).then_some(run)
        });
        let lowest = due.min_by_key(|run| run.first().map(|segment| kind(segment).0))?;
        Merge::of(lowest.iter().map(|segment| Arc::clone(segment)).collect()).ok()
    }

    fn chunks_of(&self, segment: &Segment) -> u32 {
        segment.rows() / self.0.chunk_rows
    }

    /// How many segments each tier has, the lowest first.
    pub fn tiers(&self, tiers: Tiers) -> Vec<u64> {
        let mut out = Vec::new();
        for part in self.snapshot().parts() {
            if let Part::Segment(segment) = part {
                let tier = tiers.of(self.chunks_of(segment));
                out.resize(out.len().max(tier + 1), 0);
                if let Some(count) = out.get_mut(tier) {
                    *count += 1;
                }
            }
        }
        out
    }

    /// Puts a merged segment, which [`Merge::open`] gave, in the place of those it was made from.
    /// Snapshots taken before keep those.
    ///
    /// # Errors
    /// If they are not there any more.
    pub fn install_merged(&self, merge: &Merge, segment: Segment) -> Result<(), IndexError> {
        let misplaced = IndexError::Misplaced("the segments that were merged are not there");
        let inputs = merge.inputs();
        let mut published = self.0.published.write();
        let start = published.parts.partition_point(|part| part.end() <= merge.first());
        let there = published.parts.iter().skip(start).zip(inputs).filter(
            |(part, input)| matches!(part, Part::Segment(segment) if Arc::ptr_eq(segment, input)),
        );
        if there.count() != inputs.len() || segment.rows() != merge.rows() {
            return Err(misplaced);
        }
        let mut parts = published.parts.to_vec();
        parts.splice(start..start + inputs.len(), [Part::Segment(Arc::new(segment))]);
        published.parts = Arc::from(parts);
        Ok(())
    }
}
