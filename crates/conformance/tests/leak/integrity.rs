//! References to what is not there and deletes of what is referred to, asked so that nothing is
//! stored whatever the answer: a delete that cannot be done stands beside what is tried.

use accord_base::Role;
use accord_engine::Outcome;
use serde_json::{Value, json};

use crate::answers::told;
use crate::session::Session;

/// Words of the two refusals.
const DANGLING: &str = "the resource that is referred to does not exist";
const REFERRED: &str = "the resource is referred to by others";

impl Session<'_> {
    /// A resource that refers to anything there is: it is missing if it is hidden.
    pub fn refer_to_any(&mut self) {
        let row = self.asking.row();
        if self.is_known(row) {
            return;
        }
        let target = format!("{}/{}", row.kind, row.id);
        let body = json!({"resourceType": "Basic", "code": {"text": "x"},
            "subject": {"reference": target}});
        let entry = json!({"request": {"method": "POST", "url": "Basic"}, "resource": body});
        let (ours, theirs) = self.tried(&entry);
        let (ours, theirs) = (told(&ours).contains(DANGLING), told(&theirs).contains(DANGLING));
        // Whoever acts for a patient alone writes nothing of this kind; and patients in care may
        // be named wherever their Patient resources are kept.
        let others = matches!(self.subject.role, Role::Patient | Role::Proxy);
        let equal = ours == theirs || (!ours && (others || row.kind == "Patient"));
        assert!(equal, "{}: to {target}: {ours}, not {theirs}", self.case);
        self.cases += 1;
    }

    /// A delete of anything there is: only what exists for the asker refers to it.
    pub fn delete_any(&mut self) {
        let row = self.asking.row();
        if self.is_known(row) {
            return;
        }
        let target = format!("{}/{}", row.kind, row.id);
        let entry = json!({"request": {"method": "DELETE", "url": target}});
        let (ours, theirs) = self.tried(&entry);
        let (ours, theirs) = (told(&ours).contains(REFERRED), told(&theirs).contains(REFERRED));
        // What may not be deleted at all is refused for that.
        let all = matches!(self.subject.role, Role::System | Role::Integration);
        let may = all && self.subject.grant.is_none();
        assert!(ours == theirs || (!ours && !may), "{}: {target}: {ours}", self.case);
        self.cases += 1;
    }

    /// Our answer and that of the store without the hidden things.
    fn tried(&self, entry: &Value) -> (Outcome, Outcome) {
        let never =
            json!({"request": {"method": "DELETE", "url": "Basic/never", "ifMatch": "W/\"9\""}});
        let body =
            json!({"resourceType": "Bundle", "type": "transaction", "entry": [entry, never]});
        let body = body.to_string();
        let ours = self.full.bundle(self.subject, &body, None);
        let theirs = self.small.bundle(self.system, &body, None);
        assert!(ours.is_err() && theirs.is_err(), "{}: nothing is stored", self.case);
        (ours, theirs)
    }
}
