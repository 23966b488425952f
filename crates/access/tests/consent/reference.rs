//! A slow, direct reading of consents: from the JSON and the sentences D1 to D12, instance by
//! instance. Shares no code with what it checks.

use serde_json::Value;

const PCF: &str = "https://profiles.ihe.net/ITI/PCF/Policy-";

/// Who asks, for what, when.
pub struct Request {
    /// References of the asker: person, organisations, groups.
    pub references: Vec<String>,
    /// References of groups to which the asker may belong: enough for a denial.
    pub perhaps: Vec<String>,
    pub treats: bool,
    /// System and code.
    pub purpose: (String, String),
    /// A code of consentaction.
    pub action: String,
    /// Microseconds since 1970.
    pub now: i64,
    pub or_labels: bool,
}

/// A resource.
pub struct Resource {
    pub reference: String,
    pub controller: Option<String>,
    pub patients: Vec<String>,
    /// Codes of confidentiality and sensitivity.
    pub labels: Vec<String>,
    /// Days since 1970.
    pub day: Option<i64>,
    pub authors: Vec<String>,
    /// Systems and codes that stand in it.
    pub codes: Vec<(String, String)>,
    /// What it refers to and what refers to it.
    pub related: Vec<String>,
    /// What it refers to, directly and through others.
    pub depends_on: Vec<String>,
}

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Says {
    Permit,
    Deny,
    Nothing,
}

/// All consents of a patient together (D5): a superseded one says nothing, one that denies
/// decides.
pub fn together(consents: &[Value], request: &Request, resource: &Resource) -> Says {
    let standing = standing(consents, request.now);
    let says: Vec<Says> = standing.map(|consent| one(consent, request, resource)).collect();
    match () {
        () if says.contains(&Says::Deny) => Says::Deny,
        () if says.contains(&Says::Permit) => Says::Permit,
        () => Says::Nothing,
    }
}

fn standing(consents: &[Value], now: i64) -> impl Iterator<Item = &Value> {
    consents.iter().filter(move |old| {
        !consents.iter().any(|new| supersedes(new, old) && root_in_time(new, now))
    })
}

/// Whether a provision that denies names the asker, whatever others say: what keeps somebody out
/// who acts for the patient.
#[allow(dead_code, reason = "not every test that reads consents asks for it")]
pub fn named(consents: &[Value], request: &Request, resource: &Resource) -> bool {
    standing(consents, request.now).any(|consent| {
        let names = |chain: &Vec<&Value>| {
            !permits(consent, chain) && naming(consent, chain, "actor").is_some()
        };
        speaks(consent, resource)
            && chains(consent).iter().any(|chain| {
                names(chain)
                    && applies(consent, chain, request, resource)
                    && label(consent, chain, resource)
            })
    })
}

fn list<'a>(value: &'a Value, name: &str) -> Vec<&'a Value> {
    value[name].as_array().map(|items| items.iter().collect()).unwrap_or_default()
}

fn text<'a>(value: &'a Value, name: &str) -> &'a str {
    value[name].as_str().unwrap_or("")
}

fn reference(value: &Value) -> &str {
    text(value, "reference")
}

fn supersedes(new: &Value, old: &Value) -> bool {
    let named = reference(&new["sourceReference"]) == format!("Consent/{}", text(old, "id"));
    let same = |name| {
        let mut lists = [list(new, name), list(old, name)];
        lists.iter_mut().for_each(|l| l.sort_by_key(|v| v.to_string()));
        lists[0] == lists[1]
    };
    named
        && text(new, "id") != text(old, "id")
        && text(new, "dateTime") > text(old, "dateTime")
        && ["policy", "category", "organization"].into_iter().all(same)
        && new["policyRule"] == old["policyRule"]
        // Who answers for the consent itself; the worlds add it.
        && new["_keptBy"] == old["_keptBy"]
}

/// One consent: the deepest provisions that match decide, a denial among equals (D3).
pub fn one(consent: &Value, request: &Request, resource: &Resource) -> Says {
    if !speaks(consent, resource) {
        return Says::Nothing;
    }
    let all = chains(consent);
    let applying: Vec<&Vec<&Value>> =
        all.iter().filter(|chain| applies(consent, chain, request, resource)).collect();
    let matching: Vec<&&Vec<&Value>> =
        applying.iter().filter(|chain| label(consent, chain, resource)).collect();
    let Some(deepest) = matching.iter().map(|chain| chain.len()).max() else {
        let closes = permits(consent, &all[0]) && time(consent, &all[0], request, resource);
        return if closes { Says::Deny } else { Says::Nothing };
    };
    let mut decisive = matching.iter().filter(|chain| chain.len() == deepest);
    if decisive.any(|chain| !permits(consent, chain)) {
        return Says::Deny;
    }
    let permitting: Vec<&Vec<&Value>> =
        applying.iter().copied().filter(|chain| permits(consent, chain)).collect();
    if request.or_labels || covered(consent, &permitting, resource) {
        Says::Permit
    } else {
        Says::Deny
    }
}

