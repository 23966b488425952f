//! What the job has still to do, in memory and on disk.

use accord_base::Row;

/// An unfinished job: passes over all rows, until one raises nothing.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub(super) struct Due {
    /// Labels that rows count as having meanwhile; 0 where no job is due.
    pub labels: u64,
    /// Rows before this one must have been looked at.
    pub until: Row,
    /// First row that this pass has not looked at.
    pub next: Row,
    /// Where this pass ends; as far as it is known, 0 before it begins.
    pub end: Row,
    /// Whether this pass has raised anything.
    pub raised: bool,
    /// Tells this job from those before it.
    pub generation: u64,
}

impl Due {
    /// Whether there is a job.
    pub fn is_due(&self) -> bool {
        self.labels != 0
    }

    /// A job for more labels: from the beginning, with what is due already.
    pub fn require(&mut self, labels: u64, until: Row) {
        let generation = self.generation + 1;
        let (labels, until) = (self.labels | labels, self.until.max(until));
        *self = Due { labels, until, generation, ..Due::default() };
    }

    /// Begins the next pass.
    pub fn again(&mut self) {
        (self.next, self.end, self.raised) = (Row(0), Row(0), false);
    }

    /// The bytes that are kept: labels and next row; none where no job is due.
    pub fn encode(&self) -> Vec<u8> {
        if !self.is_due() {
            return Vec::new();
        }
        [&self.labels.to_le_bytes()[..], &self.next.0.to_le_bytes()].concat()
    }

    /// What is left of a job when a store is opened: everything logged by then, `end`, is to be
    /// looked at. What the pass had raised is not known, so another one follows it.
    pub fn decode(bytes: &[u8], end: Row) -> Option<Due> {
        if bytes.is_empty() {
            return Some(Due::default());
        }
        let (labels, next) = bytes.split_first_chunk()?;
        let labels = u64::from_le_bytes(*labels);
        let next = Row(u32::from_le_bytes(next.try_into().ok()?)).min(end);
        Some(Due { labels, until: end, next, raised: true, ..Due::default() })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_due_survives_and_passes_are_not_forgotten() {
        let mut due = Due::default();
        assert_eq!(Due::decode(&due.encode(), Row(9)), Some(Due::default()));
        due.require(6, Row(4));
        due.next = Row(3);
        let again = Due::decode(&due.encode(), Row(9)).unwrap();
        assert_eq!((again.labels, again.next, again.until), (6, Row(3), Row(9)));
        assert!(again.raised && again.is_due());
        due.require(8, Row(2));
        assert_eq!((due.labels, due.next, due.until), (14, Row(0), Row(4)));
        assert_eq!(Due::decode(&[1, 2, 3], Row(1)), None);
    }
}
