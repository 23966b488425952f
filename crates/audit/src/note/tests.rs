//! Signed notes against published examples and hostile texts.

use proptest::prelude::*;

use super::*;

/// The example of Go's `golang.org/x/mod/sumdb/note`.
const GO_KEY: &str = "PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW";
const GO_NOTE: &str = "If you think cryptography is the answer to your problem,\n\
    then you don't know what your problem is.\n\
    \n\
    — PeterNeumann x08go/ZJkuBS9UG/SffcvIAQxVBtiFupLLr8pAcElZInNIuGUgYN1FFYC2pZSNXgKvqfqdngotpRZb6KE6RyyBwJnAM=\n";
/// The example of a verifier that is independent of Go's.
const OTHER_KEY: &str = "example.com/foo+530d903a+AekyeRrm56hApGFkyQR4ZCbV54Id2LKaANYcrnKv3U2k";
const OTHER_NOTE: &str = "This is an example message.\n\
    \n\
    — example.com/foo Uw2QOkn8srV1yJGh2VYRlL1Tnagv1YEq6TfXppzi2ONncAlTgK7Ztg1ERYNZXsYjOBH3mFXmRKuwHjG1Yu72IneyaQM=\n";

fn key(name: &str, seed: u8) -> SigningKey {
    SigningKey::from_seed(name, &[seed; 32]).unwrap()
}

fn verifier(text: &str) -> VerifierKey {
    VerifierKey::parse(text).unwrap()
}

#[test]
fn published_notes_open() {
    for (vkey, note) in [(GO_KEY, GO_NOTE), (OTHER_KEY, OTHER_NOTE)] {
        let text = note.split_once("\n\n").unwrap().0;
        let opened = open(note.as_bytes(), &[verifier(vkey)]).unwrap();
        assert_eq!(opened, format!("{text}\n"));
        assert_eq!(verifier(vkey).to_string(), vkey);
    }
    assert_eq!(open(GO_NOTE.as_bytes(), &[verifier(OTHER_KEY)]), Err(AuditError::Unsigned));
}

#[test]
fn unknown_signatures_are_passed_over_and_false_ones_are_not() {
    let (a, b) = (key("log.example/a", 1), key("log.example/b", 2));
    let text = "one\n\ntwo\n";
    let by_a = a.sign(text).unwrap();
    let line_b = b.sign(text).unwrap().split_off(text.len() + 1);
    let both = format!("{by_a}{line_b}");
    let keys = [b.verifier().clone(), a.verifier().clone()];
    assert_eq!(open(both.as_bytes(), &keys), Ok(text));
    assert_eq!(open(both.as_bytes(), &keys[..1]), Ok(text));
    assert_eq!(open(by_a.as_bytes(), &keys[..1]), Err(AuditError::Unsigned));

    let false_b = b.sign("another\n").unwrap().split_off("another\n".len() + 1);
    let mixed = format!("{by_a}{false_b}");
    let refused = Err(AuditError::Signature("log.example/b".into()));
    assert_eq!(open(mixed.as_bytes(), &keys), refused);
    assert_eq!(open(mixed.as_bytes(), &keys[1..]), Ok(text));

    // The same name with another key is another key.
    let imposter = key("log.example/a", 3).sign(text).unwrap();
    assert_eq!(open(imposter.as_bytes(), &keys), Err(AuditError::Unsigned));
}

#[test]
fn malformed_notes_are_refused() {
    let signed = key("k", 1).sign("text\n").unwrap();
    let keys = [key("k", 1).verifier().clone()];
    let line = signed.strip_prefix("text\n\n").unwrap().to_owned();
    let flood = format!("text\n\n{}", line.repeat(101));
    let long = format!("{}\n{line}", "x\n".repeat(MAX_NOTE_BYTES / 2));
    for bad in [
        "",
        "\n",
        "\n\n",
        "text\n",
        "text\n\n",
        signed.trim_end_matches('\n'),
        &signed.replace('\u{2014}', "--"),
        &signed.replace("text", "te\rxt"),
        &signed.replace("\u{2014} k ", "\u{2014}  "),
        &signed.replace("\u{2014} k ", "\u{2014} k  "),
        &signed.replace("\u{2014} k ", "\u{2014} k+k "),
        &signed.replace("=\n", "\n"),
        "text\n\n\u{2014} k AAAA\n",
        "text\n\n\u{2014} k AAAAAA==\n",
        &format!("{signed}x\n"),
        &format!("{signed}\n"),
        &flood,
        &long,
    ] {
        let found = open(bad.as_bytes(), &keys);
        assert!(matches!(found, Err(AuditError::Note(_))), "{bad:?}: {found:?}");
    }
    assert!(open(b"text\n\n\xff\n", &keys).is_err());
    assert!(open(signed.as_bytes(), &keys).is_ok());
}

#[test]
fn malformed_keys_and_texts_are_refused() {
    let good = key("k", 1).verifier().to_string();
    for bad in ["", "k", "k+1", "k+00000000+AAAA", &good[1..], &good.replace("k+", "x+")] {
        assert!(VerifierKey::parse(bad).is_err(), "{bad}");
    }
    assert!(VerifierKey::parse(&format!("{good}A")).is_err());
    for name in ["", "a b", "a+b", "a\u{a0}b", "a\nb"] {
        assert!(SigningKey::from_seed(name, &[1; 32]).is_err(), "{name:?}");
    }
    for text in ["", "\n", "no end", "a\tb\n"] {
        assert!(key("k", 1).sign(text).is_err(), "{text:?}");
    }
}

proptest! {
    #[test]
    fn what_is_signed_opens_and_no_changed_byte_does(
        text in "[^\\x00-\\x09\\x0b-\\x1f]{1,60}",
        at in any::<prop::sample::Index>(),
        bits in 1..=255u8,
    ) {
        let key = key("log.example/a", 5);
        let text = format!("{text}\n");
        let note = key.sign(&text).unwrap().into_bytes();
        let keys = [key.verifier().clone()];
        prop_assert_eq!(open(&note, &keys), Ok(text.as_str()));
        let mut changed = note.clone();
        changed[at.index(note.len())] ^= bits;
        prop_assert!(open(&changed, &keys).is_err());
    }

    #[test]
    fn noise_never_panics(note in ".{0,200}") {
        let _ = open(note.as_bytes(), &[verifier(GO_KEY)]);
        let _ = open(format!("{note}\n\n\u{2014} {note}\n").as_bytes(), &[verifier(GO_KEY)]);
        let _ = VerifierKey::parse(&note);
    }
}