/// Whether the consent is in force and about the resource at all.
fn speaks(consent: &Value, resource: &Resource) -> bool {
    let custodians: Vec<&str> = list(consent, "organization").into_iter().map(reference).collect();
    let bound = resource.controller.as_deref().is_none_or(|c| custodians.contains(&c));
    text(consent, "status") == "active"
        && resource.patients.iter().any(|p| p == reference(&consent["patient"]))
        && (custodians.is_empty() || bound)
}

/// Whether all conditions but the labels are met.
fn applies(consent: &Value, chain: &[&Value], request: &Request, resource: &Resource) -> bool {
    let checks = [time, actor, action, purpose, class, code, data_period, data];
    checks.iter().all(|check| check(consent, chain, request, resource))
}

/// Every provision as the way to it from the root; for a policy that has an exception of its own,
/// that too.
fn chains(consent: &Value) -> Vec<Vec<&Value>> {
    fn below<'a>(chain: &[&'a Value], out: &mut Vec<Vec<&'a Value>>) {
        out.push(chain.to_vec());
        for nested in list(chain[chain.len() - 1], "provision") {
            let mut longer = chain.to_vec();
            longer.push(nested);
            below(&longer, out);
        }
    }
    static BREAK_GLASS: std::sync::LazyLock<Value> = std::sync::LazyLock::new(|| {
        serde_json::json!({"type": "permit", "treats": true, "purpose": [
            {"system": "http://terminology.hl7.org/CodeSystem/v3-ActReason", "code": "BTG"}]})
    });
    static NOTHING: std::sync::LazyLock<Value> = std::sync::LazyLock::new(|| serde_json::json!({}));
    let mut out = Vec::new();
    below(&[&consent["provision"]], &mut out);
    if by_policy(consent) == Some("break-glass-only") {
        // It stands by itself: nothing of the root's conditions narrows it.
        out.push(vec![&NOTHING, &BREAK_GLASS]);
    }
    out
}

/// The policy that decides, where root type and policyRule do not (D1).
fn by_policy(consent: &Value) -> Option<&str> {
    let typed = !text(&consent["provision"], "type").is_empty();
    if typed || opted(consent).is_some() {
        return None;
    }
    list(consent, "policy").into_iter().find_map(|policy| text(policy, "uri").strip_prefix(PCF))
}

fn opted(consent: &Value) -> Option<bool> {
    let codings = list(&consent["policyRule"], "coding");
    codings.into_iter().find_map(|coding| match text(coding, "code") {
        "OPTIN" => Some(true),
        "OPTOUT" => Some(false),
        _ => None,
    })
}

fn permits(consent: &Value, chain: &[&Value]) -> bool {
    match text(chain[chain.len() - 1], "type") {
        "permit" => true,
        "deny" => false,
        _ => opted(consent)
            .unwrap_or_else(|| matches!(by_policy(consent), Some("basic-normal" | "all-normal"))),
    }
}

/// The nearest provision on the way that names an element, and whether it permits (D3).
fn naming<'a>(consent: &Value, chain: &[&'a Value], element: &str) -> Option<(&'a Value, bool)> {
    let at = chain.iter().rposition(|p| !p[element].is_null())?;
    Some((&chain[at][element], permits(consent, &chain[..=at])))
}

fn root_in_time(consent: &Value, now: i64) -> bool {
    text(consent, "status") == "active" && in_period(consent, &[&consent["provision"]], now)
}

fn in_period(consent: &Value, chain: &[&Value], now: i64) -> bool {
    let Some((period, permits)) = naming(consent, chain, "period") else { return true };
    let bound = |name: &str| {
        let date = period[name].as_str()?;
        Some((range(date), date.len() < 10 && permits))
    };
    let start = bound("start").map_or(i64::MIN, |((l, h), narrow)| if narrow { h } else { l });
    let end = bound("end").map_or(i64::MAX, |((l, h), narrow)| if narrow { l } else { h });
    start <= now && now < end
}

fn time(consent: &Value, chain: &[&Value], request: &Request, _: &Resource) -> bool {
    in_period(consent, chain, request.now)
}

fn actor(consent: &Value, chain: &[&Value], request: &Request, _: &Resource) -> bool {
    let treating =
        chain.iter().any(|p| p["treats"] == true) || by_policy(consent) == Some("basic-normal");
    if treating && !request.treats {
        return false;
    }
    naming(consent, chain, "actor").is_none_or(|(actors, _)| {
        let actors = actors.as_array().unwrap();
        let perhaps = if permits(consent, chain) { &[][..] } else { &request.perhaps };
        let mut all = request.references.iter().chain(perhaps);
        all.any(|r| actors.iter().any(|a| r == reference(&a["reference"])))
    })
}

