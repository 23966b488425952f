//! Composites, places, and the modifiers of tokens, references and uris.

use super::*;

#[test]
fn composites_have_a_value_for_each_component() {
    let text = "code-value-quantity=http://loinc.org|8480-6$gt140|http://unitsofmeasure.org|mm[Hg]";
    let Test::Composite(any_of) = test("Observation", text) else { panic!("a composite") };
    assert!(matches!(any_of[0].as_slice(), [Test::Token { .. }, Test::Quantity(_)]));
    let canonical = "code-value-quantity=http://loinc.org%7C8480-6$gt140%7Chttp://unitsofmeasure.org%7Cmm%5BHg%5D";
    check("Observation", text, canonical);
    check("Observation", "code-value-string=a\\$b$c,d$e", "code-value-string=a%5C$b$c,d$e");
    refuse("Observation", "code-value-date=a", "`a` is not 2 values joined by `$`");
    refuse("Observation", "code-value-date=a$b$c", "`a$b$c` is not 2 values joined by `$`");
    refuse("Observation", "code-value-date=a$b", "`b` does not begin with a known prefix");
    refuse(
        "Observation",
        "code-value-date:missing=true",
        "composite parameter `code-value-date` has no modifier `:missing`",
    );
    ignore("Observation", "_sort=code-value-date", "sorting by `code-value-date` is not supported");
}

#[test]
fn every_composite_can_be_asked_for() {
    for of in ResourceType::ALL {
        let composite = |p: &&&accord_spec::SearchParam| p.kind.name() == "composite";
        for param in accord_spec::params_of(of).iter().filter(composite) {
            assert!(param.components.len() > 1, "{of} {}", param.code);
            let value = |c: &accord_spec::Component| match accord_spec::param_by_id(c.param)
                .unwrap()
                .kind
                .name()
            {
                "date" => "2020",
                _ => "1",
            };
            let values: Vec<&str> = param.components.iter().map(value).collect();
            let text = format!("{}={}", param.code, values.join("$"));
            query(of.name(), &text);
        }
    }
}

#[test]
fn places_are_near() {
    let near = |text: &str| match test("Location", text) {
        Test::Near(values) => values[0].clone(),
        other => panic!("{other:?}"),
    };
    assert_eq!(near("near=42.25|-83.7|11.2|km").metres, 11_200.0);
    assert_eq!(near("near=42.25|-83.7").metres, 10_000.0);
    assert_eq!(near("near=-42.25|-83.7|2").metres, 2000.0);
    assert_eq!(near("near=0|0|1|[mi_i]").metres, 1609.344);
    check("Location", "near=1|2,3|4|5|m", "near=1%7C2,3%7C4%7C5%7Cm");
    for (text, expect) in [
        ("near=1", "`1` is not a place: `latitude|longitude|distance|units`"),
        ("near=1|2|3|km|x", "`1|2|3|km|x` is not a place: `latitude|longitude|distance|units`"),
        ("near=lt1|2", "`near` takes no prefix: `lt1|2`"),
        ("near=91|2", "`91` is no latitude: degrees from -90 to 90"),
        ("near=1|181", "`181` is no longitude: degrees from -180 to 180"),
        ("near=1|2|-3|km", "`-3` is no distance from 0"),
        ("near=1|2|x|km", "`x` is no distance from 0"),
        ("near=1|2|3|kg", "`kg` is not a unit of length (UCUM)"),
    ] {
        refuse("Location", text, expect);
    }
}

#[test]
fn modifiers() {
    check("Patient", "identifier:of-type=http://t|MR|5", "identifier:of-type=http://t%7CMR%7C5");
    refuse("Patient", "identifier:of-type=MR|5", "`MR|5` is not `system|code|value`");
    refuse("Patient", "identifier:of-type=t||5", "`t||5` is not `system|code|value`");
    check("Observation", "code:text=Blood  PRESS", "code:text=Blood%20%20PRESS");
    check("Observation", "subject:identifier=http://s|1", "subject:identifier=http://s%7C1");
    check("ValueSet", "url:below=http://a/b/", "url:below=http://a/b/");
    check("ValueSet", "url:above=http://a/b/c", "url:above=http://a/b/c");
    check("Patient", "_contained=false", "");
    check("Patient", "_id:missing=false", "_id:missing=false");
    check("Patient", "_lastUpdated:missing=true", "_lastUpdated:missing=true");
    refuse("Patient", "name:text=x", "modifier `:text` of parameter `name` is not supported");
}
