use proptest::prelude::*;

use super::*;
use crate::ast::Literal;
use crate::error::ParseErrorKind::*;

fn read(text: &str) -> Expr {
    parse(text, Limits::default()).unwrap_or_else(|e| panic!("{text}: {e}"))
}

/// Both texts are the same tree.
fn same(short: &str, bracketed: &str) {
    assert_eq!(read(short), read(bracketed), "{short}");
}

fn prints(text: &str, expect: &str) {
    assert_eq!(read(text).to_string(), expect);
}

fn fails(text: &str, offset: usize, kind: ParseErrorKind) {
    assert_eq!(parse(text, Limits::default()), Err(ParseError { offset, kind }), "{text}");
}

#[test]
fn operators_bind_as_the_grammar_says() {
    same("a.b.c", "((a).b).c");
    same("-a.b", "-(a.b)");
    same("a | b is C", "a | (b is C)");
    same("a is B | c", "(a is B) | c");
    same("a + b is C", "(a + b) is C");
    same("a * b + c", "(a * b) + c");
    same("a - b - c", "(a - b) - c");
    same("a & b | c", "(a & b) | c");
    same("a | b > c", "(a | b) > c");
    same("a < b = c", "(a < b) = c");
    same("a = b in c", "(a = b) in c");
    same("a in b and c", "(a in b) and c");
    same("a and b or c and d", "(a and b) or (c and d)");
    same("a or b implies c xor d", "(a or b) implies (c xor d)");
    same("a implies b implies c", "(a implies b) implies c");
    same("a.exists() and a != false", "(a.exists()) and (a != false)");
    same("a as B[0]", "(a as B)[0]");
    same("a div b mod c", "(a div b) mod c");
}

#[test]
fn spans_are_those_of_the_text() {
    let expr = read(" a.b | c.where( d = 'x' )");
    let ExprKind::Binary { left, right, .. } = &expr.kind else { panic!() };
    assert_eq!((expr.span.clone(), left.span.clone(), right.span.clone()), (1..25, 1..4, 7..25));
}

#[test]
fn literals() {
    for (text, expect) in [
        ("{}", Literal::Empty),
        ("true", Literal::Boolean(true)),
        (r"'it\'s \u00e9\n'", Literal::String("it's é\n".to_owned())),
        (r"'\ud83e\uddb6 \q\u12'", Literal::String("🦶 qu12".to_owned())),
        ("12L", Literal::Long("12".to_owned())),
        ("1.50", Literal::Number("1.50".to_owned())),
        ("@2026", Literal::Date("2026".to_owned())),
        ("@2026-11-21", Literal::Date("2026-11-21".to_owned())),
        ("@2026T", Literal::DateTime("2026T".to_owned())),
        ("@2026-11-21T10", Literal::DateTime("2026-11-21T10".to_owned())),
        ("@2026-11-21T10:00:01.5+01:00", {
            Literal::DateTime("2026-11-21T10:00:01.5+01:00".to_owned())
        }),
        ("@T10:00", Literal::Time("10:00".to_owned())),
        ("4 'mg'", Literal::Quantity { value: "4".to_owned(), unit: "mg".to_owned() }),
        ("4 days", Literal::Duration { value: "4".to_owned(), unit: "days".to_owned() }),
    ] {
        assert_eq!(read(text).kind, ExprKind::Literal(expect.clone()), "{text}");
        assert_eq!(read(&expect.to_string()).kind, ExprKind::Literal(expect));
    }
}

#[test]
fn printing_uses_the_fewest_brackets() {
    prints("((a).b) | (c)", "a.b | c");
    prints("(a | b).c", "(a | b).c");
    prints("a - (b - c)", "a - (b - c)");
    prints("(-a).b", "(-a).b");
    prints("(x as FHIR.Quantity).value", "(x as FHIR.Quantity).value");
    prints("`div`.`a b`.as(`Quantity`)", "`div`.`a b`.as(Quantity)");
    prints("is is `is` // the end", "is is is");
    prints("%`vs-x` = %'us' /* comment */ + $this", "%`vs-x` = %us + $this");
    prints("1.toString()", "1.toString()");
}

#[test]
fn faults_are_located() {
    fails("", 0, UnexpectedEnd);
    fails("a.", 2, UnexpectedEnd);
    fails("a b", 2, UnexpectedToken);
    fails("a.where(", 8, UnexpectedEnd);
    fails("a.where(b", 9, UnexpectedEnd);
    fails("a and", 5, UnexpectedEnd);
    fails("and", 0, UnexpectedToken);
    fails("a.'b'", 2, UnexpectedToken);
    fails("'abc", 0, Unclosed);
    fails("a /* b", 2, Unclosed);
    fails(r"'\ud800'", 1, Escape);
    fails("@20", 0, Date);
    fails("@T", 0, Date);
    fails("a # b", 2, UnexpectedCharacter);
    fails("$that", 1, UnexpectedToken);
    fails("a is 4", 5, UnexpectedToken);
    fails("é", 0, UnexpectedCharacter);
}

