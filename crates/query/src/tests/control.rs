//! Parameters that say how to answer, what is not supported, and bounds.

use super::super::*;
use super::{check, ignore, query, read, refuse};

#[test]
fn control_parameters() {
    let default = query("Patient", "_format=json&_pretty=true");
    assert_eq!((default.count, default.total, default.count_only), (DEFAULT_COUNT, None, false));
    check("Patient", "_count=0", "_count=0");
    assert!(query("Patient", "_count=0").count_only);
    check("Patient", "_count=5&_summary=count&_total=none", "_count=5&_summary=count&_total=none");
    assert_eq!(query("Patient", "_count=99999999999999999999").count, MAX_COUNT);
    check("Patient", "_sort=-_lastUpdated,_id,_id", "_sort=-_lastUpdated,_id");
    check("Encounter", "_sort=-date,date", "_sort=-date,date");
    check("*", "_type=Patient,Observation,Patient&_id=1", "_id=1&_type=Observation,Patient");
    check("*", "_tag=a&_lastUpdated=2020", "_tag=a&_lastUpdated=2020");
    check("Patient", "_cursor=a%2Fb%3D", "_cursor=a/b%3D");
    refuse("Patient", "_count=-1", "`_count` is a number from 0, not `-1`");
    refuse("Patient", "_count=1&_count=2", "parameter `_count` is given more than once");
    refuse("Patient", "_sort:asc=_id", "parameter `_sort` has no modifier `:asc`");
    refuse("Patient", "_total=x", "`_total` is `none`, `estimate` or `accurate`, not `x`");
    refuse("*", "_type=Foo", "`Foo` is not a resource type");
    refuse("Patient", "_id=s|1", "`_id` takes ids without a system");
    ignore("Patient", "_type=Patient", "`_type` belongs to a search over all types");
    check("Patient", "_sort=-birthdate,name,_id", "_sort=-birthdate,name,_id");
    ignore("Patient", "_sort=colour", "sorting by `colour` is not supported");
    ignore("*", "_sort=name", "sorting by `name` is not supported");
    check("Patient", "_summary=text", "_summary=text");
    check("Patient", "_summary=false&_elements=name,id,name", "_elements=id,name");
    let both = "`_elements` and `_summary` do not go together";
    refuse("Patient", "_elements=name&_summary=true", both);
    refuse("Patient", "_summary=x", "`_summary` has no value `x`");
    let deep = "`name.family` is not an element at the root of a resource";
    refuse("Patient", "_elements=name.family", deep);
    check("Patient", "_list=l1,l2", "_list=l1,l2");
    for both in ["_contained=true", "_contained=both&_containedType=contained"] {
        check("Patient", both, both);
    }
    check("Patient", "_contained=true&_containedType=container", "_contained=true");
    check("Patient", "_containedType=contained", "");
    check("Patient", "_contained=true&_sort=-_lastUpdated", "_contained=true&_sort=-_lastUpdated");
    let wrong = "`_contained` is `true`, `false` or `both`, not `x`";
    refuse("Patient", "_contained=x", wrong);
    let wrong = "`_containedType` is `container` or `contained`, not `x`";
    refuse("Patient", "_containedType=x", wrong);
    for (name, rest) in [
        ("_has:Observation:subject:code", "=a"),
        ("_list", "=a"),
        ("_content", "=a"),
        ("_sort", "=name"),
        ("_sort", "=_id"),
        ("_include", "=Patient:organization"),
    ] {
        let wrong = format!("`{name}` does not go together with `_contained`");
        refuse("Patient", &format!("_contained=both&{name}{rest}"), &wrong);
    }
}

#[test]
fn what_is_not_there_is_an_error_or_ignored() {
    ignore("Patient", "colour=red", "parameter `colour` is not known for Patient");
    ignore("*", "name=x", "parameter `name` is not known for all types");
    ignore("Patient", "name=", "parameter `name` has no value");
    ignore("Patient", "_filter=x", "parameter `_filter` is not supported");
    let issues = read("Patient", "gender=|&birthdate=x&foo%60%0A=1", Handling::Strict).unwrap_err();
    let places: Vec<_> = issues.iter().map(|i| i.expression.as_deref().unwrap()).collect();
    assert_eq!(places, ["http.gender", "http.birthdate", "http.foo\u{fffd}\u{fffd}"]);
}

#[test]
fn a_search_has_bounds() {
    let many = |n: usize, pair: &str| vec![pair; n].join("&");
    refuse("Patient", &many(65, "gender=male"), "a search has at most 64 parameters");
    let list = format!("_id={}", vec!["x"; 2001].join(","));
    refuse("Patient", &list, "a search has at most 2000 values");
    let long = format!("name={}", "x".repeat(70_000));
    refuse("Patient", &long, "a search has at most 65536 bytes of parameters");
    assert_eq!(query("Patient", &many(64, "gender=male")).clauses.len(), 64);
}

#[test]
fn what_comes_with_matches() {
    check("Observation", "_include=Observation:subject", "_include=Observation:subject");
    check("Observation", "_include=*", "_include=*:*");
    let text = "_include:iterate=Observation:subject:Patient&_revinclude=Provenance:target";
    check("Observation", text, text);
    check("Patient", "_revinclude:recurse=*:*", "_revinclude:iterate=*:*");
    check("Patient", "_include=Patient:*&_include=Patient:*", "_include=Patient:*");
    refuse("Patient", "_include:x=*", "`_include` has no modifier `:x`");
    refuse("Patient", "_include=Foo:x", "`Foo` is not a resource type");
    refuse("Observation", "_include=Observation:code", "`Observation:code` is no reference");
    let form =
        "`Observation` is not one of `Type:reference`, `Type:reference:Type`, `Type:*` or `*`";
    refuse("Observation", "_include=Observation", form);
    let wrong = "`Observation:subject:Encounter` does not refer to a Encounter";
    refuse("Observation", "_include=Observation:subject:Encounter", wrong);
}

#[test]
fn what_costs_most_has_a_name() {
    let costliest = |text: &str| query("Observation", text).costliest();
    assert_eq!(costliest(""), None);
    assert_eq!(costliest("code=x&date=2020"), Some("date".to_owned()));
    assert_eq!(costliest("date=2020&code:text=x"), Some("code:text".to_owned()));
    let chained = costliest("subject:Patient.name:contains=x&code-value-quantity=x$1&date=2020");
    assert_eq!(chained, Some("subject:Patient.name:contains".to_owned()));
}
