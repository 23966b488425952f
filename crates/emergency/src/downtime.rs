//! `$downtime`: the board as a page that needs nothing else, to print and to work from when the
//! server cannot be reached.
//!
//! **Invariant:** every text of the record is escaped; there is no script, link or picture.

use std::fmt::Write;

use accord_base::html_escaped;
use accord_engine::Failure;
use accord_fhir::Zone;
use serde_json::Value;

use crate::board::{board, organization};
use crate::clock::minute;
use crate::input::{Input, instant, items, part, text_at, value};
use crate::{Context, invalid};

const HEAD: &str = "<!DOCTYPE html>\n<html lang=\"en\"><head><meta charset=\"utf-8\">\
    <title>Emergency department</title><style>\
    body{font:10pt/1.3 sans-serif;margin:1cm;color:#000;background:#fff}\
    table{border-collapse:collapse;width:100%}\
    th,td{border:1px solid #000;padding:3px 5px;text-align:left;vertical-align:top}\
    tr{break-inside:avoid}thead{display:table-header-group}\
    .late{font-weight:bold}.acuity{font-size:14pt;font-weight:bold}\
    @page{size:A4 landscape}</style></head><body>\n";

const COLUMNS: [&str; 9] = [
    "Acuity",
    "Patient",
    "Area",
    "Complaint",
    "Arrived",
    "Score",
    "Next, and who acts",
    "Flags",
    "Notes",
];

/// The board that the asker sees, as HTML.
pub(crate) fn page(context: &Context<'_>, input: &Input) -> Result<String, Failure> {
    let zone = context.zone(organization(context, input)?.as_deref());
    let told = board(context, input)?;
    let told: Value = serde_json::from_str(&told).map_err(|_| invalid("the board is not JSON"))?;
    let rows: Vec<&Value> = items(&told, "parameter")
        .filter(|one| text_at(one, "/name") == Some("encounter"))
        .collect();
    let mut page = HEAD.to_owned();
    let _ = write!(
        page,
        "<h1>Emergency department</h1>\n<p>{} as of {}. Times are those of {}. It shows what the \
         account that asked for it may see, and is not kept up to date: compare with the board \
         when that is back, enter what was written here, and destroy this sheet.</p>\n<table>\
         <thead><tr>",
        match rows.len() {
            1 => "1 person".to_owned(),
            count => format!("{count} people"),
        },
        minute(context.now(), zone),
        escaped(zone.name()),
    );
    let (triage, targets) = (&context.rules.triage().header, &context.rules.targets().header);
    for (what, header) in [("Triage", triage), ("Clocks", targets)] {
        if context.library().is_own(&header.id) {
            let title = escaped(&header.title);
            let own = format!("<p>{what} by a table of this site: {title}.</p>\n");
            page = page.replacen("<table>", &format!("{own}<table>"), 1);
        }
    }
    for column in COLUMNS {
        let _ = write!(page, "<th scope=\"col\">{column}</th>");
    }
    page.push_str("</tr></thead><tbody>\n");
    for row in rows {
        page.push_str("<tr>");
        for (at, cell) in cells(row, zone).iter().enumerate() {
            let class = match at {
                0 => " class=\"acuity\"",
                6 if cell.contains("OVERDUE") => " class=\"late\"",
                _ => "",
            };
            let _ = write!(page, "<td{class}>{}</td>", escaped(cell).replace('\n', "<br>"));
        }
        page.push_str("</tr>\n");
    }
    page.push_str("</tbody></table>\n");
    expected(&told, zone, &mut page);
    page.push_str("</body></html>\n");
    Ok(page)
}

/// Who was announced and is not here yet.
fn expected(told: &Value, zone: &dyn Zone, page: &mut String) {
    let all = items(told, "parameter").filter(|one| text_at(one, "/name") == Some("expected"));
    let lines: Vec<String> = all
        .map(|one| {
            let line = [time(one, "eta", zone), patient(one), text(one, "complaint"), flags(one)];
            let line = line.into_iter().filter(|part| !part.is_empty()).collect::<Vec<_>>();
            let line = line.join(", ");
            format!("<li>{}</li>", escaped(&line.replace('\n', ", ")))
        })
        .collect();
    if !lines.is_empty() {
        let _ = write!(page, "<h2>Expected</h2>\n<ul>{}</ul>\n", lines.join("\n"));
    }
}

/// What stands in a row, a text for each column.
fn cells(row: &Value, zone: &dyn Zone) -> [String; 9] {
    let hidden = part(row, "acuity-unknown") == Some(&Value::Bool(true));
    let unknown = if hidden { "not shown" } else { "?" };
    let acuity = part(row, "acuity").map_or_else(|| unknown.to_owned(), Value::to_string);
    [
        acuity,
        patient(row),
        area(row).to_owned(),
        text(row, "complaint"),
        time(row, "arrived", zone),
        score(row, zone),
        due(row, zone),
        flags(row),
        notes(row),
    ]
}

fn text(of: &Value, name: &str) -> String {
    part(of, name).and_then(Value::as_str).unwrap_or_default().to_owned()
}

