//! Random queries: values of the data, and some that just miss.

use accord_base::SeededRng;
use accord_conformance::naive::all;
use accord_conformance::words::contents;
use serde_json::Value;

use crate::reference::{COMMON, Kind, PARAMS, Param, WORDS};
use crate::units::{OTHERS, shifted};

/// A condition: parameter, modifier, alternatives.
pub struct Clause {
    pub param: Param,
    pub modifier: &'static str,
    pub alternatives: Vec<String>,
}

impl Clause {
    /// Name and value as a client would send them, before they are encoded for a URL.
    pub fn pair(&self) -> (String, String) {
        let colon = if self.modifier.is_empty() { "" } else { ":" };
        let joined = matches!(self.param.1, Kind::Composite(_));
        let escaped = |text: &String| {
            let text = text.replace('\\', "\\\\").replace(',', "\\,");
            if joined { text } else { text.replace('$', "\\$") }
        };
        let values: Vec<String> = self.alternatives.iter().map(escaped).collect();
        (format!("{}{colon}{}", self.param.0, self.modifier), values.join(","))
    }
}

/// A condition on a resource, or on what references join to it.
pub enum Filter {
    Plain(Clause),
    /// What the reference names, of the type if one is given, passes.
    Chain {
        param: Param,
        only: Option<&'static str>,
        kind: &'static str,
        rest: Box<Filter>,
    },
    /// A resource of the kind that refers to it by the parameter passes.
    Has {
        kind: &'static str,
        param: Param,
        rest: Box<Filter>,
    },
}

impl Filter {
    /// Name and value as a client would send them.
    pub fn pair(&self) -> (String, String) {
        match self {
            Filter::Plain(clause) => clause.pair(),
            Filter::Chain { param, only, rest, .. } => {
                let (name, value) = rest.pair();
                let only = only.map(|kind| format!(":{kind}")).unwrap_or_default();
                (format!("{}{only}.{name}", param.0), value)
            }
            Filter::Has { kind, param, rest } => {
                let (name, value) = rest.pair();
                (format!("_has:{kind}:{}:{name}", param.0), value)
            }
        }
    }
}

/// References among the types: from, by, to.
pub const LINKS: [(&str, &str, &str); 7] = [
    ("Observation", "subject", "Patient"),
    ("Observation", "patient", "Patient"),
    ("Observation", "encounter", "Encounter"),
    ("Encounter", "subject", "Patient"),
    ("Condition", "patient", "Patient"),
    ("Condition", "encounter", "Encounter"),
    ("RiskAssessment", "subject", "Patient"),
];

/// The parameter of a reference.
pub fn linking(from: &str, by: &'static str) -> Param {
    let (_, params) = PARAMS.iter().find(|(name, _)| *name == from).unwrap();
    let drawn = params.iter().find(|param| param.0 == by).copied();
    // Subjects of some types are told by a parameter that is not drawn by itself.
    drawn.unwrap_or((by, Kind::Reference, by))
}

/// The resources of a type.
pub type Documents<'a> = &'a dyn Fn(&str) -> &'a [Value];

/// Draws queries over resources of one type after another.
pub struct Queries<'a> {
    pub rng: &'a SeededRng,
}

