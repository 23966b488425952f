//! Each grammar against hand-picked texts, and against the regular expressions that the official
//! definitions give (written out here as facts).

use accord_spec::Primitive::{self, *};
use proptest::prelude::*;

use super::{JsonType, json_type, number, text};

fn accepts(primitive: Primitive, input: &str) -> bool {
    match json_type(primitive) {
        JsonType::Number => number(primitive, input).is_none(),
        _ => text(primitive, input).is_none(),
    }
}

fn check(primitive: Primitive, good: &[&str], bad: &[&str]) {
    for input in good {
        assert!(accepts(primitive, input), "{primitive:?} refuses `{input}`");
    }
    for input in bad {
        assert!(!accepts(primitive, input), "{primitive:?} accepts `{input}`");
    }
}

#[test]
fn numbers() {
    check(Integer, &["0", "-0", "-2147483648", "2147483647"], &["2147483648", "1.0", "1e2"]);
    check(UnsignedInt, &["0", "2147483647"], &["-1", "-0", "2147483648", "0.5"]);
    check(PositiveInt, &["1", "2147483647"], &["0", "-1", "2147483648", "1.0"]);
    check(Decimal, &["0", "-0.10", "1e400", "12345678901234567890.000000000000000000001"], &[]);
}

#[test]
fn texts() {
    check(String, &["x", " x ", "é\n\t\r", " ", "\u{7f}"], &["", "\u{0}", "a\u{1f}b"]);
    check(Markdown, &["# x\n\ny"], &["", "\u{8}"]);
    check(Code, &["a", "a b", "a\u{a0}"], &["", " ", " a", "a ", "a  b", "a\tb", "a\nb"]);
    check(
        Base64Binary,
        &["TQ==", "TWE=", "TWFu", "TW Fu\nTWFu", "+/+/"],
        &["", " ", "T", "TQ=", "TQ", "=TWF", "T===", "TQ==TQ==", "TWF-", "TWFé"],
    );
    let long = "é".repeat(1 << 20);
    check(String, &[&long], &[&format!("{long}x")]);
}

#[test]
fn names() {
    let id64 = "x".repeat(64);
    check(Id, &["a", "A-1.b", &id64], &["", "a b", "a_b", "é", &format!("{id64}x")]);
    for uri in [Uri, Url, Canonical] {
        check(
            uri,
            &["http://x.org/a?b#c", "urn:x", "relative", "#a", "http://x|1"],
            &["", " ", "a b"],
        );
    }
    check(
        Oid,
        &["urn:oid:1.2", "urn:oid:2.16.0.840"],
        &[
            "urn:oid:1",
            "urn:oid:3.1",
            "urn:oid:1.02",
            "urn:oid:1..2",
            "urn:oid:1.2.",
            "1.2",
            "urn:oid:",
        ],
    );
    check(
        Uuid,
        &["urn:uuid:c757873d-ec9a-4326-a141-556f43239520"],
        &[
            "c757873d-ec9a-4326-a141-556f43239520",
            "urn:uuid:C757873D-ec9a-4326-a141-556f43239520",
            "urn:uuid:c757873dec9a4326a141556f43239520",
            "urn:uuid:c757873d-ec9a-4326-a141-556f4323952",
        ],
    );
}

#[test]
fn dates() {
    check(
        Date,
        &["2024", "0001", "2024-12", "2024-02-29", "2000-02-29"],
        &[
            "",
            "24",
            "0000",
            "2024-1",
            "2024-13",
            "2024-00",
            "2023-02-29",
            "1900-02-29",
            "2024-04-31",
            "2024-01-01T00:00:00Z",
            "2024-",
            "2024-01-",
            "2024/01",
            "20245",
            "2024-01-001",
        ],
    );
    check(
        DateTime,
        &[
            "2024",
            "2024-12",
            "2024-12-31",
            "2024-12-31T23:59:60Z",
            "2024-12-31T00:00:00.123456789Z",
            "2024-12-31T00:00:00+14:00",
            "2024-12-31T00:00:00-13:59",
        ],
        &[
            "2024-12-31T",
            "2024-12-31T10",
            "2024-12-31T10:00Z",
            "2024-12-31T10:00:00",
            "2024-12-31T24:00:00Z",
            "2024-12-31T10:60:00Z",
            "2024-12-31T10:00:61Z",
            "2024-12-31T10:00:00.Z",
            "2024-12-31T10:00:00+14:01",
            "2024-12-31T10:00:00+1:00",
            "2024-12-31T10:00:00z",
            "2024-12-31t10:00:00Z",
            "2024-12-31 10:00:00Z",
            "2024-12T10:00:00Z",
            "2024-12-31T10:00:00Zx",
        ],
    );
    check(
        Instant,
        &["2024-12-31T10:00:00Z", "2024-12-31T10:00:00.1-05:00"],
        &["2024", "2024-12-31", "2024-12-31T10:00:00", "2024-12-31T10:00Z"],
    );
    check(
        Time,
        &["00:00:00", "23:59:60", "12:00:00.5"],
        &["", "24:00:00", "12:00", "12:00:00Z", "12:00:00.", "1:00:00"],
    );
}

