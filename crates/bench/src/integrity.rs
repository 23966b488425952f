//! What it costs to ask whether references lead to something: the same writes to two stores that
//! differ in nothing else, in turns.

use std::io::{self, Write};
use std::time::Duration;

use accord_engine::{Interaction, Options};
use accord_spec::ResourceType;

use crate::cost::median_us;
use crate::fresh::Fresh;
use crate::observation::observation;

/// Patients, days and practitioners of the observations that are written.
const OBSERVED: u64 = 3_500;
/// Creates in a transaction.
const IN_TRANSACTION: u64 = 100;

/// Measures creates, transactions, and the same transactions as an import makes them: each so often
/// in either store.
pub fn run(turns: usize) -> io::Result<()> {
    let folder = tempfile::tempdir()?;
    let store = |name: &str, on: bool| {
        let options = Options { referential_integrity: on, ..Options::default() };
        let store = Fresh::new(&folder.path().join(name), &options)?;
        store.fill(referred())?;
        io::Result::Ok(store)
    };
    let (off, on) = (store("off", false)?, store("on", true)?);
    let mut out = io::stdout();
    writeln!(
        out,
        "{:<38}{:>10}{:>10}{:>12}{:>8}",
        "median µs", "off", "on", "difference", "ratio"
    )?;
    let create = |store: &Fresh, n: u64| {
        let body = observation(n).into_bytes().into();
        let resource_type = ResourceType::OBSERVATION;
        store.ask(Interaction::Create { resource_type, body, if_none_exist: None }).map(|a| a.1)
    };
    line(&mut out, "create", turns, &create, (&off, &on))?;
    for (name, import) in [("transaction of 100 creates", false), ("the same, imported", true)] {
        let transaction = |store: &Fresh, n: u64| store.bundle(&creates(n), import);
        line(&mut out, name, turns.div_ceil(10), &transaction, (&off, &on))?;
    }
    writeln!(out, "noted for a second look: {}", on.engine.suspects())?;
    off.engine.close();
    on.engine.close();
    Ok(())
}

/// The time of the `n`-th write to a store.
type Timed<'a> = &'a dyn Fn(&Fresh, u64) -> io::Result<Duration>;

fn line(
    out: &mut impl Write,
    name: &str,
    turns: usize,
    write: Timed<'_>,
    (off, on): (&Fresh, &Fresh),
) -> io::Result<()> {
    let (mut without, mut with) = (Vec::new(), Vec::new());
    for turn in 0..turns {
        let n = turn as u64;
        // Each is second every other time.
        if turn % 2 == 0 {
            without.push(write(off, n)?);
            with.push(write(on, n)?);
        } else {
            with.push(write(on, n)?);
            without.push(write(off, n)?);
        }
    }
    let (without, with) = (median_us(without), median_us(with));
    let (difference, ratio) = (with - without, 100.0 * with / without);
    writeln!(out, "{name:<38}{without:>10.1}{with:>10.1}{difference:>12.1}{ratio:>7.0}%")
}

fn creates(n: u64) -> Vec<String> {
    let create = |number| {
        let body = observation(number);
        format!(r#"{{"resource":{body},"request":{{"method":"POST","url":"Observation"}}}}"#)
    };
    (n * IN_TRANSACTION..(n + 1) * IN_TRANSACTION).map(create).collect()
}

/// What the observations refer to.
fn referred() -> impl Iterator<Item = (String, String)> {
    let resource = |of: &str, id: String, rest: &str| {
        let body = format!(r#"{{"resourceType":"{of}","id":"{id}"{rest}}}"#);
        (format!("{of}/{id}"), body)
    };
    let patients = (0..500).map(move |n| resource("Patient", format!("bench-{n}"), ""));
    let staff = (0..40).map(move |n| resource("Practitioner", format!("bench-{n}"), ""));
    let visits = (0..OBSERVED).map(move |n| {
        let (patient, day) = (n % 500, 1 + n % 28);
        let rest = format!(
            r#","status":"finished","class":{{"code":"AMB"}},"subject":{{"reference":"Patient/bench-{patient}"}}"#
        );
        resource("Encounter", format!("bench-{patient}-{day}"), &rest)
    });
    patients.chain(staff).chain(visits)
}
