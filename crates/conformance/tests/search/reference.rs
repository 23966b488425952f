//! Search by looking at everything: the rules of FHIR R4 search §3.1.1.4 over plain JSON.

use accord_conformance::naive::{SCALE, all, decimal, span};
use accord_conformance::words::{contents, has_words};
use serde_json::Value;
use unicode_normalization::UnicodeNormalization;
use unicode_normalization::char::is_combining_mark;

use crate::units::{Scaled, unit as unit_of};

/// Kind of a parameter.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Kind {
    Token,
    Reference,
    /// A reference of which only those to patients count.
    Patient,
    Text,
    Date,
    Quantity,
    Number,
    Uri,
    /// Values that stand together in one of the elements: what is looked at in each.
    Composite(&'static [(Kind, &'static str)]),
    /// A position.
    Place,
    Words,
}

/// A parameter: its code, kind, and the elements it looks at.
pub type Param = (&'static str, Kind, &'static str);

/// Parameters by type, written from the specification's list.
pub const PARAMS: [(&str, &[Param]); 8] = [
    (
        "Patient",
        &[
            ("gender", Kind::Token, "gender"),
            ("identifier", Kind::Token, "identifier"),
            ("wedlock", Kind::Token, "maritalStatus"),
            ("called", Kind::Text, "name.family"),
            ("language", Kind::Token, "communication.language"),
            ("family", Kind::Text, "name.family"),
            ("given", Kind::Text, "name.given"),
            ("name", Kind::Text, "name.family|name.given|name.prefix|name.suffix|name.text"),
            (
                "address",
                Kind::Text,
                "address.line|address.city|address.district|address.state|address.postalCode|address.country|address.text",
            ),
            ("address-city", Kind::Text, "address.city"),
            ("birthdate", Kind::Date, "birthDate"),
            ("death-date", Kind::Date, "deceasedDateTime"),
            ("organization", Kind::Reference, "managingOrganization"),
        ],
    ),
    (
        "Observation",
        &[
            ("code", Kind::Token, "code"),
            ("status", Kind::Token, "status"),
            ("issued-on", Kind::Date, "issued"),
            ("measured", Kind::Quantity, "valueQuantity"),
            ("category", Kind::Token, "category"),
            ("value-concept", Kind::Token, "valueCodeableConcept"),
            ("component-code", Kind::Token, "component.code"),
            ("combo-code", Kind::Token, "code|component.code"),
            ("subject", Kind::Reference, "subject"),
            ("patient", Kind::Patient, "subject"),
            ("encounter", Kind::Reference, "encounter"),
            ("date", Kind::Date, "effectiveDateTime|effectivePeriod|effectiveInstant"),
            ("value-quantity", Kind::Quantity, "valueQuantity"),
            ("combo-value-quantity", Kind::Quantity, "valueQuantity|component.valueQuantity"),
            ("_profile", Kind::Uri, "meta.profile"),
            (
                "code-value-quantity",
                Kind::Composite(&[(Kind::Token, "code"), (Kind::Quantity, "valueQuantity")]),
                "",
            ),
            (
                "component-code-value-quantity",
                Kind::Composite(&[(Kind::Token, "code"), (Kind::Quantity, "valueQuantity")]),
                "component",
            ),
            (
                "combo-code-value-quantity",
                Kind::Composite(&[(Kind::Token, "code"), (Kind::Quantity, "valueQuantity")]),
                "|component",
            ),
            (
                "code-value-concept",
                Kind::Composite(&[(Kind::Token, "code"), (Kind::Token, "valueCodeableConcept")]),
                "",
            ),
            (
                "code-value-string",
                Kind::Composite(&[(Kind::Token, "code"), (Kind::Text, "valueString")]),
                "",
            ),
            (
                "code-value-date",
                Kind::Composite(&[
                    (Kind::Token, "code"),
                    (Kind::Date, "valueDateTime|valuePeriod"),
                ]),
                "",
            ),
        ],
    ),
    (
        "Encounter",
        &[
            ("status", Kind::Token, "status"),
            ("class", Kind::Token, "class"),
            ("type", Kind::Token, "type"),
            ("reason-code", Kind::Token, "reasonCode"),
            ("identifier", Kind::Token, "identifier"),
            ("subject", Kind::Reference, "subject"),
            ("service-provider", Kind::Reference, "serviceProvider"),
            ("participant", Kind::Reference, "participant.individual"),
            ("date", Kind::Date, "period"),
        ],
    ),
    (
        "Condition",
        &[
            ("code", Kind::Token, "code"),
            ("clinical-status", Kind::Token, "clinicalStatus"),
            ("verification-status", Kind::Token, "verificationStatus"),
            ("category", Kind::Token, "category"),
            ("patient", Kind::Patient, "subject"),
            ("encounter", Kind::Reference, "encounter"),
            ("onset-date", Kind::Date, "onsetDateTime|onsetPeriod"),
            ("abatement-date", Kind::Date, "abatementDateTime|abatementPeriod"),
            ("recorded-date", Kind::Date, "recordedDate"),
            ("seen-in", Kind::Reference, "encounter"),
        ],
    ),
    (
        "RiskAssessment",
        &[
            ("probability", Kind::Number, "prediction.probabilityDecimal"),
            ("likely", Kind::Number, "prediction.probabilityDecimal"),
            ("risk", Kind::Token, "prediction.qualitativeRisk"),
            ("date", Kind::Date, "occurrenceDateTime"),
        ],
    ),
    ("ValueSet", &[("url", Kind::Uri, "url"), ("status", Kind::Token, "status")]),
    ("List", &[("status", Kind::Token, "status"), ("item", Kind::Reference, "entry.item")]),
    (
        "Location",
        &[
            ("near", Kind::Place, "position"),
            ("name", Kind::Text, "name|alias"),
            ("status", Kind::Token, "status"),
        ],
    ),
];

