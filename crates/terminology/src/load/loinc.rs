//! LOINC: terms, the hierarchy of their parts, answer lists.

use std::io::{self, BufRead};

use super::{Table, csv, fault};
use crate::{Builder, CodeSystem, Content, Head, Origin, PropertyValue, Use};

const URL: &str = "http://loinc.org";

/// Columns of a term that become properties of the same name (FHIR R4 loinc §4.3.3.0.5).
const PROPERTIES: [&str; 9] = [
    "STATUS",
    "COMPONENT",
    "PROPERTY",
    "TIME_ASPCT",
    "SYSTEM",
    "SCALE_TYP",
    "METHOD_TYP",
    "CLASS",
    "ORDER_OBS",
];

/// The codes so far.
pub struct Loinc {
    builder: Builder,
}

impl Default for Loinc {
    fn default() -> Loinc {
        let mut builder = Builder::new(Head {
            origin: Origin::File(0),
            url: URL.to_owned(),
            version: None,
            name: "LOINC".to_owned(),
            content: Content::Complete,
            case_sensitive: false,
            value_set: Some(format!("{URL}/vs")),
            supplements: None,
        });
        PROPERTIES.iter().for_each(|code| builder.declare(code, "string"));
        builder.declare("answer-list", "code");
        Loinc { builder }
    }
}

impl Loinc {
    /// Reads a file.
    pub fn read(&mut self, table: Table, lines: &mut dyn BufRead) -> io::Result<()> {
        let header = csv::row(lines)?.unwrap_or_default();
        let place = |name: &str| {
            let found = header.iter().position(|cell| cell.trim_start_matches('\u{feff}') == name);
            found.ok_or_else(|| fault(format!("the column `{name}` is missing")))
        };
        match table {
            Table::Terms => {
                let columns =
                    [place("LOINC_NUM")?, place("LONG_COMMON_NAME")?, place("SHORTNAME")?];
                let properties: Vec<(&str, Option<usize>)> =
                    PROPERTIES.iter().map(|name| (*name, place(name).ok())).collect();
                each(lines, |row| self.term(row, columns, &properties))
            }
            Table::Hierarchy => {
                let columns = [place("IMMEDIATE_PARENT")?, place("CODE")?, place("CODE_TEXT")?];
                each(lines, |row| self.place(row, columns))
            }
            _ => {
                let columns = [
                    place("AnswerListId")?,
                    place("AnswerListName")?,
                    place("AnswerStringId")?,
                    place("DisplayText")?,
                ];
                each(lines, |row| self.answer(row, columns))
            }
        }
    }

    fn term(&mut self, row: &[String], columns: [usize; 3], properties: &[(&str, Option<usize>)]) {
        let cell = |at: usize| row.get(at).map_or("", String::as_str);
        let [number, name, short] = columns.map(cell);
        let at = self.builder.concept(number, name, None);
        if !short.is_empty() {
            let usage =
                Use { code: "SHORTNAME".to_owned(), system: URL.to_owned(), ..Use::default() };
            self.builder.designation(at, Some("en"), Some(&usage), short);
        }
        for (name, column) in properties {
            let text = column.map_or("", cell);
            if !text.is_empty() {
                self.builder.property(at, name, PropertyValue::Text(text));
            }
            if *name == "STATUS" && (text == "DEPRECATED" || text == "DISCOURAGED") {
                self.builder.end(at);
            }
        }
    }

    fn place(&mut self, row: &[String], columns: [usize; 3]) {
        let [parent, code, text] = columns.map(|at| row.get(at).map_or("", String::as_str));
        let at = self.builder.concept(code, text, None);
        if !parent.is_empty() {
            let parent = self.builder.concept(parent, "", None);
            self.builder.below(at, parent);
        }
    }

    fn answer(&mut self, row: &[String], columns: [usize; 4]) {
        let cells = columns.map(|at| row.get(at).map_or("", String::as_str));
        let [list, name, answer, text] = cells;
        self.builder.concept(list, name, None);
        if !answer.is_empty() {
            let at = self.builder.concept(answer, text, None);
            self.builder.property(at, "answer-list", PropertyValue::Code(list));
        }
    }

    /// The code system.
    pub fn finish(self) -> CodeSystem {
        self.builder.finish()
    }
}

fn each(lines: &mut dyn BufRead, mut with: impl FnMut(&[String])) -> io::Result<()> {
    while let Some(row) = csv::row(lines)? {
        with(&row);
    }
    Ok(())
}
