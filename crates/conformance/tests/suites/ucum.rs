//! The functional tests of UCUM.

use accord_ucum::{Ratio, Unit, convert, decimal, divide, multiply};
use roxmltree::Node;

use crate::suite;

type Outcome = Result<(), String>;

#[test]
fn ucum() {
    let Some(files) = suite::files("ucum") else { return };
    let document = roxmltree::Document::parse(&files["ucum/UcumFunctionalTests.xml"]).unwrap();
    let mut results = Vec::new();
    for case in document.descendants().filter(|node| node.has_tag_name("case")) {
        let kind = case.parent_element().unwrap().tag_name().name();
        let outcome = match kind {
            "validation" => validation(case),
            "displayNameGeneration" => display(case),
            "conversion" => conversion(case),
            "multiplication" => product(case, false),
            "division" => product(case, true),
            _ => Err(format!("unknown kind `{kind}`")),
        };
        let name = format!("{kind} {}", case.attribute("id").unwrap());
        results.push((name, outcome));
    }
    suite::judge("ucum", &results);
}

fn validation(case: Node<'_, '_>) -> Outcome {
    let expect = case.attribute("valid") == Some("true");
    let found = Unit::parse(case.attribute("unit").unwrap());
    if found.is_ok() == expect { Ok(()) } else { Err(format!("{case:?}: {found:?}")) }
}

fn display(case: Node<'_, '_>) -> Outcome {
    let unit = unit(case, "unit")?;
    same(unit.display(), case.attribute("display").unwrap())
}

fn conversion(case: Node<'_, '_>) -> Outcome {
    let (from, to) = (unit(case, "srcUnit")?, unit(case, "dstUnit")?);
    let found = convert(&number(case, "value"), &from, &to).map_err(|e| e.to_string())?;
    rounded(&found, case.attribute("outcome").unwrap())
}

fn product(case: Node<'_, '_>, quotient: bool) -> Outcome {
    let (left, right) = (unit(case, "u1")?, unit(case, "u2")?);
    let pair = ((&number(case, "v1"), &left), (&number(case, "v2"), &right));
    let found = if quotient { divide(pair.0, pair.1) } else { multiply(pair.0, pair.1) };
    let (value, base) = found.map_err(|e| e.to_string())?;
    let base = Unit::parse(&base.to_string()).map_err(|e| e.to_string())?;
    let value = convert(&value, &base, &unit(case, "uRes")?).map_err(|e| e.to_string())?;
    rounded(&value, case.attribute("vRes").unwrap())
}

fn unit(case: Node<'_, '_>, name: &str) -> Result<Unit, String> {
    Unit::parse(case.attribute(name).unwrap()).map_err(|e| e.to_string())
}

fn number(case: Node<'_, '_>, name: &str) -> Ratio {
    decimal::read(case.attribute(name).unwrap()).unwrap()
}

/// The value to as many digits as are expected.
fn rounded(found: &Ratio, expect: &str) -> Outcome {
    let mantissa = expect.split('e').next().unwrap();
    let digits = mantissa.replace('.', "");
    let digits = digits.trim_start_matches('0').len() as u32;
    let expect = decimal::show(&decimal::read(expect).unwrap(), 60);
    same(&decimal::show(found, digits), &expect)
}

fn same(found: &str, expect: &str) -> Outcome {
    if found == expect { Ok(()) } else { Err(format!("gives `{found}`, not `{expect}`")) }
}

#[test]
fn the_tables_are_those_of_the_essence() {
    let Some(files) = suite::files("ucum") else { return };
    let document = roxmltree::Document::parse(&files["ucum/ucum-essence.xml"]).unwrap();
    let mut count = 0;
    for node in document.root_element().children().filter(Node::is_element) {
        let code = node.attribute("Code").unwrap();
        count += 1;
        if node.has_tag_name(("http://unitsofmeasure.org/ucum-essence", "unit")) {
            let value = node.children().find(|n| n.tag_name().name() == "value").unwrap();
            let own = Unit::parse(code).unwrap();
            if node.attribute("isSpecial") == Some("yes")
                || node.attribute("isArbitrary") == Some("yes")
            {
                continue;
            }
            let definition = Unit::parse(value.attribute("Unit").unwrap()).unwrap();
            let factor = decimal::read(value.attribute("value").unwrap()).unwrap();
            assert_eq!(own.canonical().dimension, definition.canonical().dimension, "{code}");
            assert_eq!(own.canonical().factor, factor * &definition.canonical().factor, "{code}");
        }
    }
    assert_eq!(count, 336);
}