/// Those among them that the store defines itself: type, code, kind, expression.
pub const OWN: [(&str, &str, &str, &str); 6] = [
    ("Patient", "wedlock", "token", "Patient.maritalStatus"),
    ("Patient", "called", "string", "Patient.name.family"),
    ("Observation", "issued-on", "date", "Observation.issued"),
    ("Observation", "measured", "quantity", "Observation.value.ofType(Quantity)"),
    ("Condition", "seen-in", "reference", "Condition.encounter"),
    ("RiskAssessment", "likely", "number", "RiskAssessment.prediction.probability.ofType(decimal)"),
];

/// Every type has these.
pub const COMMON: [Param; 2] =
    [("_id", Kind::Token, "id"), ("_lastUpdated", Kind::Date, "meta.lastUpdated")];

/// Conditions on words that every type has.
pub const WORDS: [Param; 2] = [("_content", Kind::Words, "all"), ("_text", Kind::Words, "text")];

/// One value of a parameter in a resource.
#[derive(Clone)]
pub enum Datum {
    Token {
        system: String,
        code: String,
    },
    Reference(String),
    Text(String),
    Span(i64, i64),
    Amount {
        number: i128,
        system: String,
        code: String,
        unit: String,
    },
    Uri(String),
    /// What is said of a code, or of the type of an identifier.
    Label(String),
    /// An identifier with the system and code of a type.
    Typed(String),
    /// The identifier of a reference that names nothing.
    Identifier {
        system: String,
        value: String,
    },
    /// For each of the things that stand together its values.
    Together(Vec<Vec<Datum>>),
    /// Latitude and longitude.
    Place(f64, f64),
    /// The words of one text.
    Words(Vec<String>),
}

fn member(value: &Value, name: &str) -> String {
    value[name].as_str().unwrap_or_default().to_owned()
}

