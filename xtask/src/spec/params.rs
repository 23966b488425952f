//! Search parameters: one line per code and base type.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use serde_json::Value;

use super::expression::{reachable, reduced};
use super::package::{Package, items, text, texts};
use super::structures::{Kind, Structures};

/// Bases whose parameters every resource type inherits.
const COMMON: &[&str] = &["Resource", "DomainResource"];

/// Parameters without an expression that are matched by other means.
const SPECIAL: &[&str] = &["_content", "_filter", "_query", "_text"];

struct Row {
    kind: String,
    expression: String,
    targets: String,
    url: String,
    components: String,
}

/// `code base kind expression targets url components`, sorted by code, then base.
pub fn table(package: &Package, structures: &Structures) -> String {
    let mut rows: BTreeMap<(String, String), Row> = BTreeMap::new();
    for (file, definition) in package.all("SearchParameter") {
        // Three definitions illustrate how one is written; two of them repeat a real code.
        if file.starts_with("SearchParameter-example") {
            continue;
        }
        for base in texts(definition, "base") {
            if let Some(row) = row(definition, base, structures) {
                rows.insert((text(definition, "code").to_owned(), base.to_owned()), row);
            }
        }
    }
    let mut out = String::from("# code\tbase\tkind\texpression\ttargets\turl\tcomponents\n");
    for ((code, base), r) in rows {
        let _ = writeln!(
            out,
            "{code}\t{base}\t{}\t{}\t{}\t{}\t{}",
            r.kind, r.expression, r.targets, r.url, r.components
        );
    }
    out
}

fn row(definition: &Value, base: &str, structures: &Structures) -> Option<Row> {
    let special = COMMON.contains(&base) && SPECIAL.contains(&text(definition, "code"));
    let expression = match reduced(&one_line(text(definition, "expression")), base) {
        Some(reduced) => reduced,
        None if special => "-".to_owned(),
        None => return None,
    };
    let kind = if special { "special" } else { text(definition, "type") };
    Some(Row {
        kind: kind.to_owned(),
        targets: targets(definition, &expression, structures),
        expression,
        url: text(definition, "url").to_owned(),
        components: components(definition),
    })
}

/// Allowed targets, narrowed to what the elements behind the expression can refer to, so that
/// `patient` on a type that only names patients does not also claim groups. `-` is any type.
fn targets(definition: &Value, expression: &str, structures: &Structures) -> String {
    let declared: Vec<&str> = texts(definition, "target").collect();
    let concrete = structures.values().filter(|s| s.kind == Kind::Resource).count();
    if declared.is_empty() {
        return "-".to_owned();
    }
    let reach = reachable(expression, structures);
    let mut kept: Vec<&str> = declared
        .iter()
        .copied()
        .filter(|t| reach.as_ref().is_none_or(|r| r.iter().any(|x| x == t)))
        .collect();
    if kept.is_empty() {
        kept = declared;
    }
    // One type was added after the lists that mean "any" were written.
    if kept.len() + 1 >= concrete {
        return "-".to_owned();
    }
    kept.sort_unstable();
    kept.dedup();
    kept.join("|")
}

/// `url=expression` of each component, separated by `;`.
fn components(definition: &Value) -> String {
    let cells: Vec<String> = items(definition, "component")
        .iter()
        .map(|c| {
            // The definition writes a type name that does not exist.
            let expression = text(c, "expression").replace("as(DateTime)", "as(dateTime)");
            format!("{}={}", text(c, "definition"), one_line(&expression))
        })
        .collect();
    if cells.is_empty() { "-".to_owned() } else { cells.join(";") }
}

fn one_line(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}
