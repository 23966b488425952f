//! `_text` and `_content`: found in what is seen, before and after a restart.

use super::merges::{found, observation, own, put, store};
use super::*;

/// Tells of an observation that is not there yet, in a reference and in its narrative.
const TELLS: &str = r#"{"resourceType":"Observation","id":"tells","status":"final",
    "text":{"status":"generated","div":"<div xmlns='http://www.w3.org/1999/xhtml'>Quokka <b>rash</b></div>"},
    "code":{"text":"Rash of the left arm"},"subject":{"reference":"Patient/a"},
    "note":[{"text":"looks like Élan, slightly hypertrophic"}],
    "derivedFrom":[{"reference":"Observation/later","display":"Zebra seen"}]}"#;

fn told() -> Store {
    let store = store();
    put(&store, TELLS).unwrap();
    store
}

fn check(store: &Store, who: Arc<Subject>, asked: &str, expect: &[&str]) {
    assert_eq!(found(store, who, &format!("Observation?{asked}&_sort=_id")), expect, "{asked}");
}

#[test]
fn what_is_left_out_is_not_found() {
    let store = told();
    let both = |asked: &str| {
        check(&store, system(), asked, &["tells"]);
        check(&store, own("a"), asked, &["tells"]);
    };
    for asked in [
        "_content=rash",
        "_content=ELAN",
        "_content=hypert*",
        "_content=\"left arm\"",
        "_content=zebu or arm",
        "_content=slightly final",
    ] {
        both(asked);
    }
    for asked in ["_content=zebra", "_content=quokka", "_text=rash", "_content=ze* and arm"] {
        check(&store, system(), asked, &["tells"]);
        check(&store, own("a"), asked, &[]);
    }
    for asked in ["_text=arm", "_content=\"arm left\"", "_content=tells", "_content=div"] {
        check(&store, system(), asked, &[]);
    }
    // It is there once it exists for the asker.
    put(&store, &observation("later", "a")).unwrap();
    both("_content=zebra");
    both("_text=quokka");
}

#[test]
fn words_stay_when_the_store_is_opened_again() {
    let parts = Store::parts();
    let again = Parts {
        log: parts.log.clone(),
        disk: parts.disk.clone(),
        store_key: parts.store_key.clone(),
        clock: parts.clock.clone(),
        rng: parts.rng.clone(),
    };
    let store = Store::with(parts, AnswerLimits::default());
    for n in 0..150 {
        let body =
            TELLS.replace("\"tells\"", &format!("\"o-{n}\"")).replace("Rash", &format!("w{n}"));
        put(&store, &body).unwrap();
    }
    let asked =
        ["_content=w7", "_content=w140", "_text=quokka&_id=o-3", "_content=\"w149 of the\""];
    let expect = ["o-7", "o-140", "o-3", "o-149"];
    let compare = |store: &Store| {
        asked.iter().zip(expect).for_each(|(asked, id)| check(store, system(), asked, &[id]));
    };
    compare(&store);
    drop(store);
    let mut faults = Vec::new();
    crate::check::check_parts(&again, 64, &mut |fault| faults.push(fault)).unwrap();
    assert!(faults.is_empty(), "{faults:?}");
    compare(&Store::with(again, AnswerLimits::default()));
}

#[test]
fn conditions_of_writes_ask_for_no_words() {
    let store = told();
    let failure = store.ask(system(), create(PATIENT, "_content=a")).unwrap_err();
    assert_eq!(failure.category, Category::Invalid);
}