fn action(consent: &Value, chain: &[&Value], request: &Request, _: &Resource) -> bool {
    naming(consent, chain, "action").is_none_or(|(concepts, _)| {
        let codes = concepts.as_array().unwrap().iter().flat_map(|c| list(c, "coding"));
        codes.map(|c| text(c, "code")).any(|code| match request.action.as_str() {
            "access" => code == "access" || code == "use",
            other => code == other,
        })
    })
}

/// Purposes by the hierarchy of v3-ActReason, as far as the worlds use it.
fn broader(code: &str) -> Option<&'static str> {
    Some(match code {
        "BTG" | "ERTREAT" => "ETREAT",
        "ETREAT" | "COC" | "CLINTRL" | "POPHLTH" => "TREAT",
        "CLINTRCHPC" | "PRECLINTRCH" => "CLINTRCH",
        "CLINTRCH" | "BIORCH" => "HRESCH",
        "COVERAGE" | "REMITADV" => "HPAYMT",
        "ELIGDTRM" => "COVERAGE",
        "HSYSADMIN" | "PATSFTY" => "HOPERAT",
        _ => return None,
    })
}

fn purpose(consent: &Value, chain: &[&Value], request: &Request, _: &Resource) -> bool {
    let covers = |system: &str, code: &str| {
        let (asked_system, asked) = (request.purpose.0.as_str(), request.purpose.1.as_str());
        system == asked_system
            && std::iter::successors(Some(asked), |code| broader(code)).any(|c| c == code)
    };
    match naming(consent, chain, "purpose") {
        None if by_policy(consent) == Some("basic-normal") => {
            covers("http://terminology.hl7.org/CodeSystem/v3-ActReason", "TREAT")
        }
        None => true,
        Some((codings, _)) => {
            let codings = codings.as_array().unwrap();
            codings.iter().any(|c| covers(text(c, "system"), text(c, "code")))
        }
    }
}

fn class(consent: &Value, chain: &[&Value], _: &Request, resource: &Resource) -> bool {
    naming(consent, chain, "class").is_none_or(|(codings, _)| {
        let kind = resource.reference.split('/').next().unwrap();
        codings.as_array().unwrap().iter().any(|c| text(c, "code") == kind)
    })
}

/// D9: one of the codings named stands in it.
fn code(consent: &Value, chain: &[&Value], _: &Request, resource: &Resource) -> bool {
    naming(consent, chain, "code").is_none_or(|(concepts, _)| {
        let codings = concepts.as_array().unwrap().iter().flat_map(|c| list(c, "coding"));
        let stands = |coding: &Value| {
            let (system, code) = (text(coding, "system"), text(coding, "code"));
            resource.codes.iter().any(|(s, c)| s == system && c == code)
        };
        codings.into_iter().any(stands)
    })
}

fn data_period(consent: &Value, chain: &[&Value], _: &Request, resource: &Resource) -> bool {
    const DAY: i64 = 86_400_000_000;
    let Some((period, permits)) = naming(consent, chain, "dataPeriod") else { return true };
    let Some(day) = resource.day else { return !permits };
    let low = period["start"].as_str().map_or(i64::MIN, |date| range(date).0);
    let high = period["end"].as_str().map_or(i64::MAX, |date| range(date).1);
    let (from, until) = (day * DAY, (day + 1) * DAY);
    if permits { low <= from && until <= high } else { low < until && from < high }
}

fn data(consent: &Value, chain: &[&Value], _: &Request, resource: &Resource) -> bool {
    naming(consent, chain, "data").is_none_or(|(entries, _)| {
        entries.as_array().unwrap().iter().any(|entry| {
            let target = reference(&entry["reference"]).to_owned();
            let itself = resource.reference == target;
            match text(entry, "meaning") {
                "instance" => itself,
                "authoredby" => resource.authors.contains(&target),
                "related" => itself || resource.related.contains(&target),
                "dependents" => itself || resource.depends_on.contains(&target),
                _ => panic!("no such meaning"),
            }
        })
    })
}

const LEVELS: [&str; 6] = ["U", "L", "M", "N", "R", "V"];

fn rank(code: &str) -> Option<usize> {
    LEVELS.iter().position(|level| *level == code)
}

/// The sensitivities that a code is narrower than.
fn above(code: &str) -> &'static [&'static str] {
    match code {
        "ETHUD" | "OPIOIDUD" => &["ETH", "SUD", "SPI"],
        "SUD" | "PSY" | "BH" | "MH" => &["SPI"],
        "COGN" => &["BH", "SPI"],
        _ => &[],
    }
}

