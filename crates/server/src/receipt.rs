//! `accord receipt`: whether a receipt proves what it says.

use std::path::PathBuf;

use accord_audit::note::VerifierKey;
use accord_audit::tree::TreeHash;
use accord_audit::{Checkpoint, Receipt as Said, document_hash};
use clap::Args;
use serde_json::Value;

use crate::fail::Fail;
use crate::out;

/// Check a receipt that `Consent/$file` or `$revoke` answered with.
#[derive(Args)]
pub struct Receipt {
    /// The answer, as a file.
    file: PathBuf,
    /// The store's verifier key, from a source that is trusted; `accord checkpoint` prints it.
    #[arg(long, required_unless_present = "data")]
    key: Option<String>,
    /// Folder of the store: its key counts, and it must still hold what the checkpoint vouches
    /// for.
    #[arg(long)]
    data: Option<PathBuf>,
    /// The version that the receipt is about, as the server answers it.
    #[arg(long, value_name = "FILE")]
    document: Option<PathBuf>,
}

/// Runs the command. False if the receipt proves nothing.
pub fn run(receipt: &Receipt) -> Result<bool, Fail> {
    let answer: Value = serde_json::from_slice(&std::fs::read(&receipt.file)?)?;
    let key = match (&receipt.key, &receipt.data) {
        (Some(key), _) => key.clone(),
        (None, Some(data)) => accord_engine::last_checkpoint(data)?.1,
        (None, None) => return Err(Fail::new("a key or a store is needed")),
    };
    let keys = [VerifierKey::parse(&key)?];
    let found = match proven(&answer, &keys) {
        Ok(said) => said,
        Err(fault) => return bad(&fault),
    };
    if let Some(file) = &receipt.document {
        // Files often end in a line break that the server did not send.
        let document = std::fs::read(file)?;
        if document_hash(document.trim_ascii_end()) != found.document {
            return bad("the document is not the one that the receipt is about");
        }
    }
    if let Some(data) = &receipt.data {
        let note = text(&answer, "checkpoint").unwrap_or_default();
        if let Err(fault) = accord_engine::verify(data, Some(note.as_bytes()))? {
            return bad(&fault.to_string());
        }
    }
    out::line(&format!(
        "{} was stored by `{}` of {} at {}: record {} of the log of {}",
        found.version, found.act, found.who, found.at, found.leaf, found.origin
    ))?;
    Ok(true)
}

fn bad(fault: &str) -> Result<bool, Fail> {
    out::line(&format!("NOT GOOD: {fault}"))?;
    Ok(false)
}

/// What a receipt says, if it is signed and its record stands in the tree of its checkpoint.
fn proven(answer: &Value, keys: &[VerifierKey]) -> Result<Said, String> {
    let part = |name: &str| text(answer, name).ok_or_else(|| format!("it has no `{name}`"));
    let said = Said::open(part("receipt")?.as_bytes(), keys).map_err(|e| e.to_string())?;
    let note = part("checkpoint")?;
    let checkpoint = Checkpoint::open(note.as_bytes(), keys).map_err(|e| e.to_string())?;
    let proof: Option<Vec<TreeHash>> = texts(answer, "proof").map(hash).collect();
    let proof = proof.ok_or("a hash of its proof cannot be read")?;
    if !said.is_in(&checkpoint, &proof) {
        return Err("its record does not stand in the tree of its checkpoint".to_owned());
    }
    Ok(said)
}

fn texts<'a>(answer: &'a Value, name: &str) -> impl Iterator<Item = &'a str> {
    let all = answer.get("parameter").and_then(Value::as_array).into_iter().flatten();
    let of_name = all.filter(move |part| part.get("name").and_then(Value::as_str) == Some(name));
    of_name.filter_map(|part| part.get("valueString")?.as_str())
}

fn text<'a>(answer: &'a Value, name: &str) -> Option<&'a str> {
    texts(answer, name).next()
}

/// A hash from its 64 hexadecimal digits.
fn hash(text: &str) -> Option<TreeHash> {
    let mut bytes = [0; 32];
    if text.len() != 64 || !text.is_ascii() {
        return None;
    }
    for (at, byte) in bytes.iter_mut().enumerate() {
        *byte = u8::from_str_radix(text.get(2 * at..2 * at + 2)?, 16).ok()?;
    }
    Some(TreeHash(bytes))
}
