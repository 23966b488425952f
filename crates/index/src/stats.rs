//! Figures about the index.

use crate::index::Index;
use crate::part::Part;
use crate::row::NO_ROW;
use crate::segment::Section;

impl Index {
    /// Figures by name: counts, and sizes in bytes. Looks at every row's marks: milliseconds for a
    /// million rows.
    pub fn stats(&self) -> Vec<(&'static str, u64)> {
        let snapshot = self.snapshot();
        let (mut versions, mut live, mut tail_keys, mut memory) = (0u64, 0u64, 0u64, 0u64);
        let (mut segments, mut file_bytes) = (0u64, 0u64);
        let mut sections = Section::ALL.map(|section| (section.stat_name(), 0u64));
        for part in snapshot.parts() {
            let rows = (0..part.end() - part.first()).filter_map(|local| {
                Some((part.marks().successor(local), part.columns(local)?.meta.deleted()))
            });
            for (successor, deleted) in rows {
                versions += 1;
                live += u64::from(successor == NO_ROW && !deleted);
            }
            match part {
                Part::Chunk(chunk) => {
                    tail_keys += chunk.keys().len() as u64;
                    memory += chunk.memory() as u64;
                }
                Part::Segment(segment) => {
                    segments += 1;
                    file_bytes += segment.file_bytes();
                    memory += segment.memory() as u64;
                    for ((_, sum), (_, bytes)) in sections.iter_mut().zip(segment.section_bytes()) {
                        *sum += bytes;
                    }
                }
            }
        }
        memory += (self.0.heads.memory() + self.0.names.memory()) as u64;
        let mut figures = vec![
            ("index_versions", versions),
            ("index_live", live),
            ("index_resources", self.0.heads.len() as u64),
            ("index_changed_rows", self.0.overlays.rows() as u64),
            ("index_tail_keys", tail_keys),
            ("index_memory_bytes", memory),
            ("index_segments", segments),
            ("index_file_bytes", file_bytes),
        ];
        figures.extend(sections);
        figures
    }
}

impl Section {
    fn stat_name(self) -> &'static str {
        match self {
            Section::Rows => "index_file_rows_bytes",
            Section::Ids => "index_file_ids_bytes",
            Section::Lists => "index_file_lists_bytes",
            Section::Names => "index_file_names_bytes",
            Section::Facts => "index_file_facts_bytes",
            Section::Changes => "index_file_changes_bytes",
            Section::Postings => "index_file_postings_bytes",
            Section::PostingIndex => "index_file_posting_index_bytes",
            Section::Ranges => "index_file_ranges_bytes",
            Section::RangeIndex => "index_file_range_index_bytes",
            Section::Filter => "index_file_filter_bytes",
        }
    }
}
