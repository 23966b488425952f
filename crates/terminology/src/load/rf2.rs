//! SNOMED CT, Release Format 2, snapshot files: tab-separated rows below a header.

use std::io::{self, BufRead};

use hashbrown::HashSet;

use super::{Table, fault};
use crate::compose::MEMBER_OF;
use crate::{Builder, CodeSystem, Content, Head, Origin, PropertyValue, Use};

const URL: &str = "http://snomed.info/sct";
/// Module of the international edition.
const CORE_MODULE: &str = "900000000000207008";
const FULLY_SPECIFIED: &str = "900000000000003001";
const SYNONYM: &str = "900000000000013009";
const PREFERRED: &str = "900000000000548007";
const IS_A: &str = "116680003";
const SUFFICIENT: &str = "900000000000073002";

/// The concepts so far.
pub struct Snomed {
    builder: Builder,
    /// Numbers of descriptions that are preferred in some language.
    preferred: HashSet<u64>,
    /// How good the display of each concept is.
    shown: Vec<u8>,
}

impl Snomed {
    /// A release whose date stands in the name of a file.
    pub fn new(file_name: &str) -> Snomed {
        let date = file_name
            .rsplit(['_', '.'])
            .find(|part| part.len() == 8 && part.bytes().all(|b| b.is_ascii_digit()));
        let version = date.map(|date| format!("{URL}/{CORE_MODULE}/version/{date}"));
        let mut builder = Builder::new(Head {
            origin: Origin::File(0),
            url: URL.to_owned(),
            version,
            name: "SNOMED CT".to_owned(),
            content: Content::Complete,
            case_sensitive: true,
            value_set: Some(format!("{URL}?fhir_vs")),
            supplements: None,
        });
        for (code, kind) in [
            ("inactive", "boolean"),
            ("sufficientlyDefined", "boolean"),
            ("moduleId", "code"),
            (MEMBER_OF, "code"),
        ] {
            builder.declare(code, kind);
        }
        Snomed { builder, preferred: HashSet::new(), shown: Vec::new() }
    }

    /// Reads a file.
    pub fn read(&mut self, table: Table, lines: &mut dyn BufRead) -> io::Result<()> {
        let mut line = String::new();
        let mut first = true;
        loop {
            line.clear();
            if lines.read_line(&mut line)? == 0 {
                return Ok(());
            }
            let row: Vec<&str> = line.trim_end_matches(['\n', '\r']).split('\t').collect();
            if first {
                // The header; a byte order mark may stand before it.
                first = false;
                if row.first().is_none_or(|cell| cell.trim_start_matches('\u{feff}') != "id") {
                    return Err(fault("the first line is not a header of RF2".to_owned()));
                }
                continue;
            }
            let short = || fault("a row has too few cells".to_owned());
            self.row(table, &row).ok_or_else(short)?;
        }
    }

    /// Takes in a row; `None` if it is too short.
    fn row(&mut self, table: Table, row: &[&str]) -> Option<()> {
        let cell = |at: usize| row.get(at).copied();
        let active = cell(2)? == "1";
        match table {
            Table::Concepts => self.concept(cell(0)?, active, cell(3)?, cell(4)?),
            _ if !active => {}
            Table::Languages => {
                let (of, how) = (cell(5)?, cell(6)?);
                if how == PREFERRED {
                    self.preferred.extend(of.parse::<u64>());
                }
            }
            Table::Descriptions => {
                self.description([cell(0)?, cell(4)?, cell(5)?, cell(6)?, cell(7)?]);
            }
            Table::Relationships => self.relationship(cell(4)?, cell(5)?, cell(7)?),
            Table::Members => {
                if let Some(at) = self.builder.find(cell(5)?) {
                    self.builder.property(at, MEMBER_OF, PropertyValue::Code(cell(4)?));
                }
            }
            _ => return None,
        }
        Some(())
    }

    fn concept(&mut self, id: &str, active: bool, module: &str, status: &str) {
        let at = self.builder.concept(id, "", None);
        if !active {
            self.builder.end(at);
        }
        self.shown.resize(at as usize + 1, 0);
        self.builder.property(at, "moduleId", PropertyValue::Code(module));
        let defined = PropertyValue::Bool(status == SUFFICIENT);
        self.builder.property(at, "sufficientlyDefined", defined);
    }

    fn description(&mut self, [id, concept, language, kind, term]: [&str; 5]) {
        let Some(at) = self.builder.find(concept) else { return };
        let (display, whole) = match kind {
            FULLY_SPECIFIED => ("Fully specified name", true),
            SYNONYM => ("Synonym", false),
            _ => return,
        };
        let usage =
            Use { system: URL.to_owned(), code: kind.to_owned(), display: display.to_owned() };
        self.builder.designation(at, Some(language), Some(&usage), term);
        // A preferred English synonym, else a preferred one, else any, else the full name.
        let preferred = id.parse::<u64>().is_ok_and(|id| self.preferred.contains(&id));
        let score = match (whole, preferred, language) {
            (false, true, "en") => 4,
            (false, true, _) => 3,
            (false, false, _) => 2,
            (true, ..) => 1,
        };
        if let Some(shown) = self.shown.get_mut(at as usize)
            && score > *shown
        {
            *shown = score;
            self.builder.display(at, term);
        }
    }

    fn relationship(&mut self, source: &str, destination: &str, kind: &str) {
        let (Some(from), Some(to)) = (self.builder.find(source), self.builder.find(destination))
        else {
            return;
        };
        if kind == IS_A {
            self.builder.below(from, to);
        } else {
            self.builder.property(from, kind, PropertyValue::Code(destination));
        }
    }

    /// The code system.
    pub fn finish(self) -> CodeSystem {
        self.builder.finish()
    }
}
