//! Patches of what is hidden, and of what is seen: a test tells what a read tells.

use std::sync::Arc;

use accord_base::Role;
use accord_conformance::{Store, id};
use accord_engine::{Answer, Category, Interaction, Outcome, Patch, PatchFormat, PatchOf};
use accord_spec::ResourceType;
use serde_json::{Value, json};

use crate::answers::told;
use crate::rules::Row;
use crate::session::Session;

impl Session<'_> {
    /// A patch of something hidden is answered as one of what never was.
    pub fn hidden_patch(&mut self) {
        let row = self.asking.row();
        let seen = self.visible.iter().any(|(kind, name, _)| *kind == row.kind && *name == row.id);
        if seen || self.subject.role == Role::System {
            return;
        }
        let how = self.asking.below(4);
        let body = self.tests(row);
        let send = |name: &str| {
            let of = match how {
                0 => PatchOf::Where(vec![("_id".to_owned(), name.to_owned())]),
                _ => PatchOf::Id(id(name)),
            };
            let if_match = (how == 1).then_some(row.version);
            let patch = patch(row, of, &body, if_match);
            if how != 3 {
                return told(&self.full.ask(self.subject, patch)).replace(name, "it");
            }
            let data = base64(body.to_string().as_bytes());
            let bundle = json!({"resourceType": "Bundle", "type": "transaction", "entry": [{
                "request": {"method": "PATCH", "url": format!("{}/{name}", row.kind)},
                "resource": {"resourceType": "Binary", "data": data,
                    "contentType": "application/json-patch+json"}}]});
            told(&self.full.bundle(self.subject, &bundle.to_string(), None)).replace(name, "it")
        };
        let (ours, expected) = (send(&row.id), send("never-was-here"));
        let what = format!("patch {how} of {}/{}", row.kind, row.id);
        self.equal(&what, &ours, &expected);
    }

    /// A patch that tests a value and then fails: how far it comes is told by a read.
    pub fn patch_test(&mut self) {
        let row = self.asking.row();
        if self.is_known(row) {
            return;
        }
        let mut body = self.tests(row);
        let fails = json!({"op": "test", "path": "/nothing", "value": 1});
        body.as_array_mut().unwrap().push(fails);
        let if_match = (self.asking.below(3) == 0).then_some(row.version);
        let send = |store: &Store, who| {
            store.ask(who, patch(row, PatchOf::Id(id(&row.id)), &body, if_match))
        };
        let ours = send(self.full, self.subject);
        assert!(ours.is_err(), "{}: it fails", self.case);
        if matches!(&ours, Err(failure) if failure.category == Category::Forbidden) {
            // By role or scopes alone: whatever is asked for.
            let never = patch(row, PatchOf::Id(id("never-was-here")), &body, if_match);
            let never = told(&self.full.ask(self.subject, never));
            return self.equal("a patch that is forbidden", &told(&ours), &never);
        }
        let theirs = send(self.small, self.system);
        let parts_left_out = matches!(self.read(row), Ok(Answer::Read(version))
            if version.body.contains("REDACTED") && self.subject.role != Role::System);
        let what = format!("patch {body} of {}/{}", row.kind, row.id);
        let precondition =
            matches!(&theirs, Err(failure) if failure.category == Category::Precondition);
        if !parts_left_out || precondition {
            return self.equal(&what, &told(&ours), &told(&theirs));
        }
        let left_out = told(&ours).contains("left out");
        assert!(left_out, "{}: {what}: {}", self.case, told(&ours));
    }

    /// Whether markers stand for versions of it: to writes it is not there, and so is nothing to
    /// compare with, as the other store has the markers themselves.
    pub fn is_known(&self, row: &Row) -> bool {
        self.known.keys().any(|(kind, name, _)| *kind == row.kind && *name == row.id)
    }

    fn read(&self, row: &Row) -> Outcome {
        let read = self.get(self.small, self.system, &format!("{}/{}", row.kind, row.id));
        self.masked(read)
    }

    /// Tests of a value that is or was there.
    fn tests(&self, row: &Row) -> Value {
        let Some(members) = row.content.as_object() else { return json!([]) };
        let members: Vec<_> = members.iter().filter(|(name, _)| *name != "meta").collect();
        if members.is_empty() {
            return json!([]);
        }
        let (name, value) = members[self.asking.below(members.len())];
        json!([{"op": "test", "path": format!("/{name}"), "value": value}])
    }
}

fn patch(row: &Row, of: PatchOf, body: &Value, if_match: Option<u32>) -> Interaction {
    let resource_type = ResourceType::from_name(&row.kind).unwrap();
    let (format, body) = (PatchFormat::Json, Arc::from(body.to_string().into_bytes()));
    Interaction::Patch(Box::new(Patch { resource_type, of, format, body, if_match }))
}

fn base64(bytes: &[u8]) -> String {
    const DIGITS: &[u8] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let mut out = String::new();
    for chunk in bytes.chunks(3) {
        let all = chunk.iter().fold(0u32, |all, byte| all << 8 | u32::from(*byte));
        let all = all << (8 * (3 - chunk.len()));
        for place in 0..4 {
            let digit = DIGITS[(all >> (18 - 6 * place)) as usize & 63];
            out.push(if place > chunk.len() { '=' } else { char::from(digit) });
        }
    }
    out
}
