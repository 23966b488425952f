//! Trains a compression dictionary on the synthetic population.
//!
//! `cargo run --release -p accord-store --example train -- OUT [BUNDLE…]` writes it to OUT and
//! prints what it does for records that it was not trained on: another population's, and those of
//! the bundles named. A released dictionary is part of the format and never trained again; a
//! better one gets the next number.

#![allow(clippy::unwrap_used, clippy::print_stdout, reason = "a developer's tool")]

use std::collections::BTreeMap;
use std::path::PathBuf;

use accord_fhir::json::{self, Value};
use accord_index::{Values, extract};
use accord_spec::ResourceType;
use accord_store::train_dictionary;
use accord_synth::Population;

/// Most samples of one type: otherwise observations would crowd out the rest.
const PER_TYPE: usize = 1500;

/// What records of a store would hold, by resource type.
#[derive(Default)]
struct Samples {
    docs: BTreeMap<String, Vec<Vec<u8>>>,
    values: BTreeMap<String, Vec<Values>>,
}

fn main() {
    let mut args = std::env::args().skip(1).map(PathBuf::from);
    let out = args.next().unwrap_or_else(|| PathBuf::from("dictionary.zdict"));
    let trained = synthetic(300, 1, PER_TYPE);
    let dictionary = train_dictionary(&trained.docs(), &trained.values()).unwrap();
    std::fs::write(&out, &dictionary).unwrap();
    println!("{}: {} bytes", out.display(), dictionary.len());

    measure("another population", &synthetic(60, 2, usize::MAX), &dictionary);
    let mut others = Samples::default();
    args.for_each(|path| others.add(&std::fs::read(path).unwrap(), usize::MAX));
    measure("bundles", &others, &dictionary);
}

fn synthetic(patients: u32, seed: u64, per_type: usize) -> Samples {
    let population = Population { patients, seed, ..Default::default() };
    let mut samples = Samples::default();
    for transaction in population.transactions() {
        samples.add(transaction.body.as_bytes(), per_type);
    }
    samples
}

impl Samples {
    fn add(&mut self, bundle: &[u8], per_type: usize) {
        let tape = json::parse(bundle, Default::default()).unwrap();
        let entries = tape.root().get("entry");
        for resource in
            entries.iter().flat_map(|list| list.items()).filter_map(|e| e.get("resource"))
        {
            self.add_resource(resource, per_type);
        }
    }

    fn add_resource(&mut self, resource: Value<'_>, per_type: usize) {
        let name = resource.get_str("resourceType").unwrap_or_default();
        let Some(resource_type) = ResourceType::from_name(&name) else { return };
        let docs = self.docs.entry(name.to_string()).or_default();
        if docs.len() < per_type {
            docs.push(minified(resource.raw()));
            let values = extract::extract(resource, resource_type, &|_| None);
            self.values.entry(name.to_string()).or_default().push(values);
        }
    }

    fn docs(&self) -> Vec<Vec<u8>> {
        self.docs.values().flatten().cloned().collect()
    }

    fn values(&self) -> Vec<Values> {
        self.values.values().flatten().cloned().collect()
    }
}

/// The text without white space outside strings.
fn minified(text: &str) -> Vec<u8> {
    let (mut quoted, mut escaped) = (false, false);
    let keep = |byte: &u8| {
        let space = !quoted && byte.is_ascii_whitespace();
        quoted ^= *byte == b'"' && !escaped;
        escaped = quoted && *byte == b'\\' && !escaped;
        !space
    };
    text.bytes().filter(keep).collect()
}

fn measure(what: &str, samples: &Samples, dictionary: &[u8]) {
    let values = samples.values().iter().map(accord_store::codec::plain_values).collect();
    for (part, plain) in [("documents", samples.docs()), ("values", values)] {
        let size = |parts: &[Vec<u8>]| parts.iter().map(Vec::len).sum::<usize>() as f64;
        let count = plain.len() as f64;
        let packed = |mut zip: zstd::bulk::Compressor<'_>| {
            size(&plain.iter().map(|bytes| zip.compress(bytes).unwrap()).collect::<Vec<_>>())
        };
        let without = packed(zstd::bulk::Compressor::new(1).unwrap());
        let with = packed(zstd::bulk::Compressor::with_dictionary(1, dictionary).unwrap());
        println!(
            "{what}, {count} {part}: {:.0} bytes each, {:.0} compressed, {:.0} with the dictionary",
            size(&plain) / count,
            without / count,
            with / count
        );
    }
}