/// The values of a parameter in a resource.
pub fn values(resource: &Value, (_, kind, paths): Param) -> Vec<Datum> {
    if kind == Kind::Words {
        return contents(resource, paths == "text").into_iter().map(Datum::Words).collect();
    }
    let mut found = Vec::new();
    for value in all(resource, paths) {
        match kind {
            Kind::Token => tokens(value, &mut found),
            Kind::Reference | Kind::Patient => {
                let reference = member(value, "reference");
                if !reference.is_empty()
                    // The only patients that are contained are called so.
                    && (kind == Kind::Reference
                        || reference == "#p"
                        || reference.starts_with("Patient/"))
                {
                    found.push(Datum::Reference(reference));
                } else if reference.is_empty()
                    && kind == Kind::Reference
                    && value["identifier"].is_object()
                {
                    let part = |name| member(&value["identifier"], name);
                    found.push(Datum::Identifier { system: part("system"), value: part("value") });
                }
            }
            Kind::Composite(parts) => {
                let of = |(kind, path): &(Kind, &'static str)| values(value, ("", *kind, *path));
                let together: Vec<Vec<Datum>> = parts.iter().map(of).collect();
                found.push(Datum::Together(together));
            }
            Kind::Place => {
                let degrees = |name: &str| value[name].as_f64().unwrap();
                found.push(Datum::Place(degrees("latitude"), degrees("longitude")));
            }
            Kind::Text => found.push(Datum::Text(value.as_str().unwrap().to_owned())),
            Kind::Uri => found.push(Datum::Uri(value.as_str().unwrap().to_owned())),
            Kind::Words => {}
            Kind::Date => found.push(dated(value)),
            Kind::Number => found.push(amount(value, value)),
            Kind::Quantity => {
                if !value["value"].is_null() {
                    found.push(amount(&value["value"], value));
                }
            }
        }
    }
    found
}

fn tokens(value: &Value, found: &mut Vec<Datum>) {
    let token = |system: String, code: String| Datum::Token { system, code };
    match value {
        Value::String(code) => found.push(token(String::new(), code.clone())),
        Value::Bool(flag) => found.push(token(String::new(), flag.to_string())),
        Value::Object(members)
            if members.contains_key("coding") || members.contains_key("text") =>
        {
            all(value, "coding").into_iter().for_each(|coding| tokens(coding, found));
            found.extend(value["text"].as_str().map(|text| Datum::Label(text.to_owned())));
        }
        _ => {
            for label in [&value["display"], &value["type"]["text"]] {
                found.extend(label.as_str().map(|text| Datum::Label(text.to_owned())));
            }
            for of in all(value, "type.coding") {
                let (system, code) = (member(of, "system"), member(of, "code"));
                found.push(Datum::Typed(format!("{system}|{code}|{}", member(value, "value"))));
            }
            let code = member(value, if value["code"].is_null() { "value" } else { "code" });
            found.push(token(member(value, "system"), code));
        }
    }
}

fn dated(value: &Value) -> Datum {
    if let Some(text) = value.as_str() {
        let (low, high) = span(text);
        return Datum::Span(low, high);
    }
    let low = value["start"].as_str().map_or(i64::MIN, |text| span(text).0);
    let high = value["end"].as_str().map_or(i64::MAX, |text| span(text).1);
    Datum::Span(low, high)
}

fn amount(number: &Value, value: &Value) -> Datum {
    let text = |name| value.get(name).and_then(Value::as_str).unwrap_or_default().to_owned();
    Datum::Amount {
        number: decimal(&number.to_string()).0,
        system: text("system"),
        code: text("code"),
        unit: text("unit"),
    }
}

/// Lower case without accents.
pub fn plain(text: &str) -> String {
    // Upper case first: what has no upper case letter of its own is several letters there.
    let letters = text
        .to_uppercase()
        .to_lowercase()
        .nfkd()
        .filter(|c| !is_combining_mark(*c))
        .collect::<String>();
    letters.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// Whether a resource with these values of a parameter matches `value`, unescaped alternatives.
pub fn matches(found: &[Datum], modifier: &str, alternatives: &[String], now: i64) -> bool {
    if modifier == "missing" {
        return found.is_empty() == (alternatives[0] == "true");
    }
    if let [Datum::Words(_), ..] = found {
        let words = |datum: &Datum| match datum {
            Datum::Words(words) => words.clone(),
            _ => Vec::new(),
        };
        let texts: Vec<Vec<String>> = found.iter().map(words).collect();
        return alternatives.iter().any(|wanted| has_words(&texts, wanted));
    }
    let any = alternatives
        .iter()
        .any(|wanted| found.iter().any(|datum| is(datum, modifier, wanted, now)));
    any != (modifier == "not")
}

fn is(datum: &Datum, modifier: &str, wanted: &str, now: i64) -> bool {
    match datum {
        Datum::Label(text) => modifier == "text" && plain(text).starts_with(&plain(wanted)),
        Datum::Typed(text) => modifier == "of-type" && text == wanted,
        Datum::Identifier { system, value } => {
            modifier == "identifier"
                && match wanted.split_once('|') {
                    None => value == wanted,
                    Some((s, "")) => system == s,
                    Some((s, v)) => system == s && value == v,
                }
        }
        Datum::Together(parts) => {
            let pieces: Vec<&str> = wanted.split('$').collect();
            assert_eq!(pieces.len(), parts.len());
            let one = |(values, piece): (&Vec<Datum>, &&str)| {
                values.iter().any(|value| is(value, "", piece, now))
            };
            parts.iter().zip(&pieces).all(one)
        }
        Datum::Place(latitude, longitude) => {
            let numbers: Vec<f64> = wanted.split('|').take(3).map(|n| n.parse().unwrap()).collect();
            let unit = if wanted.ends_with("|m") { 1.0 } else { 1000.0 };
            apart((*latitude, *longitude), (numbers[0], numbers[1])) <= numbers[2] * unit
        }
        Datum::Token { .. } if matches!(modifier, "text" | "of-type") => false,
        Datum::Reference(_) if modifier == "identifier" => false,
        Datum::Token { system, code } => match wanted.split_once('|') {
            None => code == wanted,
            Some((s, "")) => system == s,
            Some((s, c)) => system == s && code == c,
        },
        Datum::Reference(reference) => {
            let id = reference.rsplit('/').next().unwrap();
            match modifier {
                "" => reference == wanted || id == wanted,
                kind => *reference == format!("{kind}/{wanted}"),
            }
        }
        Datum::Text(text) => match modifier {
            "exact" => text == wanted,
            "contains" => plain(text).contains(&plain(wanted)),
            _ => plain(text).starts_with(&plain(wanted)),
        },
        Datum::Uri(uri) => match modifier {
            "below" => is_below(uri, wanted),
            "above" => is_below(wanted, uri),
            _ => uri == wanted,
        },
        Datum::Words(_) => false,
        Datum::Span(low, high) => date(*low, *high, wanted, now),
        Datum::Amount { number, system, code, unit } => {
            let mut parts = wanted.split('|');
            let of_number = parts.next().unwrap();
            let one = (1, 0);
            let factors = match (parts.next(), parts.next()) {
                (None, _) => Some((one, one)),
                (Some(""), Some(c)) => (c == code || c == unit).then_some((one, one)),
                (Some(s), Some(c)) if s == system && c == code => Some((one, one)),
                (Some("http://unitsofmeasure.org"), Some(c))
                    if system == "http://unitsofmeasure.org" =>
                {
                    match (unit_of(code), unit_of(c)) {
                        (Some((its, own)), Some((kind, asked))) if its == kind => {
                            Some((own, asked))
                        }
                        _ => None,
                    }
                }
                _ => None,
            };
            factors.is_some_and(|factors| compare(*number, of_number, factors))
        }
    }
}

/// Whether a uri is another one or goes on behind it at a slash.
fn is_below(lower: &str, upper: &str) -> bool {
    lower
        .strip_prefix(upper)
        .is_some_and(|rest| rest.is_empty() || rest.starts_with('/') || upper.ends_with('/'))
}

/// Metres between two points on a sphere, by the angle between their vectors.
fn apart(a: (f64, f64), b: (f64, f64)) -> f64 {
    let vector = |(latitude, longitude): (f64, f64)| {
        let (latitude, longitude) = (latitude.to_radians(), longitude.to_radians());
        let (high, flat) = latitude.sin_cos();
        let (y, x) = longitude.sin_cos();
        [flat * x, flat * y, high]
    };
    let (a, b) = (vector(a), vector(b));
    let across = [a[1] * b[2] - a[2] * b[1], a[2] * b[0] - a[0] * b[2], a[0] * b[1] - a[1] * b[0]];
    let sine = across.iter().map(|n| n * n).sum::<f64>().sqrt();
    let cosine: f64 = a.iter().zip(&b).map(|(a, b)| a * b).sum();
    6_371_008.8 * sine.atan2(cosine)
}

fn prefixed(wanted: &str) -> (&str, &str) {
    if wanted.starts_with(|c: char| c.is_ascii_alphabetic()) {
        wanted.split_at(2)
    } else {
        ("eq", wanted)
    }
}

/// FHIR R4 search §3.1.1.4.7 over ranges.
fn date(low: i64, high: i64, wanted: &str, now: i64) -> bool {
    let (prefix, text) = prefixed(wanted);
    let (from, to) = span(text);
    let within = from <= low && high <= to;
    match prefix {
        "eq" => within,
        "ne" => !within,
        "lt" => low < from,
        "gt" => high > to,
        "le" => low < from || within,
        "ge" => high > to || within,
        "sa" => low >= to,
        "eb" => high <= from,
        _ => {
            let gap = if now < from { from - now } else { (now - to).max(0) };
            low < to + gap / 10 && from - gap / 10 < high
        }
    }
}

/// FHIR R4 search §3.1.1.4.6: equality within the precision given, everything else exact.
fn compare(number: i128, wanted: &str, (own, asked): ((i128, i32), (i128, i32))) -> bool {
    let (prefix, text) = prefixed(wanted);
    let (exact, unit) = decimal(text);
    assert!(unit > 1, "within {SCALE} digits");
    let number = Scaled::of_decimal(number).times(own);
    let to = |bound: i128| number.compare(Scaled::of_decimal(bound).times(asked));
    let equal = to(exact - unit / 2).is_ge() && to(exact + unit / 2).is_lt();
    match prefix {
        "eq" => equal,
        "ne" => !equal,
        "lt" | "eb" => to(exact).is_lt(),
        "gt" | "sa" => to(exact).is_gt(),
        "le" => to(exact).is_le(),
        _ => to(exact).is_ge(),
    }
}