impl Queries<'_> {
    pub fn below(&self, bound: usize) -> usize {
        self.rng.below(bound as u64) as usize
    }

    pub fn pick<'t>(&self, from: &[&'t str]) -> &'t str {
        from[self.below(from.len())]
    }

    /// Conditions on a type, for resources like these.
    pub fn filters(&self, kind: &'static str, documents: Documents<'_>) -> Vec<Filter> {
        let count = [0, 1, 1, 1, 2, 2, 3][self.below(7)];
        (0..count).filter_map(|_| self.filter(kind, documents, 0)).collect()
    }

    fn filter(&self, kind: &'static str, documents: Documents<'_>, depth: usize) -> Option<Filter> {
        let joined = LINKS.iter().filter(|(from, _, to)| *from == kind || *to == kind);
        let joined: Vec<_> = joined.collect();
        if joined.is_empty() || depth == 3 || self.below(3) > 0 {
            return self.clause(kind, documents(kind)).map(Filter::Plain);
        }
        let (from, by, to) = *joined[self.below(joined.len())];
        let param = linking(from, by);
        if from == kind {
            let rest = Box::new(self.filter(to, documents, depth + 1)?);
            // Of the other types that the reference may name the store has none.
            let only = (self.below(2) == 0).then_some(to);
            return Some(Filter::Chain { param, only, kind: to, rest });
        }
        let rest = Box::new(self.filter(from, documents, depth + 1)?);
        Some(Filter::Has { kind: from, param, rest })
    }

    fn clause(&self, kind: &str, documents: &[Value]) -> Option<Clause> {
        if self.below(12) == 0 {
            let param = WORDS[self.below(2)];
            let one = |_| self.asked_words(&documents[self.below(documents.len())], param);
            let alternatives: Vec<String> = (0..=self.below(2)).filter_map(one).collect();
            let clause = Clause { param, modifier: "", alternatives };
            return (!clause.alternatives.is_empty()).then_some(clause);
        }
        let (_, params) = PARAMS.iter().find(|(name, _)| *name == kind).unwrap();
        let param = match self.below(8) {
            0 => COMMON[self.below(2)],
            _ => params[self.below(params.len())],
        };
        let joined = matches!(param.1, Kind::Composite(_));
        if self.below(10) == 0 && !param.0.starts_with("_") && !joined {
            let alternatives = vec![self.pick(&["true", "false"]).to_owned()];
            return Some(Clause { param, modifier: "missing", alternatives });
        }
        let modifier = match param.1 {
            Kind::Token if param.0 == "identifier" => {
                self.pick(&["", "", "", "not", "text", "of-type"])
            }
            Kind::Token if param.0 != "_id" => self.pick(&["", "", "", "not", "text"]),
            Kind::Uri => self.pick(&["", "", "below", "above"]),
            Kind::Text => self.pick(&["", "", "exact", "contains"]),
            Kind::Reference if param.0 == "subject" => {
                self.pick(&["", "", "Patient", "identifier"])
            }
            _ => "",
        };
        let drawn = || (0..6).find_map(|_| self.value(param, modifier, documents));
        let alternatives: Vec<String> = (0..=self.below(3)).filter_map(|_| drawn()).collect();
        (!alternatives.is_empty()).then_some(Clause { param, modifier, alternatives })
    }

    fn value(
        &self,
        (_, kind, paths): Param,
        modifier: &str,
        documents: &[Value],
    ) -> Option<String> {
        let document = &documents[self.below(documents.len())];
        let found = all(document, paths);
        let value = *found.get(self.below(found.len().max(1)))?;
        match kind {
            Kind::Composite(parts) => self.together(value, parts, documents),
            Kind::Place => {
                let near = |name: &str| value[name].as_f64().unwrap() + self.below(3) as f64 / 50.0;
                let (latitude, longitude) = (near("latitude"), near("longitude"));
                let distance = [1, 5, 20, 700, 9000, 20_100][self.below(6)];
                let unit = self.pick(&["", "|km", "|m"]);
                let (latitude, longitude) = (latitude.min(90.0), longitude.min(180.0));
                Some(format!("{latitude:.3}|{longitude:.3}|{distance}{unit}"))
            }
            Kind::Token if modifier == "text" => {
                let labels = all(value, "text|display|coding.display|type.text");
                let label = labels.get(self.below(labels.len().max(1)))?.as_str()?;
                self.text(label, "")
            }
            Kind::Token if modifier == "of-type" => {
                let of = &value["type"]["coding"][0];
                let text = |value: &Value, name: &str| Some(value[name].as_str()?.to_owned());
                let code = self.nearly(&text(of, "code")?);
                Some(format!("{}|{code}|{}", text(of, "system")?, text(value, "value")?))
            }
            Kind::Reference if modifier == "identifier" => Some(
                self.pick(&["http://ids|1", "http://ids|2", "1", "http://ids|", "x"]).to_owned(),
            ),
            Kind::Token => self.token(value),
            Kind::Reference | Kind::Patient => {
                let text = value["reference"].as_str()?;
                let (_, id) = text.rsplit_once('/')?;
                let full = modifier.is_empty() && self.below(2) == 0;
                Some(self.nearly(if full { text } else { id }))
            }
            Kind::Uri if !modifier.is_empty() && self.below(3) == 0 => {
                let uri = value.as_str()?;
                Some(uri[..1 + self.below(uri.len())].to_owned())
            }
            Kind::Uri => Some(self.nearly(value.as_str()?)),
            Kind::Text => self.text(value.as_str()?, modifier),
            Kind::Date => self.date(value),
            Kind::Number => Some(self.number(value)),
            Kind::Quantity => Some(self.quantity(value)),
            Kind::Words => None,
        }
    }

    /// Values that stand together in an element; sometimes from one and from another.
    fn together(
        &self,
        element: &Value,
        parts: &[(Kind, &'static str)],
        documents: &[Value],
    ) -> Option<String> {
        let one = |(kind, path): &(Kind, &'static str)| {
            let param = ("", *kind, *path);
            let mixed = self.below(4) == 0;
            let from = if mixed { documents } else { std::slice::from_ref(element) };
            self.value(param, "", from).filter(|value| !value.contains(['$', ',', '\\']))
        };
        let values: Option<Vec<String>> = parts.iter().map(one).collect();
        Some(values?.join("$"))
    }

    /// Words of a document, or some that it nearly has.
    fn asked_words(&self, document: &Value, (_, _, paths): Param) -> Option<String> {
        let texts: Vec<Vec<String>> =
            contents(document, paths == "text").into_iter().filter(|t| !t.is_empty()).collect();
        let term = || {
            let text = texts.get(self.below(texts.len().max(1)))?;
            let at = self.below(text.len());
            let word = &text[at];
            let letters = word.chars().count();
            Some(match self.below(6) {
                0 if letters > 2 => {
                    let most = 2 + self.below(letters - 2);
                    format!("{}*", word.chars().take(most).collect::<String>())
                }
                1 if at + 1 < text.len() => format!("\"{word} {}\"", text[at + 1]),
                2 => self.nearly(word),
                3 => word.to_uppercase(),
                _ => word.clone(),
            })
        };
        let joined = self.pick(&[" and ", " or "]);
        let terms: Option<Vec<String>> = (0..=self.below(2)).map(|_| term()).collect();
        // A word of the language of expressions is none that can be asked for alone.
        let words = terms?.join(joined);
        let plain = words.to_lowercase();
        let operators = plain.split(' ').filter(|w| ["and", "or"].contains(w)).count();
        (operators == plain.matches(joined).count()).then_some(words)
    }

    /// The text, or sometimes one that differs in its last character.
    fn nearly(&self, text: &str) -> String {
        let mut text = text.to_owned();
        if self.below(6) == 0 {
            let last = text.pop();
            text.push(if last == Some('1') { '2' } else { '1' });
        }
        text
    }

    fn token(&self, value: &Value) -> Option<String> {
        let (system, code) = match value {
            Value::String(code) => return Some(self.nearly(code)),
            Value::Bool(flag) => return Some(flag.to_string()),
            _ => {
                let codings = all(value, "coding");
                let coding =
                    if codings.is_empty() { value } else { codings[self.below(codings.len())] };
                let code = coding["code"].as_str().or(coding["value"].as_str())?;
                (coding["system"].as_str().unwrap_or_default(), code)
            }
        };
        Some(match self.below(5) {
            0 if !system.is_empty() => format!("{system}|"),
            1 => format!("|{code}"),
            2 => self.nearly(code),
            _ if !system.is_empty() => format!("{system}|{}", self.nearly(code)),
            _ => code.to_owned(),
        })
    }

    fn text(&self, text: &str, modifier: &str) -> Option<String> {
        let letters: Vec<char> = text.chars().collect();
        let part: String = match modifier {
            "exact" => {
                return Some(if self.below(3) == 0 {
                    text.to_uppercase()
                } else {
                    text.to_owned()
                });
            }
            "contains" => {
                let from = self.below(letters.len());
                let most = letters.len() - from;
                letters[from..from + 1 + self.below(most)].iter().collect()
            }
            _ => letters[..1 + self.below(letters.len())].iter().collect(),
        };
        let part = match self.below(3) {
            0 => part.to_uppercase(),
            1 => part.to_lowercase(),
            _ => part,
        };
        let part = part.trim().to_owned();
        (!part.is_empty()).then_some(part)
    }

    fn date(&self, value: &Value) -> Option<String> {
        let text = value.as_str().or(value["start"].as_str()).or(value["end"].as_str())?;
        let cut = match [4, 7, 10, 0, 0][self.below(5)] {
            0 => text.len(),
            cut => cut.min(text.len()),
        };
        let mut text = text[..cut].to_owned();
        if self.below(4) == 0 && cut <= 10 {
            let year: u32 = text[..4].parse().unwrap();
            text = format!("{}{}", year + 1 - 2 * self.below(2) as u32, &text[4..]);
            if text[4..].contains("-02-29") {
                return None;
            }
        }
        let prefix = self.pick(&["", "", "eq", "ne", "lt", "gt", "le", "ge", "sa", "eb", "ap"]);
        Some(format!("{prefix}{text}"))
    }

    fn number(&self, value: &Value) -> String {
        let text = value.to_string();
        // Fewer digits cover more; another last digit just misses.
        let text = match self.below(4) {
            0 if text.contains('.') => text[..text.len() - 1].trim_end_matches('.').to_owned(),
            1 => self.nearly(&text),
            2 if text.contains('.') => format!("{text}0"),
            _ => text,
        };
        let prefix = self.pick(&["", "", "eq", "ne", "lt", "gt", "le", "ge", "sa", "eb"]);
        format!("{prefix}{text}")
    }

    fn quantity(&self, value: &Value) -> String {
        let number = self.number(&value["value"]);
        let text = |name: &str| value[name].as_str().unwrap_or_default().to_owned();
        let others: Vec<_> = OTHERS.iter().filter(|(from, ..)| *from == text("code")).collect();
        if !others.is_empty() && self.below(2) == 0 {
            let (_, to, places) = others[self.below(others.len())];
            let at = number.find(|c: char| !c.is_ascii_alphabetic()).unwrap();
            let (prefix, number) = number.split_at(at);
            return format!("{prefix}{}|{}|{to}", shifted(number, *places), text("system"));
        }
        match self.below(4) {
            0 if !text("code").is_empty() => {
                format!("{number}|{}|{}", text("system"), self.nearly(&text("code")))
            }
            1 if !text("code").is_empty() => format!("{number}||{}", text("code")),
            2 if !text("unit").is_empty() => format!("{number}||{}", text("unit")),
            _ => number,
        }
    }
}