#[test]
fn narratives() {
    let div = |inner: &str| format!("<div xmlns=\"http://www.w3.org/1999/xhtml\">{inner}</div>");
    for good in [
        "",
        "text",
        "<p>x</p>",
        "<br/>",
        "<br />",
        "a &amp; b &#160; &#xA0;",
        "<!-- <b> -->",
        "<p class='a' id=\"b\">x<b>y</b></p>",
        "a > b",
        "<p\n title = \"x\" >y</p >",
    ] {
        check(Xhtml, &[&div(good)], &[]);
    }
    for bad in [
        "<p>",
        "</p>",
        "<p></b>",
        "a & b",
        "&nbsp;",
        "a < b",
        "<p a>x</p>",
        "<p a=b>x</p>",
        "<p a=\"x\"b=\"y\"/>",
        "<p a=\"<\"/>",
        "<?pi?>",
        "<!DOCTYPE x>",
        "<![CDATA[x]]>",
        "<!-- x",
        "&#;",
        "&#x;",
        "<>",
        "< p/>",
        "</div><div>",
    ] {
        check(Xhtml, &[], &[&div(bad)]);
    }
    check(
        Xhtml,
        &[
            "<div xmlns=\"http://www.w3.org/1999/xhtml\"/>",
            " <div xmlns='http://www.w3.org/1999/xhtml'>x</div>\n",
        ],
        &[
            "",
            "x",
            "<div>x</div>",
            "<p xmlns=\"http://www.w3.org/1999/xhtml\">x</p>",
            "<div xmlns=\"http://x.org\">x</div>",
            "<divx/>",
            &format!("{}x", div("")),
            &format!("x{}", div("")),
            &format!("{0}{0}", div("")),
            "<div><p xmlns=\"http://www.w3.org/1999/xhtml\"/></div>",
        ],
    );
}

/// The official regular expressions of the types whose texts they decide.
fn official(primitive: Primitive) -> &'static str {
    const YEAR: &str = "([0-9]([0-9]([0-9][1-9]|[1-9]0)|[1-9]00)|[1-9]000)";
    const CLOCK: &str = "([01][0-9]|2[0-3]):[0-5][0-9]:([0-5][0-9]|60)(\\.[0-9]+)?";
    const ZONE: &str = "(Z|(\\+|-)((0[0-9]|1[0-3]):[0-5][0-9]|14:00))";
    const MONTH: &str = "(0[1-9]|1[0-2])";
    const DAY: &str = "(0[1-9]|[1-2][0-9]|3[0-1])";
    let pattern = match primitive {
        Date => format!("{YEAR}(-{MONTH}(-{DAY})?)?"),
        DateTime => format!("{YEAR}(-{MONTH}(-{DAY}(T{CLOCK}{ZONE})?)?)?"),
        Instant => format!("{YEAR}-{MONTH}-{DAY}T{CLOCK}{ZONE}"),
        Time => CLOCK.to_owned(),
        Id => r"[A-Za-z0-9\-\.]{1,64}".to_owned(),
        Oid => r"urn:oid:[0-2](\.(0|[1-9][0-9]*))+".to_owned(),
        Uuid => "urn:uuid:[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}".to_owned(),
        // White space as XML has it, and only spaces between words, as the text of the type says.
        Code => r"[^ \t\n\r]+( [^ \t\n\r]+)*".to_owned(),
        Integer => "-?([0]|([1-9][0-9]*))".to_owned(),
        UnsignedInt => "[0]|([1-9][0-9]*)".to_owned(),
        PositiveInt => "[1-9][0-9]*".to_owned(),
        other => unreachable!("{other:?} is not compared"),
    };
    format!("^(?:{pattern})$").leak()
}

