//! Code systems from the files of their publishers: SNOMED CT in RF2 (snapshot), LOINC.
//!
//! A file is recognised by its name and read line by line; only what questions need is kept. No
//! content of either is part of this program: whoever loads it needs its licence.

mod csv;
mod loinc;
mod rf2;
#[cfg(test)]
mod tests;

use std::io::{self, BufRead};

use crate::CodeSystem;

/// A file of a release.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub enum Table {
    /// RF2: which descriptions are preferred in a language.
    Languages,
    /// RF2: concepts.
    Concepts,
    /// RF2: their texts.
    Descriptions,
    /// RF2: how they relate.
    Relationships,
    /// RF2: members of reference sets.
    Members,
    /// LOINC: its terms.
    Terms,
    /// LOINC: the hierarchy of its parts.
    Hierarchy,
    /// LOINC: answer lists.
    Answers,
}

impl Table {
    /// What a file is, by its name (RF2 file naming convention; LOINC release notes).
    pub fn of(file_name: &str) -> Option<Table> {
        let snapshot = file_name.contains("Snapshot") && file_name.ends_with(".txt");
        Some(match file_name {
            _ if snapshot && file_name.starts_with("der2_cRefset_Language") => Table::Languages,
            _ if snapshot && file_name.starts_with("sct2_Concept_") => Table::Concepts,
            _ if snapshot && file_name.starts_with("sct2_Description_") => Table::Descriptions,
            _ if snapshot && file_name.starts_with("sct2_Relationship_") => Table::Relationships,
            _ if snapshot && file_name.starts_with("der2_Refset_Simple") => Table::Members,
            "Loinc.csv" => Table::Terms,
            "ComponentHierarchyBySystem.csv" | "MultiAxialHierarchy.csv" => Table::Hierarchy,
            "AnswerList.csv" => Table::Answers,
            _ => return None,
        })
    }

    /// Whether it is of LOINC; of SNOMED CT otherwise.
    pub fn is_loinc(self) -> bool {
        matches!(self, Table::Terms | Table::Hierarchy | Table::Answers)
    }
}

/// Reads the files of one release. They must come in the order of [`Table`].
pub enum Loader {
    /// SNOMED CT.
    Snomed(Box<rf2::Snomed>),
    /// LOINC.
    Loinc(Box<loinc::Loinc>),
}

impl Loader {
    /// For the release that a file belongs to. `file_name` tells its date.
    pub fn new(table: Table, file_name: &str) -> Loader {
        match table.is_loinc() {
            true => Loader::Loinc(Box::default()),
            false => Loader::Snomed(Box::new(rf2::Snomed::new(file_name))),
        }
    }

    /// Reads a file.
    ///
    /// # Errors
    /// Those of reading, a header without the columns that are needed, and rows that do not fit it.
    pub fn read(&mut self, table: Table, lines: &mut dyn BufRead) -> io::Result<()> {
        match self {
            Loader::Snomed(snomed) => snomed.read(table, lines),
            Loader::Loinc(loinc) => loinc.read(table, lines),
        }
    }

    /// The code system.
    pub fn finish(self) -> CodeSystem {
        match self {
            Loader::Snomed(snomed) => snomed.finish(),
            Loader::Loinc(loinc) => loinc.finish(),
        }
    }
}

fn fault(text: String) -> io::Error {
    io::Error::new(io::ErrorKind::InvalidData, text)
}
