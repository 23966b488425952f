//! A code system as a text of lines, and back: what is kept of systems that were loaded from
//! files of their publishers.
//!
//! Cells are separated by tabs; `\t`, `\n`, `\r` and `\\` stand for themselves. `H`: address,
//! version, name, content, whether case counts. `F`: property and type. `C`: code, display,
//! definition, whether it is no longer to be used. `E`: number of a concept, number of its parent.
//! `D`: concept, language, system, code and display of the use, text. `P`: concept, property, kind
//! of value, value, system.

use std::io::{self, BufRead, Write};

use super::{Builder, CodeSystem, Content, Head, PropertyValue, Use};
use crate::Origin;

const FAULT: &str = "a line of a code system cannot be read";

impl CodeSystem {
    /// Writes the lines.
    ///
    /// # Errors
    /// Those of writing.
    pub fn write(&self, out: &mut dyn Write) -> io::Result<()> {
        let head = &self.head;
        let version = head.version.as_deref().unwrap_or_default();
        let whole = if head.content == Content::Complete { "1" } else { "0" };
        let sensitive = if head.case_sensitive { "1" } else { "0" };
        line(out, "H", &[&head.url, version, &head.name, whole, sensitive])?;
        for declared in &self.declared {
            line(out, "F", &[&declared.code, &declared.kind])?;
        }
        for at in 0..self.len() {
            let (display, definition) = (self.display(at), self.definition(at));
            let ended = if self.is_inactive(at) { "1" } else { "" };
            let texts = [display, definition].map(Option::unwrap_or_default);
            let [display, definition] = texts;
            line(out, "C", &[self.code(at), display, definition, ended])?;
        }
        for at in 0..self.len() {
            let number = at.to_string();
            for parent in self.parents(at) {
                line(out, "E", &[&number, &parent.to_string()])?;
            }
            for d in self.designations(at) {
                let none = Use::default();
                let u = d.usage.unwrap_or(&none);
                let language = d.language.unwrap_or_default();
                line(out, "D", &[&number, language, &u.system, &u.code, &u.display, d.value])?;
            }
            for (name, value) in self.properties(at) {
                let (kind, system) = kind(&value);
                line(out, "P", &[&number, name, kind, value.text(), system])?;
            }
        }
        Ok(())
    }

    /// Reads the lines.
    ///
    /// # Errors
    /// Those of reading, and lines that [`CodeSystem::write`] does not write.
    pub fn read_lines(lines: &mut dyn BufRead, origin: Origin) -> io::Result<CodeSystem> {
        let fault = || io::Error::new(io::ErrorKind::InvalidData, FAULT);
        let (mut text, mut builder): (String, Option<Builder>) = (String::new(), None);
        loop {
            text.clear();
            if lines.read_line(&mut text)? == 0 {
                break;
            }
            let row: Vec<String> = text.trim_end_matches('\n').split('\t').map(plain).collect();
            let (mark, cells) = row.split_first().ok_or_else(fault)?;
            match (mark.as_str(), &mut builder) {
                ("H", None) => builder = Some(Builder::new(head(cells, origin).ok_or_else(fault)?)),
                (mark, Some(builder)) => add(builder, mark, cells).ok_or_else(fault)?,
                _ => return Err(fault()),
            }
        }
        Ok(builder.ok_or_else(fault)?.finish())
    }
}

fn head(cells: &[String], origin: Origin) -> Option<Head> {
    let [url, version, name, whole, sensitive] = cells else { return None };
    Some(Head {
        origin,
        url: url.clone(),
        version: Some(version.clone()).filter(|version| !version.is_empty()),
        name: name.clone(),
        content: if whole == "1" { Content::Complete } else { Content::Fragment },
        case_sensitive: sensitive == "1",
        value_set: None,
        supplements: None,
    })
}