const COMPARED: &[Primitive] =
    &[Date, DateTime, Instant, Time, Id, Oid, Uuid, Code, Integer, UnsignedInt, PositiveInt];

/// Texts near the grammars: a good one with a few characters changed, cut or added.
fn near_misses() -> impl Strategy<Value = std::string::String> {
    let seeds = prop::sample::select(vec![
        "2024-02-28T23:59:59.999+13:59",
        "1999-12-31",
        "0099",
        "23:59:60",
        "10:00:00.5",
        "urn:oid:1.2.840.0",
        "urn:uuid:c757873d-ec9a-4326-a141-556f43239520",
        "a-b.C9",
        "two words",
        "2147483647",
        "-10",
        "0",
        "2000-10-10T10:10:10Z",
    ]);
    let edit = (
        any::<prop::sample::Index>(),
        prop::sample::select(b"0123459-+:.TZ aft\t".to_vec()),
        0..3u8,
    );
    (seeds, prop::collection::vec(edit, 0..4)).prop_map(|(seed, edits)| {
        let mut bytes = seed.as_bytes().to_vec();
        for (at, byte, kind) in edits {
            match kind {
                0 => bytes.insert(at.index(bytes.len() + 1), byte),
                1 if !bytes.is_empty() => drop(bytes.remove(at.index(bytes.len()))),
                _ if !bytes.is_empty() => {
                    let at = at.index(bytes.len());
                    bytes[at] = byte;
                }
                _ => {}
            }
        }
        std::string::String::from_utf8(bytes).expect("seeds and edits are ASCII")
    })
}

/// What the regular expressions leave open and the definitions do not.
fn stricter(primitive: Primitive, input: &str) -> bool {
    match primitive {
        Integer | UnsignedInt | PositiveInt => input.parse::<i32>().is_err(),
        Date | DateTime | Instant => {
            let part =
                |range: std::ops::Range<usize>| input.get(range).and_then(|p| p.parse().ok());
            let (year, month, day): (Option<u32>, Option<u32>, Option<u32>) =
                (part(0..4), part(5..7), part(8..10));
            let (year, month, day) = (year.unwrap_or(0), month.unwrap_or(1), day.unwrap_or(1));
            let leap = year % 4 == 0 && year % 100 != 0 || year % 400 == 0;
            day > [31, 28 + u32::from(leap), 31, 30, 31, 30, 31, 31, 30, 31, 30, 31]
                [month as usize - 1]
        }
        _ => false,
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(4000))]
    #[test]
    fn hand_written_grammars_agree_with_the_official_ones(input in near_misses()) {
        for primitive in COMPARED {
            // Only JSON numbers come this far.
            let number = serde_json::from_str::<serde_json::Number>(&input).is_ok();
            if json_type(*primitive) == JsonType::Number && !number {
                continue;
            }
            let pattern = PATTERNS.iter().find(|(p, _)| p == primitive).map(|(_, r)| r).expect("listed");
            let expected = pattern.is_match(&input) && !stricter(*primitive, &input);
            prop_assert_eq!(accepts(*primitive, &input), expected, "{:?} `{}`", primitive, input);
        }
    }

    #[test]
    fn no_text_makes_a_grammar_panic(input in any::<std::string::String>(), markup in "[<>/div=\"'&;#x \n!-]{0,40}") {
        let all = [Base64Binary, Canonical, Code, Date, DateTime, Decimal, Id, Instant, Integer, Markdown,
            Oid, PositiveInt, String, Time, UnsignedInt, Uri, Url, Uuid, Xhtml];
        for primitive in all {
            accepts(primitive, &input);
            accepts(primitive, &format!("<div {markup}"));
        }
    }
}

static PATTERNS: std::sync::LazyLock<Vec<(Primitive, regex::Regex)>> =
    std::sync::LazyLock::new(|| {
        let compiled = |p: &Primitive| (*p, regex::Regex::new(official(*p)).expect("a pattern"));
        COMPARED.iter().map(compiled).collect()
    });