/// The parameter itself that has parts.
fn inside<'a>(row: &'a Value, name: &str) -> Option<&'a Value> {
    items(row, "part").find(|one| text_at(one, "/name") == Some(name))
}

fn repeated(row: &Value, name: &str) -> String {
    let all = items(row, "part").filter(|one| text_at(one, "/name") == Some(name));
    all.filter_map(|one| value(one)?.as_str()).collect::<Vec<_>>().join(", ")
}

/// Flags of the attendance, and under them what the record says.
fn flags(row: &Value) -> String {
    let all = items(row, "part").filter(|one| text_at(one, "/name") == Some("record-flag"));
    let record: Vec<String> = all
        .map(|one| match repeated(one, "category") {
            none if none.is_empty() => text(one, "text"),
            categories => format!("{} ({categories})", text(one, "text")),
        })
        .collect();
    let own = Some(repeated(row, "flag")).filter(|own| !own.is_empty());
    let record = Some(record.join("; ")).filter(|record| !record.is_empty());
    let record = record.map(|record| format!("ON RECORD: {record}"));
    own.into_iter().chain(record).collect::<Vec<_>>().join("\n")
}

fn patient(row: &Value) -> String {
    let name = Some(text(row, "name")).filter(|name| !name.is_empty());
    let mut told = name.unwrap_or_else(|| "Name not known".to_owned());
    for more in [text(row, "birthDate"), text(row, "gender")] {
        if !more.is_empty() {
            told = format!("{told}\n{more}");
        }
    }
    told
}

fn area(row: &Value) -> &str {
    let area = part(row, "area");
    let named =
        area.and_then(|area| text_at(area, "/display").or_else(|| text_at(area, "/reference")));
    named.unwrap_or_default()
}

fn score(row: &Value, zone: &dyn Zone) -> String {
    let told = |score: &Value| {
        let scheme = text(score, "scheme").to_uppercase();
        let label = text(score, "label");
        let number = |name: &str| part(score, name).map(Value::to_string);
        let total = match number("total") {
            Some(total) => total,
            None => format!("incomplete, at least {}", number("at-least").unwrap_or_default()),
        };
        // A level of what is not whole is the lowest that it can be.
        let label = match number("total") {
            _ if label.is_empty() => label,
            Some(_) => format!(" {label}"),
            None => format!(" ({label} or more)"),
        };
        let missing = items(score, "part").filter(|one| text_at(one, "/name") == Some("missing"));
        let missing: Vec<&str> = missing.filter_map(|one| text_at(one, "/valueCode")).collect();
        let without = match missing.is_empty() {
            true => String::new(),
            false => format!("\nwithout: {}", missing.join(", ")),
        };
        let contradicts = part(score, "contradicts") == Some(&Value::Bool(true));
        let warned = if contradicts { "\nCONTRADICTS WHAT WAS STORED" } else { "" };
        let other = text(score, "made-with");
        let other = match other.is_empty() {
            true => other,
            false => {
                format!("\nSTORED BY VERSION {other}, COMPUTED BY {}", text(score, "computed-with"))
            }
        };
        format!("{scheme} {total}{label}, {}{without}{warned}{other}", time(score, "at", zone))
    };
    let last = inside(row, "score").map(told);
    let complete =
        inside(row, "last-complete").map(|score| format!("last complete: {}", told(score)));
    last.into_iter().chain(complete).collect::<Vec<_>>().join("\n")
}

fn due(row: &Value, zone: &dyn Zone) -> String {
    let Some(due) = inside(row, "due") else { return String::new() };
    let late = part(due, "overdue") == Some(&Value::Bool(true));
    let overdue = if late { " OVERDUE" } else { "" };
    format!("{} {}{overdue}\n{}", text(due, "what"), time(due, "at", zone), text(due, "who"))
}

fn notes(row: &Value) -> String {
    let is = |name: &str| part(row, name) == Some(&Value::Bool(true));
    let mut notes = Vec::new();
    if is("identity-unconfirmed") {
        notes.push("IDENTITY NOT CONFIRMED".to_owned());
    }
    if part(row, "ticket").is_some() {
        notes.push(format!("ticket {}", text(row, "ticket")));
    }
    if part(row, "acuity-unknown").is_some() {
        notes.push("assessed; the acuity is not shown to this account".to_owned());
    }
    for name in ["record-contradicts", "score-not-recomputed"] {
        let why = text(row, name);
        if !why.is_empty() {
            notes.push(format!("CHECK: {why}"));
        }
    }
    if let Some(ahead) = part(row, "dated-ahead") {
        notes.push(format!("{ahead} OBSERVATIONS DATED AHEAD ARE NOT COUNTED"));
    }
    if is("bed-requested") {
        notes.push("bed requested".to_owned());
    }
    if text(row, "phase") == "in-treatment" {
        notes.push("being treated".to_owned());
    }
    notes.join("\n")
}

/// An instant as clocks show it.
fn time(of: &Value, name: &str, zone: &dyn Zone) -> String {
    let told = text(of, name);
    instant(&told).map_or(told, |at| minute(at, zone))
}

/// Text as HTML, without control characters other than ends of lines.
fn escaped(text: &str) -> String {
    html_escaped(&text.replace(|c: char| c.is_control() && c != '\n', " "))
}
