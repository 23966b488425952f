use proptest::prelude::*;

use super::*;
use crate::{Given, Library, Reading, Value, Vitals};

/// Short names of the case files.
const SHORT: [(&str, &str); 11] = [
    ("rr", "respiration"),
    ("o2", "oxygen-device"),
    ("flow", "oxygen-flow"),
    ("fio2", "inspired-oxygen"),
    ("sbp", "systolic"),
    ("hr", "pulse"),
    ("temp", "temperature"),
    ("c", "consciousness"),
    ("crt", "capillary-refill"),
    ("rd", "respiratory-distress"),
    ("spo2", "spo2"),
];

pub(crate) fn library() -> Library {
    Library::built_in().unwrap().clone().for_demonstration()
}

/// A reading as the case files write it.
pub(crate) fn reading(vitals: &Vitals, name: &str, value: &str) -> Reading {
    let id = SHORT.iter().find(|(short, _)| *short == name).map_or(name, |(_, id)| id);
    let vital = vitals.of(id).unwrap_or_else(|| panic!("no vital sign `{id}`"));
    let given = match &vital.quantity {
        Some(quantity) => Given::Quantity(Decimal::parse(value).unwrap(), &quantity.unit),
        None => Given::Codes(vec![("", value)]),
    };
    vital.read(&given, true).unwrap()
}

fn lines(text: &str) -> impl Iterator<Item = Vec<&str>> {
    let lines = text.lines().filter(|line| !line.is_empty() && !line.starts_with('#'));
    lines.map(|line| line.split(';').map(str::trim).collect())
}

fn pairs(text: &str) -> Vec<(&str, &str)> {
    text.split_whitespace().map(|pair| pair.split_once('=').unwrap_or((pair, ""))).collect()
}

#[test]
fn every_edge_scores_as_published() {
    let library = library();
    let vitals = library.vitals();
    let mut tested: Vec<Edge> = Vec::new();
    for line in lines(include_str!("../../tests/cases/edges.txt")) {
        let [scheme, parameter, whom, values] = line.as_slice() else { panic!("{line:?}") };
        let scheme = library.score(scheme).unwrap();
        let months = whom.strip_suffix(" months").map_or(600, |months| months.parse().unwrap());
        let scale = if whom.contains("scale 2") { 2 } else { 1 };
        let device = if whom.contains("oxygen") { "face-mask" } else { "air" };
        for (value, expected) in pairs(values) {
            let readings = [reading(vitals, "o2", device), reading(vitals, parameter, value)];
            let asked = Asked { age_months: months, scale, readings: &readings, concerns: &[] };
            let score = scheme.score(&asked, vitals).unwrap();
            let part = score.parts.iter().find(|part| part.parameter == *parameter).unwrap();
            let found = part.score.map(|score| score.to_string());
            let what = format!("{} {parameter} {whom} {value}", scheme.header.id);
            assert_eq!(found.as_deref(), Some(expected), "{what}");
            if let Some(number) = Decimal::parse(value) {
                let case = [&*scheme.header.id, parameter, whom].map(str::to_owned);
                tested.push((case, number));
            }
        }
    }
    every_edge_is_there(&library, &tested);
}

/// Scheme, parameter and whom a case is about, and the value.
type Edge = ([String; 3], Decimal);

/// Whom a case of this table has to be about; `None`: whoever the scheme is for.
fn whom(id: &str, table: &Table, several: bool) -> Option<String> {
    match (id, table.scale, table.oxygen) {
        ("pews", ..) => several.then(|| format!("{} months", table.ages.from)),
        (_, Some(2), Some(oxygen)) => {
            Some(format!("scale 2, {}", if oxygen { "oxygen" } else { "air" }))
        }
        _ => Some(String::new()),
    }
}

/// No edge of a loaded table is missing among the cases of that very table.
fn every_edge_is_there(library: &Library, tested: &[Edge]) {
    for id in ["news2", "pews"] {
        for parameter in &library.score(id).unwrap().parameters {
            let Rule::Bands { tables, .. } = &parameter.rule else { continue };
            for table in tables {
                let whom = whom(id, table, tables.len() > 1);
                for edge in table.bands.edges() {
                    let is = |([scheme, of, about], number): &Edge| {
                        let about = whom.as_ref().is_none_or(|whom| about == whom);
                        scheme == id && *of == parameter.id && about && *number == edge
                    };
                    let what = format!("{id} {} {whom:?} {edge:?}", parameter.id);
                    assert!(tested.iter().any(is), "{what} is not tested");
                }
            }
        }
    }
}