#[test]
fn depth_and_length_are_bounded() {
    let nested = |n: usize| format!("{}a{}", "(".repeat(n), ")".repeat(n));
    assert!(parse(&nested(90), Limits::default()).is_ok());
    for deep in [nested(200), format!("{}1", "-".repeat(200)), format!("a{}", ".b".repeat(200))] {
        let kind = parse(&deep, Limits::default()).unwrap_err().kind;
        assert_eq!(kind, TooDeep, "{deep}");
    }
    assert_eq!(parse(&"a".repeat(20_000), Limits::default()).unwrap_err().kind, TooLong);
}

fn name() -> impl Strategy<Value = String> {
    prop_oneof![
        4 => "[a-zA-Z_][a-zA-Z0-9_]{0,5}",
        1 => prop::sample::select(vec!["is", "as", "in", "contains", "and", "true", "div", "day"])
            .prop_map(str::to_owned),
        1 => "[ -~é\n]{0,4}",
    ]
}

fn literal() -> impl Strategy<Value = Literal> {
    prop_oneof![
        Just(Literal::Empty),
        any::<bool>().prop_map(Literal::Boolean),
        "\\PC{0,6}".prop_map(Literal::String),
        "[0-9]{1,4}(\\.[0-9]{1,3})?".prop_map(Literal::Number),
        "[0-9]{4}(-[0-9]{2}){0,2}".prop_map(Literal::Date),
        "[0-9]{4}-[0-9]{2}-[0-9]{2}T([0-9]{2}(:[0-9]{2})?(Z|[+]01:00)?)?"
            .prop_map(Literal::DateTime),
        "[0-9]{2}:[0-9]{2}(:[0-9]{2}(\\.[0-9])?)?".prop_map(Literal::Time),
        "[ -~]{0,4}".prop_map(|unit| Literal::Quantity { value: "1.5".to_owned(), unit }),
        Just(Literal::Duration { value: "2".to_owned(), unit: "months".to_owned() }),
    ]
}

fn expr() -> impl Strategy<Value = Expr> {
    let leaf = prop_oneof![
        literal().prop_map(ExprKind::Literal),
        name().prop_map(ExprKind::Constant),
        Just(ExprKind::Variable(Variable::Index)),
        name().prop_map(|name| ExprKind::Member { on: None, name }),
    ];
    leaf.prop_map(|kind| Expr::new(kind, 0..0)).prop_recursive(5, 40, 3, |inner| {
        let boxed = inner.clone().prop_map(Box::new);
        let ops =
            ["*", "-", "&", "|", "<=", "<", "=", "!~", "in", "contains", "and", "xor", "implies"];
        let op = prop::sample::select(ops.to_vec()).prop_map(|sign| operator(sign).unwrap());
        let types = prop::collection::vec(name(), 1..3).prop_map(TypeName);
        prop_oneof![
            (boxed.clone(), name()).prop_map(|(on, name)| ExprKind::Member { on: Some(on), name }),
            (prop::option::of(boxed.clone()), name(), prop::collection::vec(inner, 0..3))
                .prop_map(|(on, name, args)| ExprKind::Call { on, name, args }),
            (boxed.clone(), boxed.clone()).prop_map(|(on, index)| ExprKind::Index { on, index }),
            (any::<bool>(), boxed.clone())
                .prop_map(|(negative, on)| ExprKind::Polarity { negative, on }),
            (boxed.clone(), types).prop_map(|(on, name)| ExprKind::Type {
                op: TypeOp::As,
                on,
                name
            }),
            (op, boxed.clone(), boxed).prop_map(|(op, left, right)| ExprKind::Binary {
                op,
                left,
                right
            }),
        ]
        .prop_map(|kind| Expr::new(kind, 0..0))
    })
}

proptest! {
    #[test]
    fn printed_expressions_read_back_the_same(expr in expr()) {
        let text = expr.to_string();
        prop_assert_eq!(parse(&text, Limits::default()), Ok(expr), "{}", text);
    }

    #[test]
    fn no_text_panics(text in "\\PC{0,40}") {
        let _ = parse(&text, Limits::default());
    }

    #[test]
    fn no_tokens_panic(tokens in prop::collection::vec(prop::sample::select(vec![
        "a", ".", "(", ")", "[", "]", "{", "}", "'x'", "`", "'", "\\", "1", "1.5", "@", "@2020T", "is", "as",
        "and", "|", "-", "=", "!", "%", "$this", ",", "//", "/*", "*/", "where(", " ", "é", "\\u",
    ]), 0..30)) {
        if let Ok(expr) = parse(&tokens.concat(), Limits::default()) {
            prop_assert_eq!(parse(&expr.to_string(), Limits::default()), Ok(expr));
        }
    }
}
