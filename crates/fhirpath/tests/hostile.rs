//! Hostile expressions: none panics, all are bounded, what parses prints as itself.
#![allow(clippy::panic, clippy::unwrap_used, reason = "tests")]

use accord_fhir::json;
use accord_fhirpath::{Element, Env, EvalError, Limits, UNTYPED, compile, parse};
use proptest::prelude::*;

const DOCUMENT: &str = r#"{"resourceType":"Patient","active":true,"birthDate":"1970-01",
  "name":[{"given":["a","é"],"_given":[null,{"id":"1"}]},{"family":"B"}],"deceasedDateTime":"2020-01-01T10:00Z",
  "extension":[{"url":"u","valueQuantity":{"value":1e2,"unit":"g","system":"http://unitsofmeasure.org","code":"g"}},
     {"url":"v","valueDecimal":-0.50}],"multipleBirthInteger":2147483647}"#;

/// Evaluates with few steps; whatever comes out is fine.
fn evaluated(text: &str, typed: bool) -> Option<Result<usize, EvalError>> {
    let limits = Limits { steps: 20_000, ..Limits::default() };
    let expr = parse(text, limits).ok()?;
    assert_eq!(parse(&expr.to_string(), limits).as_ref(), Ok(&expr), "{text}");
    let tape = json::parse(DOCUMENT.as_bytes(), json::Limits::default()).unwrap();
    let (on, env) = match Element::resource(tape.root()).filter(|_| typed) {
        Some(on) => (on, Env::new(tape.root(), &|_| None)),
        None => (Element::untyped(tape.root()), Env::new(tape.root(), &|_| None).untyped()),
    };
    let plan = compile(&expr, if typed { on.ty } else { UNTYPED }, limits).ok()?;
    let env = env.at(1_795_341_600_000_000);
    Some(plan.items(&env, on).map(|items| items.len()))
}

fn operand() -> impl Strategy<Value = String> {
    let pieces = vec![
        "name.given",
        "name",
        "birthDate",
        "deceased",
        "extension.value",
        "multipleBirth",
        "$this",
        "$index",
        "$total",
        "active",
        "1",
        "-0.5",
        "9999999999999999999999999999999999999.9",
        "1L",
        "'a'",
        "''",
        "'2020-01'",
        "{}",
        "true",
        "@2020",
        "@2020-02-29T23:59:60+14:00",
        "@T10:30",
        "4 'mg'",
        "1 'Cel'",
        "2 months",
        "1 'a'",
        "0",
        "(1|2|3)",
        "%context",
        "9223372036854775807",
        "descendants()",
        "now()",
    ];
    prop::sample::select(pieces).prop_map(str::to_owned)
}

/// Expressions of a few levels, from every family of functions and operators.
fn expression() -> impl Strategy<Value = String> {
    operand().prop_recursive(4, 24, 3, |inner| {
        let operators = prop::sample::select(vec![
            "+", "-", "*", "/", "div", "mod", "&", "|", "=", "~", "!=", "!~", "<", "<=", ">", ">=",
            "in", "contains", "and", "or", "xor", "implies",
        ]);
        let none = prop::sample::select(vec![
            "count",
            "first",
            "last",
            "tail",
            "single",
            "distinct",
            "isDistinct",
            "allTrue",
            "abs",
            "ceiling",
            "floor",
            "round",
            "exp",
            "ln",
            "sqrt",
            "truncate",
            "toString",
            "toInteger",
            "toDecimal",
            "toDate",
            "toDateTime",
            "toTime",
            "toQuantity",
            "toBoolean",
            "children",
            "lower",
            "upper",
            "trim",
            "toChars",
            "length",
            "lowBoundary",
            "highBoundary",
            "sort",
            "precision",
            "type",
            "hasValue",
            "getValue",
            "sum",
            "avg",
            "min",
            "max",
            "not",
            "empty",
            "descendants",
            "htmlChecks",
            "convertsToQuantity",
            "yearOf",
            "resolve",
            "exists",
        ]);
        let one = prop::sample::select(vec![
            "where",
            "select",
            "all",
            "repeat",
            "repeatAll",
            "exists",
            "aggregate",
            "sort",
            "skip",
            "take",
            "union",
            "combine",
            "intersect",
            "exclude",
            "subsetOf",
            "indexOf",
            "startsWith",
            "contains",
            "matches",
            "split",
            "join",
            "log",
            "power",
            "round",
            "lowBoundary",
            "highBoundary",
            "comparable",
            "toQuantity",
            "encode",
            "decode",
            "escape",
            "unescape",
        ]);
        let two = prop::sample::select(vec![
            "iif",
            "substring",
            "replace",
            "replaceMatches",
            "aggregate",
        ]);
        prop_oneof![
            (inner.clone(), operators, inner.clone())
                .prop_map(|(l, op, r)| format!("({l} {op} {r})")),
            (inner.clone(), none).prop_map(|(on, name)| format!("({on}).{name}()")),
            (inner.clone(), one, inner.clone())
                .prop_map(|(on, name, arg)| format!("({on}).{name}({arg})")),
            (inner.clone(), two, inner.clone(), inner.clone())
                .prop_map(|(on, name, a, b)| format!("({on}).{name}({a}, {b})")),
            (inner.clone(), inner.clone()).prop_map(|(on, at)| format!("({on})[{at}]")),
            inner.prop_map(|on| format!("-({on})")),
        ]
    })
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 2000, ..ProptestConfig::default() })]

    #[test]
    fn no_expression_panics(text in expression(), typed in any::<bool>()) {
        let _ = evaluated(&text, typed);
    }

    #[test]
    fn no_text_panics(text in r"[a-z$%@'`\\.()\[\]|&+*/<>=~0-9TZ: -]{0,40}") {
        let _ = evaluated(&text, true);
    }
}

#[test]
fn precisions_that_do_not_exist_have_no_boundary() {
    for value in ["@T10:30", "@2020", "@2020-02-29T10:00Z", "1.5", "4 'mg'"] {
        for digits in ["9223372036854775807", "-9223372036854775807", "29"] {
            for function in ["lowBoundary", "highBoundary"] {
                let text = format!("({value}).{function}({digits})");
                assert_eq!(evaluated(&text, false), Some(Ok(0)), "{text}");
            }
        }
    }
}

#[test]
fn what_grows_is_stopped() {
    let bombs = [
        "(1).repeatAll($this)",
        "name.repeatAll($this | $this)",
        "('aaaaaaaaaa').replace('a', 'aaaaaaaaaa').replace('a', 'aaaaaaaaaa').replace('a', 'aaaaaaaaaa').replace('a', 'aaaaaaaaaa')",
        "('a' & 'b').toChars().aggregate($total & $total & 'xxxxxxxxxxxxxxxxxxxxxxxxxxxxx', 'yyy').repeatAll($this & $this)",
        "descendants().select(%context.descendants().select(%context.descendants().select(%context.descendants())))",
        "('aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa').matches('(a*)*(a*)*(a*)*(a*)*(a*)*b')",
    ];
    for bomb in bombs {
        let found = evaluated(bomb, true);
        assert!(matches!(found, Some(Err(EvalError::TooManySteps))), "{bomb}: {found:?}");
    }
    assert_eq!(
        evaluated("'aaaa'.matches('(a{1000}){1000}')", true).map(|r| r.is_err()),
        Some(true)
    );
}