#[test]
fn whole_patients_score_as_published() {
    let library = library();
    for line in lines(include_str!("../../tests/cases/patients.txt")) {
        let [scheme, age, values, expected] = line.as_slice() else { panic!("{line:?}") };
        let (id, scale) = scheme.split_once(" scale ").unwrap_or((scheme, "1"));
        let scheme = library.score(id).unwrap();
        let (concerns, values): (Vec<_>, Vec<_>) =
            pairs(values).into_iter().partition(|(name, _)| *name == "concern");
        let concerns: Vec<String> = concerns.into_iter().map(|(_, id)| id.to_owned()).collect();
        let vitals = library.vitals();
        let readings: Vec<_> = values.iter().map(|(n, v)| reading(vitals, n, v)).collect();
        let (age_months, scale) = (age.parse().unwrap(), scale.parse().unwrap());
        let asked = Asked { age_months, scale, readings: &readings, concerns: &concerns };
        let score = scheme.score(&asked, vitals).unwrap();
        let level = score.level.and_then(|at| scheme.levels.get(at));
        let level = level.map_or("-", |level| &level.id);
        let mark = if score.total.complete().is_none() { " ?" } else { "" };
        assert_eq!(format!("{} {level}{mark}", score.total.at_least()), *expected, "{line:?}");
    }
}

#[test]
fn what_is_not_plausible_waits_for_confirmation() {
    let library = library();
    let (vitals, scheme) = (library.vitals(), library.score("news2").unwrap());
    let vital = vitals.of("pulse").unwrap();
    let given = Given::Quantity(Decimal::parse("260").unwrap(), "/min");
    for (confirmed, score) in [(false, None), (true, Some(3))] {
        let readings = [vital.read(&given, confirmed).unwrap()];
        let asked = Asked { age_months: 600, scale: 1, readings: &readings, concerns: &[] };
        let found = scheme.score(&asked, vitals).unwrap();
        let part = found.parts.iter().find(|part| part.parameter == "pulse").unwrap();
        assert_eq!(part.score, score);
        assert_eq!(found.to_confirm.is_empty(), confirmed);
    }
}

#[test]
fn a_scheme_refuses_whom_it_is_not_for() {
    let library = library();
    let score = |id: &str, age_months, scale, concern: &str| {
        let concerns: Vec<String> = concern.split_whitespace().map(str::to_owned).collect();
        let asked = Asked { age_months, scale, readings: &[], concerns: &concerns };
        library.score(id).unwrap().score(&asked, library.vitals()).map(|_| ())
    };
    assert_eq!(score("news2", 191, 1, ""), Err(NotScored::Age("news2".into())));
    assert_eq!(score("news2", 192, 2, ""), Ok(()));
    assert_eq!(score("pews", 216, 1, ""), Err(NotScored::Age("pews".into())));
    assert_eq!(score("pews", 24, 2, ""), Err(NotScored::Scale("pews".into(), 2)));
    let unknown = NotScored::Concern("pews".into(), "moon".into());
    assert_eq!(score("pews", 24, 1, "moon"), Err(unknown));
    let by_age = |months| library.score_for(months).map(|scheme| &*scheme.header.id);
    assert_eq!([by_age(0), by_age(191), by_age(192)], [Some("pews"), Some("pews"), Some("news2")]);
}

#[test]
fn a_stored_score_is_compared_with_its_values() {
    let library = library();
    let (vitals, scheme) = (library.vitals(), library.score("news2").unwrap());
    // The published examples: 6 is stored, with 1 for 37.5 °C.
    let values = "rr=21 spo2=93 o2=air sbp=120 hr=95 temp=37.5 c=A";
    let check = |leave_out: &str, total: Option<&str>, part: Option<(&str, &str)>| {
        let taken = pairs(values).into_iter().filter(|(name, _)| *name != leave_out);
        let readings: Vec<_> = taken.map(|(n, v)| reading(vitals, n, v)).collect();
        let asked = Asked { age_months: 600, scale: 1, readings: &readings, concerns: &[] };
        let number = |text: &str| Decimal::parse(text).unwrap();
        let parts = part.into_iter().map(|(code, score)| (code.to_owned(), number(score)));
        let stored = Stored { total: total.map(number), parts: parts.collect() };
        agreement(scheme, &stored, &scheme.score(&asked, vitals).unwrap())
    };
    let temperature = "1104371000000107";
    assert_eq!(check("", Some("5"), Some((temperature, "0"))), Agreement::Agrees);
    assert_eq!(check("", Some("5.0"), None), Agreement::Agrees);
    assert_eq!(check("", Some("6"), None), Agreement::Contradicts);
    assert_eq!(check("", Some("5"), Some((temperature, "1"))), Agreement::Contradicts);
    assert_eq!(check("", None, Some((temperature, "0"))), Agreement::Contradicts);
    assert_eq!(check("temp", Some("6"), None), Agreement::CannotTell);
    assert_eq!(check("temp", Some("8"), None), Agreement::CannotTell);
    assert_eq!(check("temp", Some("9"), None), Agreement::Contradicts);
    assert_eq!(check("temp", Some("4"), None), Agreement::Contradicts);
    assert_eq!(check("temp", Some("6"), Some((temperature, "1"))), Agreement::CannotTell);
    assert_eq!(check("temp", None, None), Agreement::CannotTell);
}