fn add(builder: &mut Builder, mark: &str, cells: &[String]) -> Option<()> {
    let number = |text: &str| text.parse().ok().filter(|at: &u32| *at < builder.len());
    match (mark, cells) {
        ("F", [code, kind]) => builder.declare(code, kind),
        ("C", [code, display, definition, ended]) => {
            let definition = Some(definition.as_str()).filter(|text| !text.is_empty());
            let at = builder.concept(code, display, definition);
            if !ended.is_empty() {
                builder.end(at);
            }
        }
        ("E", [child, parent]) => {
            let (child, parent) = (number(child)?, number(parent)?);
            builder.below(child, parent);
        }
        ("D", [at, language, system, code, display, text]) => {
            let at = number(at)?;
            let language = Some(language.as_str()).filter(|language| !language.is_empty());
            let usage =
                Use { system: system.clone(), code: code.clone(), display: display.clone() };
            let usage = Some(&usage).filter(|usage| **usage != Use::default());
            builder.designation(at, language, usage, text);
        }
        ("P", [at, name, kind, text, system]) => {
            let at = number(at)?;
            builder.property(at, name, value(kind, text, system)?);
        }
        _ => return None,
    }
    Some(())
}

fn kind<'a>(value: &PropertyValue<'a>) -> (&'static str, &'a str) {
    match value {
        PropertyValue::Code(_) => ("c", ""),
        PropertyValue::Text(_) => ("t", ""),
        PropertyValue::Bool(_) => ("b", ""),
        PropertyValue::Integer(_) => ("i", ""),
        PropertyValue::Decimal(_) => ("d", ""),
        PropertyValue::DateTime(_) => ("w", ""),
        PropertyValue::Coding { system, .. } => ("s", system),
    }
}

fn value<'a>(kind: &str, text: &'a str, system: &'a str) -> Option<PropertyValue<'a>> {
    Some(match kind {
        "c" => PropertyValue::Code(text),
        "t" => PropertyValue::Text(text),
        "b" => PropertyValue::Bool(text == "true"),
        "i" => PropertyValue::Integer(text),
        "d" => PropertyValue::Decimal(text),
        "w" => PropertyValue::DateTime(text),
        "s" => PropertyValue::Coding { system, code: text },
        _ => return None,
    })
}

fn line(out: &mut dyn Write, mark: &str, cells: &[&str]) -> io::Result<()> {
    out.write_all(mark.as_bytes())?;
    for cell in cells {
        out.write_all(b"\t")?;
        if cell.contains(['\t', '\n', '\r', '\\']) {
            let escaped = cell.replace('\\', "\\\\").replace('\t', "\\t");
            let escaped = escaped.replace('\n', "\\n").replace('\r', "\\r");
            out.write_all(escaped.as_bytes())?;
        } else {
            out.write_all(cell.as_bytes())?;
        }
    }
    out.write_all(b"\n")
}

fn plain(cell: &str) -> String {
    if !cell.contains('\\') {
        return cell.to_owned();
    }
    let (mut out, mut chars) = (String::with_capacity(cell.len()), cell.chars());
    while let Some(c) = chars.next() {
        match (c, c == '\\') {
            (_, true) => out.push(match chars.next() {
                Some('t') => '\t',
                Some('n') => '\n',
                Some('r') => '\r',
                Some(other) => other,
                None => '\\',
            }),
            (c, false) => out.push(c),
        }
    }
    out
}

/// How much is spent on packing.
const LEVEL: i32 = 6;

impl CodeSystem {
    /// The lines, packed.
    ///
    /// # Errors
    /// Those of packing.
    pub fn pack(&self) -> io::Result<Vec<u8>> {
        let mut packer = zstd::Encoder::new(Vec::new(), LEVEL)?;
        self.write(&mut packer)?;
        packer.finish()
    }

    /// Reads packed lines.
    ///
    /// # Errors
    /// As [`CodeSystem::read_lines`].
    pub fn unpack(bytes: &[u8], origin: Origin) -> io::Result<CodeSystem> {
        let mut lines = io::BufReader::with_capacity(1 << 16, zstd::Decoder::new(bytes)?);
        CodeSystem::read_lines(&mut lines, origin)
    }
}
