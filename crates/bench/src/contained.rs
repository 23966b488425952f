//! What a chain pays for looking into the documents themselves, for resources that they contain.
//!
//! There is no switch for it. But parameters of a store's own are not looked up in what is
//! contained: a chain by one that reads the same element as an official one does the same but for
//! that, and for the look whether all rows were indexed by it, which a search without a chain pays
//! as well. So what is told is a difference of differences; all four questions are asked in turns.

use std::io::{self, Write};

use accord_engine::{Interaction, Options, Tiers};

use crate::cost::median_us;
use crate::fresh::Fresh;

/// Patients, each of whom has as many observations as the others.
const PATIENTS: u64 = 1_000;
/// Questions, in the order in which they are told.
const NAMES: [&str; 4] =
    ["chain", "chain by an own parameter", "without chain", "without, by an own parameter"];

/// Measures a store without contained resources, and one in which every hundredth subject is
/// contained.
pub fn run(rows: u64, chunk_rows: u32, turns: usize) -> io::Result<()> {
    let mut out = io::stdout();
    for share in [0, 100] {
        let folder = tempfile::tempdir()?;
        // Segments stay as they are sealed, so that there are many.
        let tiers = Tiers { ratio: 0, most_chunks: 0 };
        let options = Options { chunk_rows, tiers, ..Options::default() };
        let store = Fresh::new(&folder.path().join("data"), &options)?;
        store.fill(resources(rows, share))?;
        if !store.engine.wait_until_indexed() {
            return Err(io::Error::other("the parameter is not indexed"));
        }
        let inside = if share == 0 { "no subject" } else { "every hundredth subject" };
        let parts = 1 + rows / u64::from(chunk_rows);
        writeln!(out, "\n{rows} observations in about {parts} parts, {inside} contained")?;
        measure(&store, turns, parts, &mut out)?;
        store.engine.close();
    }
    Ok(())
}

fn measure(store: &Fresh, turns: usize, parts: u64, out: &mut impl Write) -> io::Result<()> {
    let mut times: [Vec<_>; 4] = Default::default();
    for turn in 0..turns {
        for step in 0..NAMES.len() {
            let at = (turn + step) % NAMES.len();
            let asked = question(at, turn as u64 % PATIENTS)?;
            let (_, took) = store.ask(asked)?;
            times.get_mut(at).into_iter().for_each(|times| times.push(took));
        }
    }
    let [chain, own_chain, plain, own_plain] = times.map(median_us);
    for (name, time) in NAMES.iter().zip([chain, own_chain, plain, own_plain]) {
        writeln!(out, "  {name:<34}{time:>10.2} µs (median)")?;
    }
    let looking = (chain - own_chain) - (plain - own_plain);
    let each = 1000.0 * looking / parts as f64;
    writeln!(out, "  looking into documents: {looking:.2} µs, {each:.0} ns a part")
}

fn question(at: usize, patient: u64) -> io::Result<Interaction> {
    let by = if at.is_multiple_of(2) { "subject" } else { "about" };
    let condition = match at {
        0 | 1 => format!("{by}:Patient.identifier=urn:bench%7Cp-{patient}"),
        _ => format!("{by}=Patient/p-{patient}"),
    };
    Interaction::get(&format!("Observation?{condition}&_summary=count"))
        .map_err(|failure| io::Error::other(format!("{:?}", failure.issues)))
}

/// The parameter, the patients and their observations; of these one in `share` has its subject
/// within itself, if any has.
fn resources(rows: u64, share: u64) -> impl Iterator<Item = (String, String)> {
    let parameter = r#"{"resourceType":"SearchParameter","id":"about","status":"active","code":"about","name":"about","url":"urn:bench:about","description":"the subject","base":["Observation"],"target":["Patient"],"type":"reference","expression":"Observation.subject"}"#;
    let patients = (0..PATIENTS).map(|n| {
        let body = format!(
            r#"{{"resourceType":"Patient","id":"p-{n}","identifier":[{{"system":"urn:bench","value":"p-{n}"}}]}}"#
        );
        (format!("Patient/p-{n}"), body)
    });
    let observations = (0..rows).map(move |n| {
        let subject = match share {
            1.. if n % share == 0 => format!(
                r##""contained":[{{"resourceType":"Patient","id":"in","identifier":[{{"system":"urn:bench","value":"in-{n}"}}]}}],"subject":{{"reference":"#in"}}"##
            ),
            _ => format!(r#""subject":{{"reference":"Patient/p-{}"}}"#, n % PATIENTS),
        };
        let body = format!(
            r#"{{"resourceType":"Observation","id":"o-{n}","status":"final","code":{{"text":"o"}},{subject}}}"#
        );
        (format!("Observation/o-{n}"), body)
    });
    let first = ("SearchParameter/about".to_owned(), parameter.to_owned());
    std::iter::once(first).chain(patients).chain(observations)
}