fn is_covered_by(code: &str, named: &str) -> bool {
    code == named || above(code).contains(&named)
}

/// What a sensitivity makes of data.
fn causes(code: &str) -> usize {
    if matches!(code, "RACE" | "EMPL") { 3 } else { 4 }
}

fn sensitivities(resource: &Resource) -> Vec<&str> {
    resource.labels.iter().map(String::as_str).filter(|code| rank(code).is_none()).collect()
}

fn level(resource: &Resource) -> usize {
    let stated = resource.labels.iter().filter_map(|code| rank(code)).max().unwrap_or(3);
    sensitivities(resource).into_iter().map(causes).fold(stated, usize::max)
}

/// What a provision names of labels: confidentialities, sensitivities, and whether a permit named
/// them.
fn labels<'a>(consent: &Value, chain: &[&'a Value]) -> Option<(Vec<usize>, Vec<&'a str>, bool)> {
    let (codings, permits) = naming(consent, chain, "securityLabel")?;
    let codes: Vec<&str> = codings.as_array()?.iter().map(|c| text(c, "code")).collect();
    let levels = codes.iter().filter_map(|code| rank(code)).collect();
    let others = codes.into_iter().filter(|code| rank(code).is_none()).collect();
    Some((levels, others, permits))
}

/// D4: a permit is a ceiling, a denial a floor; sensitivities by subsumption.
fn label(consent: &Value, chain: &[&Value], resource: &Resource) -> bool {
    let Some((levels, others, permits)) = labels(consent, chain) else { return true };
    let level = level(resource);
    let by_level = levels.iter().any(|c| if permits { level <= *c } else { level >= *c });
    let has = |named: &&str| sensitivities(resource).iter().any(|s| is_covered_by(s, named));
    by_level || others.iter().any(has)
}

/// D4: every sensitivity is covered by some permit that applies, and so is the confidentiality.
fn covered(consent: &Value, permitting: &[&Vec<&Value>], resource: &Resource) -> bool {
    let mut ceilings = Vec::new();
    let mut named = Vec::new();
    for chain in permitting {
        match labels(consent, chain) {
            None => return true,
            // Taken from a denial above, whose exception it is.
            Some((levels, _, false)) if !levels.is_empty() => return true,
            Some((levels, others, _)) => {
                ceilings.extend(levels);
                named.extend(others);
            }
        }
    }
    let all = sensitivities(resource);
    // One that is broader than another on the same resource says nothing more.
    let narrowest: Vec<&str> = all
        .iter()
        .copied()
        .filter(|code| !all.iter().any(|o| o != code && is_covered_by(o, code)))
        .collect();
    let is_named = |code: &&str| named.iter().any(|n| is_covered_by(code, n));
    let under = |level: usize| ceilings.iter().any(|ceiling| level <= *ceiling);
    let lifted = narrowest.iter().filter(|c| is_named(c)).map(|c| causes(c)).max();
    narrowest.iter().all(|code| is_named(code) || under(causes(code)))
        && (under(level(resource)) || lifted.is_some_and(|l| level(resource) <= l))
}

/// First microsecond of a date and the first after it; dates as the worlds have them.
fn range(date: &str) -> (i64, i64) {
    const DAY: i64 = 86_400_000_000;
    let number = |part: Option<&str>| part.map(|p| p.parse::<i64>().unwrap());
    if let Some((day, time)) = date.split_once('T') {
        let hour = number(time.get(..2)).unwrap();
        let second = range(day).0 + hour * 3_600_000_000;
        return (second, second + 1_000_000);
    }
    let mut parts = date.split('-');
    let (year, month, day) = (parts.next(), parts.next(), parts.next());
    let (year, month, day) = (number(year).unwrap(), number(month), number(day));
    let first = |y: i64, m: i64| days_to(y, m) * DAY;
    match (month, day) {
        (None, _) => (first(year, 1), first(year + 1, 1)),
        (Some(m), None) => (first(year, m), first(year + m / 12, m % 12 + 1)),
        (Some(m), Some(d)) => {
            let start = first(year, m) + (d - 1) * DAY;
            (start, start + DAY)
        }
    }
}

/// Days from 1970-01-01 to the first of a month, counted year by year.
fn days_to(year: i64, month: i64) -> i64 {
    let leap = |y: i64| y % 4 == 0 && (y % 100 != 0 || y % 400 == 0);
    let years: i64 = (1970..year).map(|y| if leap(y) { 366 } else { 365 }).sum();
    let lengths = [31, if leap(year) { 29 } else { 28 }, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31];
    years + lengths[..(month - 1) as usize].iter().sum::<i64>()
}