/// Values of all vital signs of a scheme, in tenths where they are numbers.
fn any_readings() -> impl Strategy<Value = Vec<(&'static str, String)>> {
    let tenths = |low: u32, high: u32| {
        (low * 10..=high * 10).prop_map(|tenths| format!("{}.{}", tenths / 10, tenths % 10))
    };
    let code = |codes: &'static [&'static str]| {
        prop::sample::select(codes).prop_map(|code| code.to_owned())
    };
    let all = (
        tenths(0, 200),
        tenths(0, 100),
        code(&["air", "face-mask", "cpap"]),
        tenths(0, 400),
        tenths(0, 400),
        tenths(10, 50),
        code(&["A", "C", "V", "P", "U"]),
        tenths(0, 10),
        code(&["none", "mild", "moderate", "severe"]),
        tenths(0, 9),
    );
    all.prop_map(|(rr, spo2, o2, sbp, hr, temp, c, crt, rd, flow)| {
        // Who breathes air has no flow: then leaving the flow out takes nothing away.
        let flow = if o2 == "air" { "0".to_owned() } else { format!("1{flow}") };
        vec![
            ("rr", rr),
            ("spo2", spo2),
            ("o2", o2),
            ("sbp", sbp),
            ("hr", hr),
            ("temp", temp),
            ("c", c),
            ("crt", crt),
            ("rd", rd),
            ("flow", flow),
        ]
    })
}

proptest! {
    /// Leaving values out makes a score incomplete and never higher; it never becomes complete.
    #[test]
    fn missing_values_never_lower_to_complete(
        values in any_readings(), left_out in any::<u16>(), child in any::<bool>(),
    ) {
        let library = library();
        let vitals = library.vitals();
        let (scheme, age_months) = if child { ("pews", 24) } else { ("news2", 600) };
        let scheme = library.score(scheme).unwrap();
        let score = |keep: &dyn Fn(usize) -> bool| {
            let kept = values.iter().enumerate().filter(|(at, _)| keep(*at));
            let readings: Vec<_> = kept.map(|(_, (n, v))| reading(vitals, n, v)).collect();
            let asked = Asked { age_months, scale: 1, readings: &readings, concerns: &[] };
            scheme.score(&asked, vitals).unwrap()
        };
        let whole = score(&|_| true);
        prop_assert!(whole.total.complete().is_some_and(|total| total <= scheme.maximum));
        let part = score(&|at| left_out >> at & 1 == 0);
        prop_assert!(part.total.at_least() <= whole.total.at_least());
        prop_assert!(part.level <= whole.level);
        if part.total.complete().is_some() {
            let missing = part.parts.iter().filter(|part| part.score.is_none()).count();
            prop_assert_eq!(missing, 0);
        } else {
            prop_assert!(part.level != Some(0), "nobody is told that a patient is well");
        }
        let stored = Stored {
            total: whole.total.complete().map(|n| Decimal::of_parts(false, n.into(), 0)),
            parts: Vec::new(),
        };
        prop_assert_ne!(agreement(scheme, &stored, &part), Agreement::Contradicts);
        prop_assert_eq!(agreement(scheme, &stored, &whole), Agreement::Agrees);
    }

    /// Further from the middle is never better.
    #[test]
    fn totals_rise_away_from_the_middle(a in 0u32..4000, b in 0u32..4000, child in 0u32..240) {
        let library = library();
        let vitals = library.vitals();
        let scheme = library.score_for(child).unwrap();
        for parameter in &scheme.parameters {
            let Rule::Bands { vital, tables, .. } = &parameter.rule else { continue };
            let table = tables.iter().find(|t| t.is_for(child, 1, Some(false))).unwrap();
            let edges = table.bands.edges();
            let best = edges.into_iter().min_by_key(|edge| table.bands.score(*edge)).unwrap();
            let number = |tenths: u32| Decimal::of_parts(false, tenths.into(), -1);
            let (near, far) = (number(a), number(b));
            let same_side = near >= best && far >= near || near <= best && far <= near;
            if same_side {
                let far = table.bands.score(far);
                prop_assert!(table.bands.score(near) <= far, "{vital} {near:?}");
            }
            let _ = vitals;
        }
    }

    /// Values of another unit are converted exactly or refused.
    #[test]
    fn units_are_exact_or_refused(ml in 0u32..70_000) {
        let library = library();
        let flow = library.vitals().of("oxygen-flow").unwrap();
        let given = Decimal::of_parts(false, ml.into(), 0);
        let taken = flow.read(&Given::Quantity(given, "mL/min"), false).unwrap();
        let litres = Value::Number(Decimal::of_parts(false, ml.into(), -3));
        prop_assert_eq!(taken.value, litres);
        for unit in ["[degF]", "kPa", "", "L/h", "l/min "] {
            prop_assert!(flow.read(&Given::Quantity(given, unit), true).is_err());
        }
    }
}
