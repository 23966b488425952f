//! Every expression of the official search parameters parses and compiles.

use std::io::Read;
use std::path::Path;

use accord_fhirpath::{Limits, compile, parse};
use accord_spec::{ResourceType, TypeId, TypeKind, params, params_of};

/// Expressions that the package defines and that cannot be evaluated, with the reason.
const EXCEPTIONS: &[(&str, &str)] = &[];

fn compiles(text: &str, on: TypeId) -> Result<(), String> {
    let expr = parse(text, Limits::default()).map_err(|e| e.to_string())?;
    let again = parse(&expr.to_string(), Limits::default()).map_err(|e| e.to_string())?;
    assert_eq!(expr, again, "{text}");
    compile(&expr, on, Limits::default()).map(|_| ()).map_err(|e| e.to_string())
}

#[test]
fn expressions_of_the_tables_compile() {
    let mut count = 0;
    for resource in ResourceType::ALL {
        for param in params_of(resource).iter().filter(|p| !p.expression.is_empty()) {
            let done = compiles(param.expression, resource.type_id());
            assert_eq!(done, Ok(()), "{resource}: {}", param.expression);
            count += 1;
        }
    }
    assert!(count > 2_000, "{count}");
    assert!(params().len() > 1_500);
}

#[test]
fn expressions_of_the_package_compile_for_every_base() {
    let package = Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("../../../shared/fhir/hl7.fhir.r4.core-4.0.1.tgz");
    let Ok(file) = std::fs::File::open(package) else {
        println!("skipped: ../shared is not there");
        return;
    };
    let mut archive = tar::Archive::new(flate2::read::GzDecoder::new(file));
    let mut count = 0;
    for entry in archive.entries().unwrap() {
        let mut entry = entry.unwrap();
        let name = entry.path().unwrap().display().to_string();
        if !name.contains("/SearchParameter-") {
            continue;
        }
        let mut text = String::new();
        entry.read_to_string(&mut text).unwrap();
        let definition: serde_json::Value = serde_json::from_str(&text).unwrap();
        let Some(expression) = definition["expression"].as_str() else { continue };
        for base in definition["base"].as_array().unwrap() {
            let on = TypeId::from_name(base.as_str().unwrap()).unwrap();
            assert!(matches!(on.kind(), TypeKind::Resource | TypeKind::Abstract));
            let excepted = EXCEPTIONS.iter().any(|(e, _)| *e == expression);
            assert_eq!(
                compiles(expression, on).is_err(),
                excepted,
                "{name} {base}: {expression} {:?}",
                compiles(expression, on)
            );
            count += 1;
        }
    }
    assert!(count > 1_390, "{count}");
}
